"""What a chart draws beside the curves of its own run: those of other runs. On pyqtgraph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import nan

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from deltaglow.ui.theme import Theme, blend

from .pyramid import Array, Pyramid, View

_MUTED = 0.55
"""How far another run's colours go towards that of muted text: dashes alone are lost in a noisy curve."""
_DASHES = (5.0, 3.0)
Look = Callable[[Pyramid], View]


class RunCurves:
    """The same columns of another run as a chart draws of its own, behind those."""

    def __init__(self, plot: pg.PlotItem) -> None:
        self._box = plot.getViewBox()
        self._curves: list[pg.PlotCurveItem] = []
        self.pyramid = Pyramid(0)
        self.shown: list[Array] = []
        """What is drawn of each curve (n,), as it is scaled."""

    def __len__(self) -> int:
        return len(self.pyramid)

    def wear(self, colours: Sequence[QColor], dashes: Sequence[float]) -> None:
        """A curve in each of these colours, with dashes and gaps so many pixels long; none: drawn through."""
        while len(self._curves) > len(colours):
            self._box.removeItem(self._curves.pop())
        while len(self._curves) < len(colours):
            curve = pg.PlotCurveItem(antialias=True, connect="finite", skipFiniteCheck=False)
            curve.setZValue(-5)
            self._box.addItem(curve, ignoreBounds=True)
            self._curves.append(curve)
        for curve, colour in zip(self._curves, colours, strict=True):
            pen = pg.mkPen(colour, width=1)
            if dashes:
                pen.setStyle(Qt.PenStyle.CustomDashLine)
                pen.setDashPattern(dashes)
            curve.setPen(pen)

    def extremes(self) -> Array:
        """The least and the greatest of all its numbers, as they are; empty where there are none."""
        low, high = self.pyramid.extremes(0, len(self.pyramid))
        found: Array = np.concatenate([low, high])
        finite: Array = found[np.isfinite(found)]
        return finite

    def draw(self, look: Look, scaled: Callable[[Array], Array], sparse: Sequence[bool]) -> None:
        """Draws what `look` sees of it; nothing while there is no other run."""
        there = len(self.pyramid) > 0 and self.pyramid.columns == len(self._curves)
        view = look(self.pyramid) if there else None
        self.shown = []
        for column, curve in enumerate(self._curves):
            curve.setVisible(there)
            if view is not None:
                y = scaled(view.y[column])
                known = np.isfinite(y) if sparse[column] else slice(None)
                curve.setData(view.x[known], y[known])
                self.shown.append(y)

    def value(self, column: int, step: int, back: int) -> float:
        """The last known number of a column at a step, or up to `back` steps before; NaN for none."""
        values = self.pyramid.values(max(step - back, 0), step + 1)[column]
        known = np.flatnonzero(np.isfinite(values))
        return float(values[known[-1]]) if step < len(self.pyramid) and known.size else nan


class OtherRun(RunCurves):
    """The run that the chart's own is compared with: dashed, in paler colours."""

    def __init__(self, plot: pg.PlotItem, theme: Theme) -> None:
        super().__init__(plot)
        self._theme = theme

    def dress(self, colours: Sequence[QColor]) -> list[QColor]:
        """The colours of the run's own curves give those of these, which it answers."""
        muted = self._theme.text_color("muted")
        made = [blend(colour, muted, _MUTED) for colour in colours]
        self.wear(made, _DASHES)
        return made
