"""The memory that the states kept along all runs of a laboratory share, so that past steps can come back."""

from __future__ import annotations

from typing import Any, Protocol
from weakref import WeakSet, ref

from deltaglow.engine import TrainerState
from deltaglow.session.spill import Spill

MEMORY = 512 * 2**20
"""Bytes that the states may take."""
LEAST, AT_REST = 4, 8
"""How many states a run keeps in any case, and how many one that was left may have before others must."""
BESIDE = 2048
"""About the bytes that a state takes beside its arrays: the states of generators, and Python's objects."""


class Keeping(Protocol):
    """What keeps states of a run."""

    resting: bool

    @property
    def count(self) -> int:
        """How many states."""

    @property
    def nbytes(self) -> int:
        """The bytes that they take."""

    @property
    def held(self) -> list[object]:
        """All that it holds on to."""

    def thin(self) -> None:
        """Drop about every other state, but never the first."""

    def let_go(self) -> None:
        """Drop the trainer that replays."""


class StateMemory:
    """Shared by all that keep states. When they take more than `bound` bytes, the one that takes most is
    thinned, those that the run has left before the one it is on. Every one has its first state in any case,
    from which the others can be computed again; so many runs of many parameters may take more.

    One trainer replays at a time: the next one that needs one lets the last one go.
    """

    def __init__(self, bound: int = MEMORY) -> None:
        self.bound = bound
        self.spill = Spill()
        """Where curves are that have grown long."""
        self._members: WeakSet[Any] = WeakSet()
        self._replaying: ref[Any] | None = None

    def join(self, member: Keeping) -> None:
        """Share the memory with one more; it leaves by itself when nobody holds it any more."""
        self._members.add(member)

    @property
    def members(self) -> list[Keeping]:
        """All that share it."""
        return list(self._members)

    @property
    def nbytes(self) -> int:
        """The bytes that all kept states take."""
        return sum(member.nbytes for member in self.members)

    @property
    def count(self) -> int:
        """How many states are kept."""
        return sum(member.count for member in self.members)

    @property
    def held(self) -> list[object]:
        """Everything that is held so that past steps can come back."""
        return [member.held for member in self.members]

    def make_room(self) -> None:
        """Thin until what is kept fits. Called by whoever has just kept a state, while nobody reads any."""
        members = self.members
        spent = sum(member.nbytes for member in members)
        while spent > self.bound:
            largest = max(members, key=_spare)
            if _spare(largest)[0] < 0:
                return
            before = largest.nbytes
            largest.thin()
            spent += largest.nbytes - before

    def replays(self, member: Keeping) -> None:
        """This one needs a trainer to replay with: whoever had one lets it go."""
        last = self._replaying() if self._replaying is not None else None
        if last is not None and last is not member:
            last.let_go()
        self._replaying = ref(member)


def size_of(state: TrainerState) -> int:
    """About the bytes that a state takes."""
    watch = state.watch
    beside = (state.theta, state.statistics, *state.optimizer, watch.best_theta, watch.best_statistics)
    return BESIDE + sum(array.nbytes for array in beside if array is not None)


def _spare(member: Keeping) -> tuple[int, int]:
    """Who is thinned first: the greater, the sooner; below 0 never."""
    if member.count <= (1 if member.resting else LEAST):
        return -1, 0
    return int(member.resting and member.count > AT_REST), member.nbytes
