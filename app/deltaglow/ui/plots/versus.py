"""A history plot's other run: what a comparison of two branches adds to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from deltaglow.session.branches import Branch
from deltaglow.session.history import History
from deltaglow.session.lab import Lab
from deltaglow.session.paged import PAGE

from .pyramid import Pyramid

PIECE = 200_000
"""Steps that are summarised at once."""

LINES = {"A": "━", "B": "┅"}
"""How the curves of either are drawn, as a sign."""


def other(lab: Lab) -> Branch | None:
    """The branch that the one stood on is compared with."""
    return None if lab.compared is None else lab.branches[lab.compared]


def pyramid_of(history: History, columns: Sequence[str]) -> Pyramid:
    """These columns of all its steps; what it does not have is NaN."""
    known = [name for name in columns if name in history.names]
    places = [columns.index(name) for name in known]

    def values(start: int, stop: int) -> NDArray[np.float32]:
        found = history.columns(known, start, stop)
        rows = np.full((len(found), len(columns)), np.nan, dtype=np.float32)
        rows[:, places] = found
        return rows

    made = Pyramid(len(columns), values, history.spill)
    for reached in range(PIECE, history.length + PIECE, PIECE):
        made.reach(min(reached, history.length))
    return made


def steps_of(runs: Sequence[tuple[History, Sequence[str]]]) -> Iterator[list[float]]:
    """The number of each step, and these columns of each run there; NaN for what is not finite, or is not
    there. As many steps as the longest has.
    """
    for start in range(0, max(history.length for history, _ in runs), PAGE):
        stop = max(min(history.length, start + PAGE) for history, _ in runs)
        rows = np.full((stop - start, sum(len(columns) for _, columns in runs)), np.nan)
        place = 0
        for history, columns in runs:
            known = [name for name in columns if name in history.names]
            found = history.columns(known, start, stop)
            places = [place + columns.index(name) for name in known]
            rows[: len(found), places] = found
            place += len(columns)
        rows[~np.isfinite(rows)] = np.nan
        for step, row in enumerate(rows.tolist(), start=start):
            yield [step, *row]


def titles(lab: Lab, short: bool = False) -> str:
    """Which run is A and which B, and how each is drawn; "" without a comparison."""
    branch = other(lab)
    if branch is None:
        return ""
    one, two = ("", "") if short else (f" {lab.branches.here.title}", f" {branch.title}")
    return f"A {LINES['A']}{one}  B {LINES['B']}{two}"
