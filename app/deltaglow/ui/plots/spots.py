"""Samples as marks on a plane, all of them one item, which soon follows when they move. On pyqtgraph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtGui import QColor

Floats = npt.NDArray[np.float64]
SIZE = 7


@dataclass(frozen=True, eq=False)
class Marks:
    """Samples of one kind: places (n, 2), their shape and colour, whether only their outline is drawn, and
    how large they are in pixels.
    """

    places: Floats
    shape: str
    colour: QColor
    hollow: bool = False
    size: int = SIZE


class Spots(pg.ScatterPlotItem):  # type: ignore[misc]  # pyqtgraph is untyped
    """All marks of a plane."""

    def __init__(self) -> None:
        super().__init__(pxMode=True)
        self.kinds: list[Marks] = []
        """What is drawn."""
        self._dress: object = None

    def show_marks(self, kinds: Sequence[Marks], canvas: QColor) -> None:
        """Draws these in place of those drawn before, full ones with an edge in the colour of the canvas."""
        self.kinds = [kind for kind in kinds if len(kind.places)]
        places = np.concatenate([kind.places for kind in self.kinds]) if self.kinds else np.empty((0, 2))
        looks = [
            (kind.shape, kind.colour.rgba(), kind.hollow, kind.size, len(kind.places)) for kind in self.kinds
        ]
        dress = (looks, canvas.rgba())
        if dress == self._dress:
            self._move(places)
            return
        self._dress = dress
        shapes, sizes, pens, brushes = [], [], [], []
        for kind in self.kinds:
            count = len(kind.places)
            shapes += [kind.shape] * count
            sizes += [kind.size] * count
            pens += [pg.mkPen(kind.colour if kind.hollow else canvas, width=1)] * count
            brushes += [pg.mkBrush(None if kind.hollow else kind.colour)] * count
        self.setData(x=places[:, 0], y=places[:, 1], symbol=shapes, size=sizes, pen=pens, brush=brushes)

    def _move(self, places: Floats) -> None:
        """The same marks elsewhere: their pictures need not be looked up again."""
        self.prepareGeometryChange()
        self.data["x"], self.data["y"] = places[:, 0], places[:, 1]
        self.bounds = [None, None]
        self.invalidate()
