"""Between the worker and the window: the newest frame, and every step's scalars."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from math import inf
from statistics import median
from time import perf_counter

import numpy as np
import numpy.typing as npt

from deltaglow.engine import Frame, Trainer
from deltaglow.session.history import History
from deltaglow.session.timeline import Timeline

FRAME_COST, SMOOTH_COST = 50.0, 34.0
"""A frame is taken only if that keeps copying below one part in this many of the time. Where a little more,
below one in that many, lets the window have one whenever it draws, it has: every other of its pictures would
be missing.
"""
SMOOTH = 0.019
"""Seconds between two of its pictures."""
COLD, REMEMBERED = 3, 8
"""How many frames, the first of a run, take longer than others: what is made for them is made new."""
LEAST_COST = 20e-6
"""Seconds that copying a frame takes at least."""


class Mailbox:
    """Stands between the worker and its trainer: `step` runs in the worker's thread.

    It keeps the newest frame only and appends the step's scalars to the history: no step is lost from a
    plot, and no queue can grow. The window pulls with `take`, which also asks for the next frame; until
    somebody asks, the worker copies nothing.

    until: how many steps are wanted in all, None for no end; enough: called before the last of them.
    """

    def __init__(
        self,
        trainer: Trainer,
        history: History,
        timeline: Timeline,
        until: int | None = None,
        enough: Callable[[], None] | None = None,
    ) -> None:
        self._trainer = trainer
        self._history = history
        self._timeline = timeline
        self._frame: Frame | None = None
        self._wanted = True
        self._not_before = 0.0
        self._plain: float | None = None
        self._costs: deque[float] = deque(maxlen=REMEMBERED)
        """Of the last frames: the middle one counts. The least is one whose memory happened to be at hand."""
        self._pictured = -1
        self._last_but_one = inf if until is None else until - 1
        self._enough = enough
        self._due = self._next_due()
        """The step at which there is more to do than to make it."""

    @property
    def nearly_there(self) -> bool:
        """Whether the step that comes next is the last one that is wanted."""
        return self._trainer.step_count >= self._last_but_one

    @property
    def behind(self) -> bool:
        """True if steps were made since the newest frame."""
        return self._pictured != self._trainer.step_count

    def step(self, most: int, undisturbed: Callable[[], bool]) -> None:
        """Let the trainer take up to `most` steps, or one with a frame if that is wanted, and record them.
        It ends early where `undisturbed` says no.
        """
        if not self._wanted or perf_counter() < self._not_before:
            count = int(min(most, max(self._due - self._trainer.step_count, 1)))
            self._record(self._trainer.run(count, undisturbed))
            return
        if self._plain is None:
            # What copying takes is the difference between two steps, one without and one with it.
            start = perf_counter()
            self._trainer.step()
            self._plain = perf_counter() - start
        else:
            start = perf_counter()
            self._picture()
            now = perf_counter()
            self._costs.append(max(now - start - self._plain, LEAST_COST))
            self._not_before = now + self._apart()
            self._plain = None
        self._record(self._trainer.scalars[np.newaxis])

    def _apart(self) -> float:
        """Seconds from a frame to the next, at least."""
        cost = median(self._costs)
        if len(self._costs) <= COLD or SMOOTH_COST * cost <= SMOOTH:
            return min(SMOOTH_COST * cost, SMOOTH)
        return FRAME_COST * cost

    def last_step(self) -> None:
        """One more, with a frame."""
        self._picture()
        self._record(self._trainer.scalars[np.newaxis])

    def _record(self, rows: npt.NDArray[np.float64]) -> None:
        self._history.extend(rows)
        if self._trainer.step_count >= self._due:
            self._keep()

    def _keep(self) -> None:
        if self._trainer.step_count >= self._timeline.next_step:
            self._timeline.keep(self._trainer.state())
        if self._trainer.step_count == self._last_but_one:
            self._pictured = -1  # so that the last step is made, and pictured, when the run is told to stop
            if self._enough is not None:
                self._enough()
        self._due = self._next_due()

    def _next_due(self) -> float:
        last = self._last_but_one
        return min(self._timeline.next_step, last if last > self._trainer.step_count else inf)

    def _picture(self) -> None:
        self._frame = self._trainer.step(capture=True)
        self._pictured = self._trainer.step_count
        self._wanted = False

    def take(self) -> Frame | None:
        """The newest frame, if there is one that was not taken yet. Called by the window."""
        frame, self._frame = self._frame, None
        self._wanted = True
        return frame
