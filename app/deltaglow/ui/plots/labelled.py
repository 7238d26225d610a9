"""One label all over a plane: where the network says yes and where no, and which samples have it."""

from __future__ import annotations

from html import escape

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor

from deltaglow.ui.theme import Theme
from deltaglow.ui.theme.classes import class_color, class_mark

from .colours import rgb

Floats = npt.NDArray[np.float64]
NO_MARK = "x"
"""The shape of a sample that does not have the label: another one than that of any of the first labels."""


def no_color(theme: Theme) -> QColor:
    """Of what does not have a label."""
    return theme.color("muted")


def tints(theme: Theme, k: int, said: Floats) -> tuple[Floats, Floats]:
    """For a label's probabilities (rows, columns): the colours of yes or of no, (rows, columns, 3), and how
    sure that is, 0 to 1.
    """
    both = np.array([rgb(no_color(theme)), rgb(class_color(theme, k))])
    return both[(said > 0.5).astype(int)], np.abs(2.0 * said - 1.0)


def dress(theme: Theme, k: int, yes: bool) -> tuple[str, QColor]:
    """The shape and the colour of the marks of samples that have label k, or do not have it."""
    return (class_mark(k), class_color(theme, k)) if yes else (NO_MARK, no_color(theme))


def key(theme: Theme, k: int, name: str) -> str:
    """Which colour is yes and which no, as rich text."""
    colours = class_color(theme, k).name(), no_color(theme).name()
    told = f"● {escape(name)}", f"✕ not {escape(name)}"
    return "&nbsp; ".join(
        f'<span style="color:{colour}">{word}</span>' for colour, word in zip(colours, told, strict=True)
    )
