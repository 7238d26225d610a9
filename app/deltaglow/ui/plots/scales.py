"""What a curve over the steps is drawn against: the step, the epoch, or the seconds of training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from deltaglow.session.history import History

from .pyramid import Array

if TYPE_CHECKING:
    from .chart import Chart

ACROSS = {
    "step": ("Step", "Against the step"),
    "epoch": ("Epoch", "Against the epoch: 1 when every sample of the training was used once"),
    "time": ("Time", "Against the seconds that training took, pauses left out"),
}
"""What can be chosen: its word, and what it means."""


@dataclass(frozen=True, eq=False)
class Scale:
    """label: the axis's. place: of steps on the axis; steps: of places. whole: whether places are whole."""

    label: str
    place: Callable[[Array], Array]
    steps: Callable[[Array], Array]
    whole: bool = False

    def at(self, step: float) -> float:
        """The place of one step."""
        return float(self.place(np.array([step], dtype=np.float64))[0])

    def step(self, place: float) -> float:
        """The step of one place."""
        return float(self.steps(np.array([place], dtype=np.float64))[0])


STEP = Scale("step", lambda steps: steps, lambda places: places, whole=True)


def scale(across: str, steps_per_epoch: int, history: History) -> Scale:
    """Of a run."""
    if across == "step":
        return STEP
    if across == "epoch":
        each = float(steps_per_epoch)
        return Scale("epoch", lambda steps: steps / each, lambda places: places * each)
    return Scale("time, s", history.pace.at, history.pace.step_at)


def step_words(step: int, across: str, chart: Chart | None) -> str:
    """Which step it is, and where it lies on the axis."""
    if across == "step" or chart is None:
        return f"step {step}"
    place = chart.scales[0].at(step)
    return f"step {step}, epoch {place:.4g}" if across == "epoch" else f"step {step}, {place:.4g} s"
