"""Any past step, exactly: states kept along the way, and deterministic replay from the nearest one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

from deltaglow.engine import Frame, NonFinite, Trainer, TrainerState

MEMORY = 64 * 2**20
"""Bytes that the kept states may take."""


class Timeline:
    """Keeps a state every `spacing` steps; when they would take too much memory, every other one is dropped.

    A state kept as `pinned` (where an edit changed the course of the run) is never dropped, so replay never
    crosses an edit. Written by whoever steps the trainer; read only while nobody does.
    """

    def __init__(self, build: Callable[[], Trainer], first: TrainerState, spacing: int = 64) -> None:
        self._build = build
        self._replica: Trainer | None = None
        self._states = [first]
        self._pinned = {first.step}
        self._spacing = spacing
        self.next_step = first.step + spacing
        """The step at which the next state is due: the worker compares this one number."""
        self._room = max(32, MEMORY // max(first.theta.nbytes * (1 + len(first.optimizer)), 1))
        self._room = min(self._room, 4096)

    def keep(self, state: TrainerState, pinned: bool = False) -> None:
        """Remember a state; it replaces one of the same step."""
        while self._states and self._states[-1].step >= state.step:
            self._states.pop()
        self._states.append(state)
        if pinned:
            self._pinned.add(state.step)
        if len(self._states) > self._room:
            self._thin()
        self.next_step = state.step + self._spacing

    def truncate(self, step: int) -> None:
        """Forget everything after `step`."""
        while len(self._states) > 1 and self._states[-1].step > step:
            self._pinned.discard(self._states.pop().step)
        self.next_step = max(step, self._states[-1].step) + self._spacing

    def state_at(self, step: int) -> TrainerState:
        """The trainer's state before step number `step`."""
        return self._replay(step).state()

    def frame_at(self, step: int) -> Frame:
        """The frame of step number `step`; of a step that is not finite, as far as it went."""
        try:
            return self._replay(step).preview()
        except NonFinite as stop:
            assert stop.frame is not None
            return stop.frame

    def _replay(self, step: int) -> Trainer:
        if self._replica is None:
            self._replica = self._build()
        trainer = self._replica
        nearest = self._states[bisect_right(self._states, step, key=lambda state: state.step) - 1]
        if not nearest.step <= trainer.step_count <= step or trainer.learning_rate != nearest.learning_rate:
            trainer.restore(nearest)
        while trainer.step_count < step:
            trainer.step()
        return trainer

    def _thin(self) -> None:
        self._states = [s for i, s in enumerate(self._states) if i % 2 == 0 or s.step in self._pinned]
        self._spacing *= 2
