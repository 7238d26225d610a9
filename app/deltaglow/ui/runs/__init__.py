"""The branches of a run: their list, with what they have in common, and two of them beside each other."""

from .dialog import BranchDialog, show_branches

__all__ = ["BranchDialog", "show_branches"]
