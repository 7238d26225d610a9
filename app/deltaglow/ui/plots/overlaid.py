"""The runs that are drawn over a chart's own, as many as are chosen, each in a colour of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor

from deltaglow.ui.theme import Theme, blend

from .beside import RunCurves
from .pyramid import Array, Pyramid, View
from .run_colours import run_color, run_dashes
from .scales import Scale

_PALEST = 0.5
"""How far the last of a run's curves goes towards the ground: the first has the run's colour itself."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """One run. title, short: what it is called. number: of its colour. scale: what it is drawn against."""

    title: str
    short: str
    number: int
    pyramid: Pyramid
    scale: Scale


class LookAt(Protocol):
    """What is seen of a run's numbers."""

    def __call__(self, pyramid: Pyramid, scale: Scale) -> View:
        """On this scale."""


class Overlaid:
    """All of them, in a chart's plot."""

    def __init__(self, plot: pg.PlotItem, theme: Theme) -> None:
        self._plot = plot
        self._theme = theme
        self.runs: list[Drawn] = []
        self.curves: list[RunCurves] = []

    def __len__(self) -> int:
        return len(self.runs)

    def show(self, runs: Sequence[Drawn], columns: int) -> None:
        """Draw these from now on, so many columns of each."""
        self.runs = list(runs)
        while len(self.curves) > len(runs):
            gone = self.curves.pop()
            gone.wear([], ())
        while len(self.curves) < len(runs):
            self.curves.append(RunCurves(self._plot))
        for curves, run in zip(self.curves, runs, strict=True):
            curves.pyramid = run.pyramid
        self.dress(columns)

    def dress(self, columns: int) -> None:
        """Takes on the theme's colours."""
        for curves, run in zip(self.curves, self.runs, strict=True):
            curves.wear(self.colours(run, columns), run_dashes(run.number))

    def colours(self, run: Drawn, columns: int) -> list[QColor]:
        """Of so many curves of one run."""
        own, ground = run_color(self._theme, run.number), self._theme.color("panel")
        return [blend(own, ground, _PALEST * k / max(columns - 1, 1)) for k in range(columns)]

    def end_names(self, columns: int) -> tuple[list[str], list[QColor]]:
        """What stands at the right ends of the curves: of each run its short name, once."""
        names = [name for run in self.runs for name in [run.short, *[""] * (columns - 1)]][
            : columns * len(self)
        ]
        colours = [colour for run in self.runs for colour in self.colours(run, columns)]
        return names, colours

    @property
    def pyramids(self) -> list[Pyramid]:
        """Their numbers."""
        return [run.pyramid for run in self.runs]

    def extremes(self) -> Array:
        """The least and the greatest of all their numbers, as they are; empty where there are none."""
        return np.concatenate([np.empty(0), *(curves.extremes() for curves in self.curves)])

    @property
    def reach(self) -> float:
        """Where on the axis the longest ends."""
        return max((run.scale.at(max(len(run.pyramid) - 1, 0)) for run in self.runs), default=0.0)

    @property
    def shown(self) -> list[Array]:
        """What is drawn of each curve (n,), as it is scaled."""
        return [values for curves in self.curves for values in curves.shown]

    def draw(
        self,
        look: LookAt,
        scaled: Callable[[Array], Array],
        sparse: Sequence[bool],
    ) -> None:
        """Draws what `look` sees of each."""
        for curves, run in zip(self.curves, self.runs, strict=True):
            curves.draw(partial(look, scale=run.scale), scaled, sparse)
