"""Worked solutions on paper."""

from deltaglow.ui.printing.pdf import pdf, printing

__all__ = ["pdf", "printing"]
