"""Any past step, exactly: states kept along the way, and deterministic replay from the nearest one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

from deltaglow.engine import Frame, NonFinite, Trainer, TrainerState

MEMORY = 64 * 2**20
"""Bytes that the kept states may take."""
AT_REST = 8
"""How many states stay when the run has gone elsewhere."""


class Timeline:
    """The states of one stretch of a run, in which nothing was edited: a step's number decides everything.

    Keeps a state every `spacing` steps; when they would take too much memory, every other one is dropped,
    but never the first. Written by whoever steps the trainer; read only while nobody does.
    """

    def __init__(self, build: Callable[[], Trainer], first: TrainerState, spacing: int = 64) -> None:
        self._build = build
        self._replica: Trainer | None = None
        self._states = [first]
        self._spacing = spacing
        self.next_step = first.step + spacing
        """The step at which the next state is due: the worker compares this one number."""
        room = MEMORY // max(first.theta.nbytes * (1 + len(first.optimizer)), 1)
        self._room = min(max(room, 4), 4096)

    @property
    def first(self) -> TrainerState:
        """Where the stretch begins."""
        return self._states[0]

    @property
    def kept(self) -> tuple[TrainerState, ...]:
        """The states kept along the way, in order. Only while nobody writes."""
        return tuple(self._states)

    @property
    def held(self) -> list[object]:
        """What is held so that steps can come back: the states, and a trainer that replays from them."""
        return [self._states, self._replica]

    def keep(self, state: TrainerState) -> None:
        """Remember a state, unless one as late is known."""
        if state.step > self._states[-1].step:
            self._states.append(state)
            if len(self._states) > self._room:
                self._thin()
        self.next_step = self._states[-1].step + self._spacing

    def bring(self, trainer: Trainer, step: int) -> None:
        """Put a trainer of this stretch's project where step number `step` begins."""
        nearest = self._states[bisect_right(self._states, step, key=lambda state: state.step) - 1]
        trainer.restore(nearest)
        while trainer.step_count < step:
            trainer.step()

    def frame_at(self, step: int) -> Frame:
        """The frame of step number `step`; of a step that is not finite, as far as it went."""
        try:
            return self._replay(step).preview()
        except NonFinite as stop:
            assert stop.frame is not None
            return stop.frame

    def state_at(self, step: int) -> TrainerState:
        """All that decides the steps from number `step` on."""
        return self._replay(step).state()

    def rest(self) -> None:
        """Keep little, as the run has gone elsewhere and may never come back."""
        self._replica = None
        while len(self._states) > AT_REST:
            self._thin()

    def _replay(self, step: int) -> Trainer:
        if self._replica is None:
            self._replica = self._build()
            self.bring(self._replica, step)
        trainer = self._replica
        nearest = self._states[bisect_right(self._states, step, key=lambda state: state.step) - 1]
        if nearest.step <= trainer.step_count <= step:
            while trainer.step_count < step:
                trainer.step()
        else:
            self.bring(trainer, step)
        return trainer

    def _thin(self) -> None:
        self._states = self._states[::2]
        self._spacing *= 2
