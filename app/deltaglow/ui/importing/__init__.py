"""Importing a table: what is read of it, shown, chosen, and made a project."""

from .dialog import ImportDialog

__all__ = ["ImportDialog"]
