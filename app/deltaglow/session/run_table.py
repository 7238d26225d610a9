"""All runs there are, with what each was made with and what came of it: branches, and runs from seeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from deltaglow.explain.numbers import show
from deltaglow.explain.settings import Entry, settings
from deltaglow.model.project import Project
from deltaglow.session.branch_report import last_known
from deltaglow.session.branches import Branch
from deltaglow.session.history import History
from deltaglow.session.overlays import branch_key, seed_key

if TYPE_CHECKING:
    from deltaglow.session.standing import Standing

RESULTS = {
    "loss": "Loss",
    "accuracy": "Right",
    "r_squared": "R²",
    "validation_loss": "Loss, validation",
    "validation_accuracy": "Right, validation",
    "validation_r_squared": "R², validation",
}
"""The columns of a history that are results of a run, and what they are called."""
STEPS, SECONDS = "Steps", "Seconds"
_SHARES = ("accuracy", "validation_accuracy")


@dataclass(frozen=True, eq=False)
class RunRow:
    """One run. key: by which it is known among overlays. branch: its number; None for a run from a seed.
    results: the last that is known of each.
    """

    key: str
    title: str
    branch: int | None
    current: bool
    settings: Mapping[str, Entry]
    results: Mapping[str, Entry]

    def entry(self, column: str) -> Entry | None:
        """What it has in a column, of either kind."""
        return self.results.get(column) or self.settings.get(column)


class RunTable:
    """Of one window. What does not change is worked out once."""

    def __init__(self, lab: Standing) -> None:
        self._lab = lab
        self._kept: dict[str, tuple[Project, int, RunRow]] = {}

    def rows(self) -> list[RunRow]:
        """Branches in their order, then runs from seeds."""
        lab, kept = self._lab, self._kept
        self._kept, made = {}, []
        for branch in lab.branches.every:
            current = branch.number == lab.branches.current
            now = replace(branch, head=max(lab.head, branch.head)) if current else branch
            key = branch_key(branch.number)
            row = self._row(kept.get(key), key, branch.project, now.head, partial(_of_branch, now))
            made.append(replace(row, title=branch.title, branch=branch.number, current=current))
        seeds = {one.key: one for one in lab.overlays.offered} if lab.band is not None else {}
        for seed in lab.band.seeds if lab.band is not None else ():
            assert lab.band is not None
            run = seeds[seed_key(seed)]
            project = replace(lab.band.project, training=replace(lab.band.project.training, seed=seed))
            row = self._row(
                kept.get(run.key), run.key, project, run.history.length, partial(_same, run.history)
            )
            made.append(replace(row, title=run.title))
        return made

    def _row(
        self,
        known: tuple[Project, int, RunRow] | None,
        key: str,
        project: Project,
        head: int,
        history: Callable[[], History],
    ) -> RunRow:
        if known is None or known[:2] != (project, head):
            known = (project, head, RunRow(key, "", None, False, settings(project), _results(history())))
        self._kept[key] = known
        return known[2]


def _of_branch(branch: Branch) -> History:
    return branch.history


def _same(history: History) -> History:
    return history


def _results(history: History) -> dict[str, Entry]:
    """The last of all that is known."""
    steps = history.length
    found = {STEPS: Entry(float(steps), f"{steps:,}")}
    for column, name in RESULTS.items():
        value = last_known(history, (column,))
        if value is not None:
            share = column in _SHARES
            found[name] = Entry(value, f"{100 * value:.1f} %" if share else show(value, 4).text)
    seconds = float(history.pace.at(np.array([steps]))[0])
    if seconds > 0.0:
        found[SECONDS] = Entry(seconds, show(seconds, 3).text)
    return found
