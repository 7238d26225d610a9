"""What runs that are drawn over each other look like: colours and, as colour alone is not enough, dashes."""

from __future__ import annotations

from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap

from deltaglow.ui.theme import Theme
from deltaglow.ui.theme.classes import class_color

ORDER = (0, 1, 2, 3, 5, 4, 9, 8, 7)
"""Of the colours of classes those that no curve of a run's own has."""
DASHES: tuple[tuple[float, ...], ...] = ((), (9.0, 3.0), (2.0, 3.0), (9.0, 3.0, 2.0, 3.0))
"""They take turns with the colours, of which there is no multiple of them: so many differ."""
SIGNS = ("━", "╍", "┈", "┉")
"""The same in words."""
SWATCH = 16


def run_color(theme: Theme, number: int) -> QColor:
    """The colour of a run, counted from 0."""
    return class_color(theme, ORDER[number % len(ORDER)])


def run_dashes(number: int) -> tuple[float, ...]:
    """The dashes and gaps of its curves, in pixels; none for curves drawn through. Neighbours differ."""
    return DASHES[number % len(DASHES)]


def run_sign(number: int) -> str:
    """A piece of its curve, in words."""
    return SIGNS[DASHES.index(run_dashes(number))]


def swatch(theme: Theme, number: int) -> QIcon:
    """A piece of its curve."""
    made = QPixmap(2 * SWATCH, 2 * SWATCH)
    made.setDevicePixelRatio(2.0)
    made.fill(theme.color("raised"))
    with QPainter(made) as painter:
        pen = QPen(run_color(theme, number), 2.0)
        if dashes := run_dashes(number):
            pen.setDashPattern([length / 2 for length in dashes])
        painter.setPen(pen)
        painter.drawLine(1, SWATCH // 2, SWATCH - 1, SWATCH // 2)
    return QIcon(made)
