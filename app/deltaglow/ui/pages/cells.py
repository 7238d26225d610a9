"""What a sheet of a page is made of: numbers with a place, a bar and an address, and formulas."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF

from deltaglow.explain.numbers import Shown, fixed, show
from deltaglow.model.quantity import Quantity

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTRE = Qt.AlignmentFlag.AlignCenter
UNKNOWN = "·"
"""Stands for a number that the phases shown have not reached."""


@dataclass(frozen=True, slots=True)
class Bar:
    """From `start` to `stop`, parts of the cell's width; at `zero`, if anywhere, a line marks nothing."""

    start: float
    stop: float
    token: str
    zero: float | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """Something written or filled at a place. With a `quantity` it is a link to that number.

    token: the colour of the text. heat: −1 to 1, how strongly and with which sign the ground is tinted in the
    colour of `heat_token`. tip: what a tooltip says where there is no quantity. mark: an outline, for the row
    of a sample.
    """

    area: QRectF
    text: str = ""
    token: str = "text"
    quantity: Quantity | None = None
    size: float = 11.0
    align: Qt.AlignmentFlag = RIGHT
    mono: bool = True
    weight: int = 400
    bar: Bar | None = None
    heat: float | None = None
    heat_token: str = "delta"
    tip: str = ""
    mark: bool = False


@dataclass(frozen=True, slots=True)
class Formula:
    """Mathematics at a place; `text` is its plain form."""

    area: QRectF
    latex: str
    text: str
    token: str = "text"
    size: float = 13.0
    align: Qt.AlignmentFlag = RIGHT


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line in a colour."""

    x1: float
    y1: float
    x2: float
    y2: float
    token: str = "hairline"
    width: float = 1.0


@dataclass(slots=True)
class Layout:
    """All of a sheet at one width."""

    height: float
    cells: list[Cell] = field(default_factory=list)
    formulas: list[Formula] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)


def fitting(value: float, font: QFont, room: float, digits: int = 3, signed: bool = False) -> str:
    """The number with as many digits, up to `digits`, as there are pixels for."""
    return _fitting(value, font, room, [_digits(n) for n in range(digits, 0, -1)], signed)


def in_decimals(value: float, font: QFont, room: float, decimals: int = 3, signed: bool = False) -> str:
    """The same with a fixed count of decimals, for columns of numbers of one size."""
    return _fitting(value, font, room, [_decimals(n) for n in range(decimals, -1, -1)], signed)


def signed_bar(value: float, span: float, token: str) -> Bar:
    """A bar from the middle; half of the width stands for `span`."""
    share = min(max(value / span, -1.0), 1.0) if math.isfinite(value) and span > 0.0 else 0.0
    return Bar(min(0.5, 0.5 + share / 2), max(0.5, 0.5 + share / 2), token, 0.5)


def share_bar(value: float, span: float, token: str) -> Bar:
    """A bar from the left; the whole width stands for `span`."""
    share = min(max(value / span, 0.0), 1.0) if math.isfinite(value) and span > 0.0 else 0.0
    return Bar(0.0, share, token)


def _digits(count: int) -> Callable[[float], Shown]:
    return lambda value: show(value, count)


def _decimals(count: int) -> Callable[[float], Shown]:
    return lambda value: fixed(value, count)


def _fitting(
    value: float, font: QFont, room: float, ways: list[Callable[[float], Shown]], signed: bool
) -> str:
    metrics = QFontMetricsF(font)
    text = ""
    for way in ways:
        text = way(value).text
        if signed and value > 0.0:
            text = f"+{text}"
        if metrics.horizontalAdvance(text) <= room:
            break
    return text
