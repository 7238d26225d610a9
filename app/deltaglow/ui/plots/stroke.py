"""A line on a plane: where it goes and what it looks like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtGui import QColor

from .colours import Floats


@dataclass(frozen=True, eq=False)
class Stroke:
    """places (n, 2). dashes: dashes and gaps in pixels, none for a line drawn through. ground: the colour of
    what lies below it, down to where it begins. area: it goes around an area, which is of its colour.
    """

    places: Floats
    colour: QColor
    dashes: Sequence[float] = ()
    ground: QColor | None = None
    area: bool = False
