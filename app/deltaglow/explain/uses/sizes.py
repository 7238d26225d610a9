"""Where gradients go as a whole: into the size of their layer's, and into what clipping goes by."""

from __future__ import annotations

from collections.abc import Iterator

from deltaglow.engine.layers import Conv1dShape
from deltaglow.explain.clipped import by_layer, is_given
from deltaglow.explain.uses.found import Seen, Uses, one
from deltaglow.model.quantity import Quantity
from deltaglow.model.sizes import FACTOR, NORM, TOTAL, absent


def of_gradient(seen: Seen, q: Quantity) -> Iterator[Uses]:
    """The gradient of a parameter; a shared one's at the first of its places."""
    frame, shape = seen.frame, seen.frame.architecture.layers[(q.layer or 1) - 1]
    if isinstance(shape, Conv1dShape) and q.index != shape.twins(q.index)[0]:
        return
    if q.kind == "dW" and shape.weight_rows:
        yield one(NORM, q.layer)
    if is_given(frame, q):
        yield one(TOTAL)


def gradient_norm(seen: Seen, q: Quantity) -> Iterator[Uses]:
    """The size of a layer's gradient."""
    weighs = seen.frame.architecture.layers[(q.layer or 1) - 1].weight_rows
    if weighs and not absent(TOTAL, seen.frame) and by_layer(seen.frame):
        yield one(TOTAL)


def total_norm(seen: Seen, q: Quantity) -> Iterator[Uses]:
    """The size of all gradients."""
    yield one(FACTOR)
