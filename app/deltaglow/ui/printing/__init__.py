"""Worked solutions on paper."""

from deltaglow.ui.printing.pdf import pdf

__all__ = ["pdf"]
