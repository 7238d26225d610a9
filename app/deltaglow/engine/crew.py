"""Threads that make the calls of several tapes at the same time."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import pairwise
from queue import Empty, SimpleQueue
from threading import Thread
from time import sleep

import numpy as np

from deltaglow.engine.ops import Tape, run

PATIENCE = 300
"""Looks at whether the others are done before falling asleep: to be woken takes 100 µs."""
LINE = 8
"""Numbers in a line of a processor's nearest memory: no two hands write into one."""


def processors() -> int:
    """How many processors this program may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Crew:
    """Runs tapes that write into different arrays. Which thread runs which is left to chance, and makes no
    difference to what they compute.

    hands: how many threads work at the same time, the caller's among them. The others are there while
    `at_work` is open only; at other times the caller runs one tape after the other. NumPy lets go of the
    interpreter in matrix products and in functions of large arrays: only there threads gain time. A step
    calls the crew together several times, so a tape is handed over by the quickest of Python's queues: it
    takes 20 µs there and back where an executor of `concurrent.futures` takes 45.
    """

    def __init__(self, hands: int = 1) -> None:
        self.hands = hands
        self._threads: list[Thread] = []
        self._due: SimpleQueue[Tape | None] = SimpleQueue()
        self._done: SimpleQueue[BaseException | None] = SimpleQueue()

    def run(self, tapes: Sequence[Tape]) -> None:
        """Make the calls of every tape, each tape's in order; back when all are made. Raises what one raised
        once the others have come to their end.
        """
        if not self._threads:
            for tape in tapes:
                run(tape)
            return
        for tape in tapes[1:]:
            self._due.put(tape)
        failures = [_failure(tapes[0])]
        with suppress(Empty):
            while (due := self._due.get_nowait()) is not None:
                failures.append(_failure(due))
        missing = len(tapes) - len(failures)
        for _ in range(PATIENCE):
            if self._done.qsize() >= missing:
                break
            sleep(0)
        failures += [self._done.get() for _ in range(missing)]
        for failure in failures:
            if failure is not None:
                raise failure

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """While it is open, there are threads; none is left when it closes."""
        self._threads = [Thread(target=self._work, name=f"crew-{i}") for i in range(1, self.hands)]
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            for _ in self._threads:
                self._due.put(None)
            for thread in self._threads:
                thread.join()
            self._threads = []

    def _work(self) -> None:
        np.seterr(all="ignore")
        while (tape := self._due.get()) is not None:
            self._done.put(_failure(tape))


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


def pieces(length: int, count: int, line: int = LINE) -> list[slice]:
    """So many numbers in pieces of about equal size, each of which begins at the start of a line."""
    ends = [length * i // count // line * line for i in range(count)] + [length]
    return [slice(start, end) for start, end in pairwise(ends)]


def _failure(tape: Tape) -> BaseException | None:
    """Make the calls of a tape. Whatever one raises, in whichever thread, is for the caller of the crew."""
    try:
        run(tape)
    except BaseException as failure:
        return failure
    return None
