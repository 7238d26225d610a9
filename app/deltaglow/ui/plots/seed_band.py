"""The band of several seeds in a chart: least to greatest, and the median dotted. On pyqtgraph."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from deltaglow.explain.band import Band
from deltaglow.ui.theme import Theme, blend

from .beside import Look
from .pyramid import Array, Pyramid

_STRENGTH = 0.22
_PARTS = 3
"""Curves of a column: least, median, greatest."""


def band_pyramid(band: Band | None, columns: Sequence[str]) -> Pyramid:
    """Of each column its least, median and greatest; NaN for a column that the band does not have."""
    made = Pyramid(_PARTS * len(columns))
    if band is None or not set(columns) & set(band.names):
        return made
    rows = np.full((band.steps, _PARTS * len(columns)), np.nan)
    for place, name in enumerate(columns):
        if name in band.names:
            source = band.names.index(name)
            for part, values in enumerate((band.low, band.middle, band.high)):
                rows[:, _PARTS * place + part] = values[:, source]
    made.append(rows)
    return made


class SeedBand:
    """For each curve of a chart a filled band behind it and a dotted line in that, in its colour."""

    def __init__(self, plot: pg.PlotItem, theme: Theme) -> None:
        self._box = plot.getViewBox()
        self._theme = theme
        self.pyramid = Pyramid(0)
        self.fills: list[pg.FillBetweenItem] = []
        self.medians: list[pg.PlotCurveItem] = []

    def __len__(self) -> int:
        return len(self.pyramid)

    def dress(self, colours: Sequence[QColor]) -> None:
        """Gives the bands the colours of the chart's curves."""
        while len(self.fills) > len(colours):
            self._box.removeItem(self.fills.pop())
            self._box.removeItem(self.medians.pop())
        while len(self.fills) < len(colours):
            fill = pg.FillBetweenItem(pg.PlotCurveItem(), pg.PlotCurveItem())
            median = pg.PlotCurveItem(antialias=True, connect="finite", skipFiniteCheck=False)
            fill.setZValue(-20)
            median.setZValue(-15)
            for item in (fill, median):
                self._box.addItem(item, ignoreBounds=True)
            self.fills.append(fill)
            self.medians.append(median)
        for fill, median, colour in zip(self.fills, self.medians, colours, strict=True):
            fill.setBrush(blend(self._theme.color("panel"), colour, _STRENGTH))
            median.setPen(pg.mkPen(colour, width=1, style=Qt.PenStyle.DotLine))

    def show(self, band: Band | None, columns: Sequence[str]) -> None:
        """Takes the band of these columns, to be drawn from now on; None for none."""
        self.pyramid = band_pyramid(band, columns)

    def extremes(self) -> Array:
        """The least and the greatest of its numbers; empty where there are none."""
        found: Array = np.concatenate(self.pyramid.extremes(0, len(self.pyramid)))
        finite: Array = found[np.isfinite(found)]
        return finite

    def draw(self, look: Look, scaled: Callable[[Array], Array]) -> None:
        """Draws what `look` sees of it; nothing while there is no band."""
        there = len(self.pyramid) > 0 and self.pyramid.columns == _PARTS * len(self.fills)
        view = look(self.pyramid) if there else None
        for column, (fill, median) in enumerate(zip(self.fills, self.medians, strict=True)):
            y = None if view is None else scaled(view.y[_PARTS * column : _PARTS * (column + 1)])
            known = None if y is None else np.isfinite(y).all(axis=0)
            shown = known is not None and bool(known.any())
            for item in (fill, median):
                item.setVisible(shown)
            if view is not None and y is not None and known is not None and shown:
                low, middle, high = y[:, known]
                for curve, values in zip(fill.curves, (low, high), strict=True):
                    curve.setData(view.x[known], values)
                median.setData(view.x[known], middle)
