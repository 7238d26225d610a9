"""The distributions along a run: taken as it goes, and of the past from the steps themselves, when asked."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Slot

from deltaglow.explain.sketch import Sketch, sketch
from deltaglow.session.history import History
from deltaglow.session.lab import Lab

MOST = 160
"""Sketches that are kept; when there are more, those that stand closest together go."""
WANTED = 80
"""Into so many parts a run is divided, each of which should have one."""


class Sketches(QObject):
    """Sketches of the run that a laboratory shows, by step, ascending in `steps`: of those that can be shown
    with the project that is shown, be it an earlier one.
    """

    def __init__(self, lab: Lab, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lab = lab
        self._made: dict[int, Sketch] = {}
        self._history: History | None = None
        lab.historyReset.connect(self._on_reset)
        self._on_reset()

    @property
    def steps(self) -> list[int]:
        """Of which steps there are sketches."""
        first, last = self._lab.alike
        return [step for step in sorted(self._made) if first <= step <= last]

    def at(self, step: int) -> Sketch:
        """The sketch that is nearest to a step; KeyError if there is none."""
        steps = self.steps
        if not steps:
            raise KeyError(step)
        return self._made[steps[int(np.abs(np.array(steps) - step).argmin())]]

    def take(self) -> bool:
        """Take one of the frame shown, unless there is one or its numbers are not all there yet."""
        frame = self._lab.frame
        done = frame.step < self._lab.head or self._lab.running
        if frame.step in self._made or not done:
            return False
        self._made[frame.step] = sketch(frame)
        if len(self._made) > MOST:
            self._thin()
        return True

    def missing(self) -> list[int]:
        """The steps, in the middle of their parts of the run, that no sketch is near to."""
        first, last = self._lab.alike
        head = min(last, self._lab.head - 1) + 1
        if self._lab.running or head <= first:
            return []
        parts = np.unique(np.linspace(first, head, min(WANTED, head - first) + 1).astype(int))
        there = np.array(self.steps)
        middles = (parts[:-1] + parts[1:] - 1) // 2
        held = np.histogram(there, parts)[0] > 0 if there.size else np.zeros(len(middles), dtype=bool)
        return [int(step) for step in middles[~held]]

    def fill(self, step: int) -> None:
        """Take one of a past step, which is worked out again. Only while the laboratory is not running."""
        self._made[step] = sketch(self._lab.past_frame(step))

    def _thin(self) -> None:
        steps: npt.NDArray[np.intp] = np.array(sorted(self._made))
        gaps = steps[2:] - steps[:-2]
        del self._made[int(steps[1 + int(gaps.argmin())])]

    @Slot()
    def _on_reset(self) -> None:
        """Keep what another history has in common with the last one."""
        history = self._lab.history
        common = 0 if self._history is None else history.common(self._history)
        self._history = history
        self._made = {step: made for step, made in self._made.items() if step < common}
