"""Where what a step decides goes: the next scale, the best loss and the epochs waited."""

from __future__ import annotations

from collections.abc import Iterator

from deltaglow.explain.uses.found import Seen, Uses, one
from deltaglow.model.decided import improves
from deltaglow.model.quantity import Quantity


def scale(seen: Seen, q: Quantity) -> Iterator[Uses]:
    """The loss scale."""
    yield one("loss_scale_after")


def watched(seen: Seen, q: Quantity) -> Iterator[Uses]:
    """The loss looked at, and the best before it."""
    if (
        q.kind == "watched_loss"
        or improves(seen.frame) is not None
        or "best_loss" in seen.frame.decisions.numbers
    ):
        yield one("best_loss")
    if improves(seen.frame) is not None:
        yield one("waited")


def waited(seen: Seen, q: Quantity) -> Iterator[Uses]:
    """The epochs waited before."""
    if not improves(seen.frame):
        yield one("waited")
