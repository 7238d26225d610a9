"""What the units of a column look like: discs in the colour of their value or with a map, and figures."""

from __future__ import annotations

from functools import lru_cache
from math import isfinite, sqrt, tanh

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPixmap

from deltaglow.ui.diagram.sprites import CENTRE, disc, haloed, line, place, write
from deltaglow.ui.theme.theme import Theme
from deltaglow.ui.theme.tokens import blend

MOST_PICTURES = 512
"""Pictures of units kept for one column's looks: a few thousand bytes each."""
TINTS = 16
"""Steps of a unit's colour from zero to a large value."""
Figure = tuple[QPixmap, float, float]
"""A picture of a number, and how far it reaches to the left of its middle and above it."""


def figure_size(radius: float) -> int:
    """Of the figure in a unit, in pixels."""
    return 13 if radius >= 24 else 11 if radius >= 18 else 9


@lru_cache
def room(radius: float) -> int:
    """How many characters find room in a unit, where it is narrowest beside them."""
    size = figure_size(radius)
    return int(2 * sqrt(max(radius**2 - (0.35 * size) ** 2, 0.0)) / (0.6 * size))


class Looks:
    """What the units of a column have in common, and the pictures made with it so far."""

    def __init__(self, theme: Theme, radius: float, strength: float, ring: str, ratio: float) -> None:
        canvas = theme.color("canvas")
        self._radius, self._strength, self._ratio = radius, strength, ratio
        self._canvas, self._fill = canvas, theme.color("raised")
        self._signs = theme.color("negative"), theme.color("positive")
        self._ring = blend(canvas, theme.color(ring), max(strength, 0.6)).rgb()
        self._text = blend(canvas, theme.color("text"), max(strength, 0.55))
        self._font = theme.mono_font(figure_size(radius))
        self._width = 2.0 if radius > 8 else 1.2
        self._low = radius - max(2.0, 0.6 * (radius - 14.0))
        self._pictures: dict[tuple[float, str], QPixmap] = {}
        self._blanks: dict[int, QPixmap] = {}
        self._figures: dict[tuple[str, bool], Figure] = {}
        self.reach = self.picture(0.0, "").width() / ratio / 2

    def picture(self, value: float, text: str) -> QPixmap:
        """A unit with its value: blue or orange by sign, stronger for larger, in sixteenths."""
        found = self._pictures.get((value, text))
        if found is None:
            if len(self._pictures) >= MOST_PICTURES:
                self._pictures.clear()
            found = self._pictures[value, text] = self._draw(value, text)
        return found

    def blank(self, value: float) -> QPixmap:
        """A unit in the colour of its value, without the figure."""
        tint = round(TINTS * tanh(value)) if isfinite(value) else 0
        found = self._blanks.get(tint)
        if found is None:
            fill = blend(self._fill, self._signs[tint > 0], 0.42 * abs(tint) / TINTS)
            color = blend(self._canvas, fill, self._strength)
            found = disc(self._radius, color.rgb(), self._ring, self._width, self._ratio)
            self._blanks[tint] = found
        return found

    def figure(self, text: str, rimmed: bool = False) -> Figure:
        """A unit's figure; rimmed: with a rim that keeps it readable on any picture."""
        found = self._figures.get((text, rimmed))
        if found is None:
            if len(self._figures) >= MOST_PICTURES:
                self._figures.clear()
            if rimmed:
                picture = haloed(text, self._font, self._text, self._fill, self._ratio)
            else:
                picture = line(text, self._font, self._text, self._ratio)
            size = picture.deviceIndependentSize()
            found = self._figures[text, rimmed] = (picture, size.width() / 2, size.height() / 2)
        return found

    def draw_mapped(self, painter: QPainter, centre: QPointF, picture: QPixmap, row: int, text: str) -> None:
        """A unit with the map in this row of a strip of them, and its value at its lower rim, off the map."""
        place(painter, centre, self.blank(0.0))
        side = picture.width()
        reach = side / self._ratio / 2.0
        painter.setOpacity(self._strength)
        spot = QRectF(centre.x() - reach, centre.y() - reach, 2.0 * reach, 2.0 * reach)
        painter.drawPixmap(spot, picture, QRectF(0, row * side, side, side))
        painter.setOpacity(1.0)
        if text:
            figure, wide, high = self.figure(text, rimmed=True)
            painter.drawPixmap(QPointF(centre.x() - wide, centre.y() + self._low - high), figure)

    def _draw(self, value: float, text: str) -> QPixmap:
        picture = self.blank(value).copy()
        if text:
            middle = picture.width() / self._ratio / 2
            with QPainter(picture) as painter:
                box = QRectF(0, 0, 2 * middle, 2 * middle)
                write(painter, box, CENTRE, text, self._font, self._text, fleeting=True)
        return picture


@lru_cache(maxsize=64)
def looks_of(theme: Theme, name: str, radius: float, strength: float, ring: str, ratio: float) -> Looks:
    """The looks, with their pictures; `name` is the theme's, which can change."""
    del name
    return Looks(theme, radius, strength, ring, ratio)
