"""What is told of every branch: how far it came, where it parted from another, what was changed there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from deltaglow.explain.differences import Difference, differences
from deltaglow.session.branches import Branch, Branches
from deltaglow.session.history import History

LOOK_BACK = 20_000
"""Steps in which the last known number of a column is looked for."""


@dataclass(frozen=True)
class BranchReport:
    """One branch. forked: of which other it has its first `shared` steps; None where it shares none with an
    earlier one. changed: in what it differs from that, or from the first one. loss, accuracy: the last that
    are known, of the samples kept out of the training where there are some; None for none.
    """

    branch: Branch
    current: bool
    forked: Branch | None
    shared: int
    changed: tuple[Difference, ...]
    loss: float | None
    accuracy: float | None


def report(branches: Branches, head: int) -> list[BranchReport]:
    """All branches, in their order. head: the steps of the one that is stood on, which may be training."""
    found = []
    for place, branch in enumerate(branches.every):
        current = branch.number == branches.current
        earlier = branches.every[:place]
        parent = max(earlier, key=branch.shared, default=None)
        shared = 0 if parent is None else branch.shared(parent)
        changed = () if parent is None else tuple(differences(parent.project, branch.project))
        told = replace(branch, head=head) if current and head > branch.head else branch
        history = told.history
        found.append(
            BranchReport(
                told,
                current,
                parent if shared else None,
                shared,
                changed,
                last_known(history, ("validation_loss", "loss")),
                last_known(history, ("validation_accuracy", "accuracy")),
            )
        )
    return found


def last_known(history: History, columns: Sequence[str]) -> float | None:
    """The last finite number of the first of these columns that the history has."""
    there = [name for name in columns if name in history.names]
    if not there:
        return None
    values = history.columns(there[:1], max(history.length - LOOK_BACK, 0))[:, 0]
    known = np.flatnonzero(np.isfinite(values))
    return float(values[known[-1]]) if known.size else None
