"""The learning-rate range test: a short run in which the rate grows step by step, until it is too large.

After L. N. Smith, "Cyclical Learning Rates for Training Neural Networks" (2017), section 3.3, with rates that
grow by a constant factor instead of a constant amount.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from deltaglow.engine import Evaluator, NonFinite
from deltaglow.explain.judged import few
from deltaglow.model import build
from deltaglow.model.project import Project, Schedule
from deltaglow.model.samples import prepared, split

Floats = npt.NDArray[np.float64]
LOW, HIGH = 1e-5, 10.0
"""The rates that it goes through."""
STEPS = 160
SMOOTHING = 0.9
"""How much of the mean so far stays when the next loss comes in."""
WORSE = 4.0
"""It stops where the smoothed loss is so many times its least."""
SAFE = 10.0
"""The rate advised is so many times smaller than the one at which the loss was least."""
LOOKED_AT = 1000
"""Samples of the training by which each rate is judged: of more, evenly spaced ones."""
BETTER = 0.99
"""Where the loss never falls below so much of the first, there is no rate to advise."""


class RangeTest:
    """Trains a copy of the project's network from the parameters given, one mini-batch for each rate.

    rates, losses (n,): of the steps made so far, each loss that of the batch before its step; `judged` those
    of the same samples every time, with the same parameters, and `smoothed` the running mean of these without
    its bias towards the start: of a network that has learned, one batch's loss is many times another's
    whatever the rate. Nothing of the project changes.
    """

    def __init__(self, project: Project) -> None:
        constant = replace(project.training, schedule=Schedule("constant"), early_stopping=None)
        self._trainer = build.trainer(replace(project, training=constant))
        self._all: Floats = LOW * (HIGH / LOW) ** (np.arange(STEPS) / (STEPS - 1))
        self._losses: list[float] = []
        self._judged: list[float] = []
        made, rows = prepared(project).dataset, few(split(project)[0], 1, LOOKED_AT)
        self._evaluator = Evaluator(self._trainer.network, made.x[rows], made.y[rows])
        self._means: list[float] = []
        self._mean = 0.0
        self.done = False
        """Whether there is nothing left to try."""

    @property
    def rates(self) -> Floats:
        """η of each step made."""
        return self._all[: len(self._losses)]

    @property
    def losses(self) -> Floats:
        """The loss of each step's batch."""
        return np.array(self._losses)

    @property
    def judged(self) -> Floats:
        """The loss of the same samples before each step."""
        return np.array(self._judged)

    @property
    def smoothed(self) -> Floats:
        """Its running mean."""
        return np.array(self._means)

    @property
    def share(self) -> float:
        """How much of it is done, 0 to 1."""
        return 1.0 if self.done else len(self._losses) / STEPS

    def step(self) -> None:
        """Try the next rate. It is done after the last, or where the loss has grown far or is not finite."""
        count = len(self._losses)
        self._trainer.learning_rate = float(self._all[count])
        judged = self._evaluator.scores()[0]
        if not np.isfinite(judged):
            self.done = True
            return
        try:
            self._trainer.step()
        except NonFinite:
            self.done = True
            return
        self._mean = SMOOTHING * self._mean + (1.0 - SMOOTHING) * judged
        self._losses.append(float(self._trainer.scalars[0]))
        self._judged.append(judged)
        self._means.append(self._mean / (1.0 - SMOOTHING ** (count + 1)))
        far = self._means[-1] > WORSE * min(self._means)
        self.done = far or len(self._losses) == STEPS

    @property
    def advised(self) -> float | None:
        """A tenth of the rate at which the smoothed loss was least, to two digits; None where the loss hardly
        fell, or there are too few steps to say.
        """
        if len(self._means) < STEPS // 8 or min(self._means) > BETTER * self._means[0]:
            return None
        least = int(np.argmin(self._means))
        return float(f"{self._all[least] / SAFE:.2g}")
