"""The gradients of a project's first batch against finite differences, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil

from deltaglow.engine import Frame, GradientCheck, check_gradients

BUDGET = 1e11
"""Multiplications that a check may take: some ten seconds."""

PASSES = 24
"""Forward passes that one difference takes."""

OVERHEAD = 20_000
"""Multiplications that would take as long as the calls of one small forward pass."""


@dataclass
class Verdict:
    """What a check of gradients found.

    total: how many there are. stride: every which of them was compared. checked: how many that were. corners:
    of those, how many could not be judged because a rectifier's corner lies within the nudge. failed: those
    that disagree. worst: the largest disagreement, or None.
    """

    total: int
    stride: int
    checked: int = 0
    corners: int = 0
    failed: list[GradientCheck] = field(default_factory=list)
    worst: GradientCheck | None = None


def check(frame: Frame, budget: float = BUDGET) -> Verdict:
    """Compare the gradients of a frame with central differences: all, or as many as the budget allows."""
    total = sum(1 for shape in frame.architecture.layers for _ in shape.parameters())
    cost = PASSES * (OVERHEAD * len(frame.layers) + frame.samples * len(frame.theta))
    verdict = Verdict(total, max(1, ceil(total * cost / budget)))
    for found in check_gradients(frame, verdict.stride):
        verdict.checked += 1
        if found.corner:
            verdict.corners += 1
            continue
        if not found.ok:
            verdict.failed.append(found)
        if verdict.worst is None or gap(found) > gap(verdict.worst):
            verdict.worst = found
    return verdict


def gap(found: GradientCheck) -> float:
    """By how much the gradient and the difference disagree."""
    return abs(found.analytic - found.difference.value)


def address(found: GradientCheck) -> str:
    """Which gradient was checked, as an address: "dW[1][0,2]"."""
    return f"d{found.name}[{found.layer}][{','.join(map(str, found.index))}]"
