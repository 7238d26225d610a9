"""Threads that make the calls of several tapes at the same time."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np

from deltaglow.engine.ops import Tape, run


def processors() -> int:
    """How many processors this program may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Crew:
    """Runs tapes that write into different arrays. Which thread runs which is left to chance, and makes no
    difference to what they compute.

    hands: how many threads work at the same time, the caller's among them. The others are there between
    `open` and `close` only; at other times the caller runs one tape after the other. NumPy lets go of the
    interpreter in matrix products and in functions of large arrays: only there threads gain time.
    """

    def __init__(self, hands: int) -> None:
        self._hands = hands
        self._pool: ThreadPoolExecutor | None = None

    def run(self, tapes: Sequence[Tape]) -> None:
        """Make the calls of every tape, each tape's in order; back when all are made."""
        pool = self._pool
        if pool is None:
            for tape in tapes:
                run(tape)
            return
        others = [(pool.submit(run, tape), tape) for tape in tapes[1:]]
        try:
            run(tapes[0])
            for future, tape in reversed(others):
                if future.cancel():
                    run(tape)
        finally:
            for future, _ in others:
                _finish(future)

    def open(self) -> None:
        """Have threads from here on; each starts when it is first needed."""
        if self._pool is None and self._hands > 1:
            quiet = partial(np.seterr, all="ignore")
            self._pool = ThreadPoolExecutor(self._hands - 1, "micro-batch", initializer=quiet)

    def close(self) -> None:
        """End the threads."""
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None


@dataclass(frozen=True)
class Together:
    """A call on a tape: the crew runs these tapes."""

    crew: Crew
    tapes: Sequence[Tape]

    def __call__(self) -> None:
        """Make all their calls."""
        self.crew.run(self.tapes)


def call_count(tape: Tape) -> int:
    """How many calls a tape makes, with those that are made at the same time."""
    return sum(sum(map(call_count, call.tapes)) if isinstance(call, Together) else 1 for call in tape)


def _finish(future: Future[None]) -> None:
    if not future.cancelled():
        future.result()
