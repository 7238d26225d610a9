"""The names at the right ends of a chart's curves, pushed apart. On pyqtgraph: only charts import it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QFont

from .pyramid import Array

_LABEL_GAP = 13  # px between two names


class EndLabels:
    """One name for each curve of a plot; "" for those that have none."""

    def __init__(self, plot: pg.PlotItem) -> None:
        self._plot = plot
        self._names: list[str] = []
        self.items: list[pg.TextItem] = []

    def name(self, names: Sequence[str], colours: Sequence[QColor], font: QFont) -> None:
        """Names them anew."""
        self._names = list(names)
        while len(self.items) > len(names):
            self._plot.scene().removeItem(self.items.pop())
        while len(self.items) < len(names):
            self.items.append(pg.TextItem(anchor=(0, 0.5)))
            self._plot.scene().addItem(self.items[-1])
        for item, name, colour in zip(self.items, names, colours, strict=True):
            item.setText(name)
            item.setColor(colour)
            item.setFont(font)

    def place(self, y: Sequence[Array]) -> None:
        """Puts each at the right end of its curve, y each (n,) as drawn; without a value it is hidden."""
        for item in self.items[0 if not any(self._names) else len(y) :]:
            item.setVisible(False)
        if not any(self._names):
            return
        box = self._plot.getViewBox()
        frame = box.mapRectToScene(box.boundingRect())
        (_, _), (bottom, top) = box.viewRange()
        finite = [column[np.isfinite(column)] for column in y]
        for item, values in zip(self.items, finite, strict=False):
            item.setVisible(values.size > 0 and item.toPlainText() != "")
        marks = sorted(
            (frame.bottom() - (values[-1] - bottom) / (top - bottom) * frame.height(), index)
            for index, values in enumerate(finite)
            if values.size and index < len(self._names) and self._names[index]
        )
        places = _spread([mark[0] for mark in marks], frame.top() + 5, frame.bottom() - 5)
        for (_, index), place in zip(marks, places, strict=True):
            self.items[index].setPos(QPointF(frame.right() + 1, place))


def _spread(places: list[float], top: float, bottom: float) -> list[float]:
    """The ascending `places` moved as little as needed to stand `_LABEL_GAP` apart between top and bottom."""
    moved: list[float] = []
    for place in places:
        moved.append(max(min(max(place, top), bottom), moved[-1] + _LABEL_GAP if moved else top))
    limit = bottom
    for k in range(len(moved) - 1, -1, -1):
        moved[k] = min(moved[k], limit)
        limit = moved[k] - _LABEL_GAP
    return moved
