"""When steps were made: the seconds that training took up to each of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from time import perf_counter

import numpy as np
import numpy.typing as npt

APART = 0.25
"""Seconds between two notes; steps between them are taken to last equally long."""

Floats = npt.NDArray[np.float64]


class Pace:
    """Notes a few times a second how far a run has come, pauses left out: that costs a step nothing.

    Written and read by the window's thread alone.
    """

    def __init__(self) -> None:
        self._steps: list[int] = [0]
        self._seconds: list[float] = [0.0]
        self._tip: tuple[int, float] | None = None
        """The newest of all, which is replaced until it is time for a note."""
        self._since: float | None = None
        self._before = 0.0

    @classmethod
    def of(cls, steps: Sequence[int], seconds: Sequence[float]) -> Pace:
        """That of a run that had made so many steps after so many seconds of training; both ascending."""
        made = cls()
        for step, passed in zip(steps, seconds, strict=True):
            made._put(int(step), float(passed))
        return made

    @property
    def notes(self) -> tuple[list[int], list[float]]:
        """The steps that were noted, and the seconds up to each: both begin with 0."""
        known, seconds = self._all
        return list(known), list(seconds)

    def begin(self, step: int) -> None:
        """Training begins, or goes on, with this step: what comes after it is timed anew."""
        self._before = float(self.at(np.array([step]))[0])
        self._cut(step)
        self._put(step, self._before)
        self._since = perf_counter()

    def note(self, step: int) -> None:
        """So many steps are made now."""
        if self._since is not None:
            self._note(step, self._before + perf_counter() - self._since)

    def end(self, step: int) -> None:
        """Training stops after so many steps."""
        self.note(step)
        self._since = None

    def add(self, step: int, seconds: float) -> None:
        """One more step was made, by itself, in so many seconds: now there are so many."""
        self._note(step, float(self.at(np.array([step - 1]))[0]) + seconds)

    def at(self, steps: npt.NDArray[np.floating | np.integer]) -> Floats:
        """The seconds of training up to each step; those that nobody timed took none."""
        known, seconds = self._all
        found: Floats = np.interp(steps, known, seconds)
        return found

    def step_at(self, seconds: Floats) -> Floats:
        """The steps that were reached after so many seconds of training."""
        known, all_seconds = self._all
        found: Floats = np.interp(seconds, all_seconds, known)
        return found

    def branch(self, step: int) -> Pace:
        """That of another run, which has its first steps in common with this one."""
        made = Pace()
        made._steps, made._seconds, made._tip = list(self._steps), list(self._seconds), self._tip
        last = float(self.at(np.array([step]))[0])
        made._cut(step)
        made._put(step, last)
        return made

    @property
    def _all(self) -> tuple[list[int], list[float]]:
        if self._tip is None:
            return self._steps, self._seconds
        return [*self._steps, self._tip[0]], [*self._seconds, self._tip[1]]

    def _note(self, step: int, seconds: float) -> None:
        if step <= self._steps[-1]:
            return
        if seconds - self._seconds[-1] >= APART:
            self._put(step, seconds)
            self._tip = None
        else:
            self._tip = step, seconds

    def _put(self, step: int, seconds: float) -> None:
        if step > self._steps[-1]:
            self._steps.append(step)
            self._seconds.append(seconds)

    def _cut(self, step: int) -> None:
        """Forget what was noted of this step and later ones."""
        keep = max(bisect_right(self._steps, step - 1), 1)
        del self._steps[keep:], self._seconds[keep:]
        self._tip = None
