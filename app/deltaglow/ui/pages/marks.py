"""The marks of classes, as the plots have them, drawn on a sheet."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath, QTransform

from deltaglow.ui.theme.classes import class_mark


def mark(number: int, centre: QPointF, size: float) -> QPainterPath:
    """The mark of a class, counted from 0, of so many pixels about a point."""
    place = QTransform.fromTranslate(centre.x(), centre.y()).scale(size, size)
    return place.map(_symbols()[class_mark(number)])


@cache
def _symbols() -> dict[str, QPainterPath]:
    """pyqtgraph's paths in a square of 1, imported late like the plots: no first window waits for them."""
    from pyqtgraph.graphicsItems.ScatterPlotItem import Symbols

    return dict(Symbols)
