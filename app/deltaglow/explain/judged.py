"""How well the network shown does on the samples: those it trains on, or those kept out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from deltaglow.engine import Architecture, Evaluation, Evaluator, Frame, Network
from deltaglow.model.project import Project
from deltaglow.model.samples import Prepared, split

WORK = 4e8
"""Products that one judgement may take: of more samples than that allows, evenly spaced ones are taken."""


Rows = npt.NDArray[np.intp]


def few(rows: Rows, parameters: int, most: int | None = None) -> Rows:
    """All rows, or as many evenly spaced ones as a network of so many parameters is asked about in a moment;
    at most so many, if that is given.
    """
    allowed = max(int(WORK / max(parameters, 1)), 100) if most is None else most
    return rows if len(rows) <= allowed else rows[np.linspace(0, len(rows) - 1, allowed).astype(np.intp)]


class Judge:
    """Judges frames of one network on the samples trained on or, with `held_out`, on those kept out of it.

    rows: which samples of the set are looked at, at most so many that a look takes a moment.
    """

    def __init__(self, project: Project, made: Prepared, architecture: Architecture, held_out: bool) -> None:
        rows = split(project)[held_out]
        self.there_are = len(rows)
        self.rows = few(rows, architecture.parameters)
        self._network = Network.of(architecture)
        x, y = made.dataset.x[self.rows], made.dataset.y[self.rows]
        self._evaluator = Evaluator(self._network, x, y) if len(rows) else None

    def __call__(self, frame: Frame, complete: bool) -> Evaluation | None:
        """With the parameters before the frame's step or, if it is complete, after it; None of no samples."""
        self._network.theta[:] = frame.theta_after if complete else frame.theta
        self._network.statistics[:] = frame.statistics_after if complete else frame.statistics
        return None if self._evaluator is None else self._evaluator.evaluate()
