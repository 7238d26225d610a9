"""The loss of a project's samples at any parameters: what slices of the landscape are made of."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from deltaglow.engine import Evaluator, Frame, Network
from deltaglow.model.project import Project
from deltaglow.model.samples import Prepared, split

Floats = npt.NDArray[np.float64]
WORK = 8e8
"""Products that a whole picture may take: of more samples than that allows, evenly spaced ones are taken."""
FEWEST = 50


class LossAt:
    """The network that a frame is of, at other parameters; every layer works as in evaluation, and what
    layers remember is as it was there. points: of how many the picture is made.
    """

    def __init__(self, project: Project, made: Prepared, frame: Frame, complete: bool, points: int) -> None:
        self.architecture = frame.architecture
        self.centre: Floats = np.array(frame.theta_after if complete else frame.theta)
        self._network = Network.of(self.architecture)
        self._network.statistics[:] = frame.statistics_after if complete else frame.statistics
        most = max(int(WORK / points / max(self.architecture.parameters, 1)), FEWEST)
        training, held_out = split(project)
        data = made.dataset
        rows = _some(training, most)
        self.samples = len(rows)
        self._training = Evaluator(self._network, data.x[rows], data.y[rows])
        rows = _some(held_out, most)
        self._held_out = Evaluator(self._network, data.x[rows], data.y[rows]) if len(rows) else None

    def training(self, theta: Floats) -> float:
        """The mean loss of the training samples with parameters theta (P,), without penalties."""
        self._network.theta[:] = theta
        return float(self._training.scores()[0])

    def held_out(self, theta: Floats) -> float:
        """The same of the samples that are kept out of the training; NaN of none."""
        if self._held_out is None:
            return float("nan")
        self._network.theta[:] = theta
        return float(self._held_out.scores()[0])


def _some(rows: npt.NDArray[np.intp], most: int) -> npt.NDArray[np.intp]:
    """At most so many, evenly spaced."""
    return rows if len(rows) <= most else rows[np.linspace(0, len(rows) - 1, most).astype(np.intp)]
