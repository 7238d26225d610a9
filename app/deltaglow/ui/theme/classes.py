"""Classes told apart by colour and, since colour alone is not enough, by the shape of their marks."""

from __future__ import annotations

from PySide6.QtGui import QColor

from .theme import Theme

MARKS = ("o", "s", "t", "d", "+", "x", "star", "p", "h", "t1")
"""The shapes of the classes' marks, as pyqtgraph names them."""


def class_color(theme: Theme, number: int) -> QColor:
    """The colour of a class, counted from 0; after ten they begin again."""
    colors = theme.tokens.class_colors
    return QColor(colors[number % len(colors)])


def class_mark(number: int) -> str:
    """The shape of a class's mark."""
    return MARKS[number % len(MARKS)]
