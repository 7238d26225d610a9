"""Every gradient of a project's first batch against finite differences, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice

from deltaglow.engine import Frame, GradientCheck, check_gradients


@dataclass
class Verdict:
    """What a check of gradients found.

    checked: how many were compared. corners: of those, how many could not be judged because a rectifier's
    corner lies within the nudge. failed: those that disagree. worst: the largest disagreement, or None.
    """

    total: int
    checked: int = 0
    corners: int = 0
    failed: list[GradientCheck] = field(default_factory=list)
    worst: GradientCheck | None = None


def check(frame: Frame, limit: int) -> Verdict:
    """Compare the gradients of a frame with central differences, in order, the first `limit` of them."""
    deleted = sum(int((layer.mask == 0).sum()) for layer in frame.layers if layer.mask is not None)
    verdict = Verdict(len(frame.theta) - deleted)
    for found in islice(check_gradients(frame), limit):
        verdict.checked += 1
        if found.corner:
            verdict.corners += 1
            continue
        if not found.ok:
            verdict.failed.append(found)
        if verdict.worst is None or _gap(found) > _gap(verdict.worst):
            verdict.worst = found
    return verdict


def _gap(found: GradientCheck) -> float:
    return abs(found.analytic - found.difference.value)


def address(found: GradientCheck) -> str:
    """Which gradient was checked, as an address: "dW[1][0,2]"."""
    return f"d{found.name}[{found.layer}][{','.join(map(str, found.index))}]"
