"""The look: tokens, palette, style sheet, fonts and icons."""

from .theme import CHOICES, Theme
from .tokens import ThemeError, blend

__all__ = ["CHOICES", "Theme", "ThemeError", "blend"]
