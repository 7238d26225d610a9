"""A history plot's other run: what a comparison of two branches adds to it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from deltaglow.session.branches import Branch
from deltaglow.session.lab import Lab

from .pyramid import Pyramid

LINES = {"A": "━", "B": "┅"}
"""How the curves of either are drawn, as a sign."""


def other(lab: Lab) -> Branch | None:
    """The branch that the one stood on is compared with."""
    return None if lab.compared is None else lab.branches[lab.compared]


def pyramid_of(branch: Branch, columns: Sequence[str]) -> Pyramid:
    """These columns of all its steps; what it does not have is NaN."""
    history, made = branch.history, Pyramid(len(columns))
    rows = np.full((history.length, len(columns)), np.nan)
    known = [name for name in columns if name in history.names]
    rows[:, [columns.index(name) for name in known]] = history.columns(known)
    made.append(rows)
    return made


def titles(lab: Lab, short: bool = False) -> str:
    """Which run is A and which B, and how each is drawn; "" without a comparison."""
    branch = other(lab)
    if branch is None:
        return ""
    one, two = ("", "") if short else (f" {lab.branches.here.title}", f" {branch.title}")
    return f"A {LINES['A']}{one}  B {LINES['B']}{two}"
