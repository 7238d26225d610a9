"""Two branches beside each other, in words: what is otherwise, what is alike, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deltaglow.explain.differences import differences
from deltaglow.session.branch_report import LOOK_BACK
from deltaglow.session.branches import Branch
from deltaglow.session.history import History

_COLUMNS = (
    ("loss", "Loss of the batch"),
    ("accuracy", "Right in the batch"),
    ("validation_loss", "Loss, validation"),
    ("validation_accuracy", "Right, validation"),
    ("validation_r_squared", "R², validation"),
)
_SHARES = ("accuracy", "validation_accuracy")


@dataclass(frozen=True)
class Row:
    """One line: what it is, as A has it and as B has it."""

    what: str
    a: str
    b: str


@dataclass(frozen=True)
class Comparison:
    """a, b: their titles. summary: in a sentence, how they differ. settings: what is otherwise. results: the
    numbers of both at `step`, the same one of either. steps: how many each has made.
    """

    a: str
    b: str
    summary: str
    settings: tuple[Row, ...]
    steps: Row
    results: tuple[Row, ...]
    step: int


def comparison(a: Branch, b: Branch, step: int) -> Comparison:
    """Of two branches. step: whose numbers are wanted; where one has not so many, its last one's."""
    found = differences(a.project, b.project)
    step = max(min(step, a.head - 1, b.head - 1), 0)
    one, two = a.history, b.history
    rows = []
    for column, label in _COLUMNS:
        if column in one.names or column in two.names:
            values = (_shown(column, _known(history, column, step)) for history in (one, two))
            rows.append(Row(label, *values))
    steps = Row("Steps", f"{a.head:,}", f"{b.head:,}")
    settings = tuple(Row(d.what, d.one, d.other) for d in found)
    return Comparison(a.title, b.title, _summary(a, b, len(found)), settings, steps, tuple(rows), step)


def _summary(a: Branch, b: Branch, count: int) -> str:
    shared = a.shared(b)
    seeds = a.project.training.seed, b.project.training.seed
    seed = (
        f"from the same seed, {seeds[0]}" if seeds[0] == seeds[1] else f"from seeds {seeds[0]} and {seeds[1]}"
    )
    things = "nothing" if not count else "one thing" if count == 1 else f"{count} things"
    start = "no step is the same"
    if shared:
        start = f"the first {shared:,} steps are the same" if shared > 1 else "the first step is the same"
    return f"Both {seed}; {things} changed; {start}."


def _known(history: History, column: str, step: int) -> float | None:
    """The last number of a column up to a step, if there is one."""
    if column not in history.names:
        return None
    values = history.columns([column], max(step - LOOK_BACK, 0), step + 1)[:, 0]
    known = np.flatnonzero(np.isfinite(values))
    return float(values[known[-1]]) if known.size else None


def _shown(column: str, value: float | None) -> str:
    if value is None:
        return "—"
    return f"{100 * value:.1f} %" if column in _SHARES else f"{value:.4g}".replace("-", "\u2212")
