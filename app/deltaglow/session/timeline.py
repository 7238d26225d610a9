"""Any past step, exactly: states kept along the way, and deterministic replay from the nearest one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from contextlib import nullcontext

from deltaglow.engine import Frame, NonFinite, Trainer, TrainerState
from deltaglow.session.memory import StateMemory, size_of

SPACING = 32
"""Steps between two states, as long as there is memory for so many."""
WIDE, FEW = 128, 64
"""Where steps are cheap, states are kept so many steps apart once there are more than a few: each costs as
much as a step or two.
"""
CHEAP = 50_000
"""Parameters times samples of a batch up to which 128 steps are replayed in about ten milliseconds."""
MOST = 4096
"""States of one stretch."""
WORTH_THREADS = 8
"""Steps to replay from which on it is worth starting a trainer's threads."""


class Timeline:
    """The states of one stretch of a run, in which nothing was edited: a step's number decides everything.

    Keeps a state every `spacing` steps; when the memory that it shares with others runs short, every other
    one is dropped, but never the first. Written by whoever steps the trainer; read only while nobody does.
    """

    def __init__(
        self,
        build: Callable[[], Trainer],
        first: TrainerState,
        spacing: int = SPACING,
        memory: StateMemory | None = None,
        batch_size: int | None = None,
    ) -> None:
        self._build = build
        self._replica: Trainer | None = None
        self._states = [first]
        self._spacing = spacing
        cheap = batch_size is not None and first.theta.size * batch_size <= CHEAP
        self._soon_enough = WIDE if cheap else spacing
        """The spacing up to which a few states are enough."""
        self.nbytes = size_of(first)
        """About the bytes that the states take."""
        self.resting = False
        """Whether the run has gone elsewhere: its states are the first to go when memory runs short."""
        self.next_step = first.step + spacing
        """The step at which the next state is due: the worker compares this one number."""
        self.memory = StateMemory() if memory is None else memory
        self.memory.join(self)

    @property
    def first(self) -> TrainerState:
        """Where the stretch begins."""
        return self._states[0]

    @property
    def spacing(self) -> int:
        """Steps from one state to the next."""
        return self._spacing

    @property
    def count(self) -> int:
        """How many states are kept."""
        return len(self._states)

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
            self.nbytes += size_of(state)
            if len(self._states) > (FEW if self._spacing < self._soon_enough else MOST):
                self.thin()
            self.memory.make_room()
        self.next_step = self._states[-1].step + self._spacing

    def bring(self, trainer: Trainer, step: int) -> None:
        """Put a trainer of this stretch's project where step number `step` begins."""
        trainer.restore(self._nearest(step))
        _go_on(trainer, step)

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
        """The run has gone elsewhere and may never come back."""
        self.let_go()
        self.resting = True

    def let_go(self) -> None:
        """Drop the trainer that replays; another is built when it is needed."""
        self._replica = None

    def thin(self) -> None:
        """Drop every other state, but never the first."""
        self._states = self._states[::2]
        self._spacing *= 2
        self.nbytes = sum(map(size_of, self._states))

    def _nearest(self, step: int) -> TrainerState:
        return self._states[bisect_right(self._states, step, key=lambda state: state.step) - 1]

    def _replay(self, step: int) -> Trainer:
        self.memory.replays(self)
        if self._replica is None:
            self._replica = self._build()
            self.bring(self._replica, step)
        trainer = self._replica
        if self._nearest(step).step <= trainer.step_count <= step:
            _go_on(trainer, step)
        else:
            self.bring(trainer, step)
        return trainer


def _go_on(trainer: Trainer, step: int) -> None:
    """Replay up to a step; in threads, where the trainer has some, if it is far."""
    far = step - trainer.step_count >= WORTH_THREADS
    with trainer.threads() if far else nullcontext():
        while trainer.step_count < step:
            trainer.run(step - trainer.step_count)
