"""What clipping by norm is given: which gradients the length that it goes by is made of."""

from __future__ import annotations

from collections.abc import Iterator

from deltaglow.engine import Frame
from deltaglow.explain import chain
from deltaglow.model.quantity import PART, Quantity
from deltaglow.model.sizes import TOTAL, absent


def by_layer(frame: Frame) -> bool:
    """Whether these are the gradients of the layers as they are: not gathered, and none frozen."""
    return "gathered" not in frame.update.arrays and "frozen" not in frame.update.arrays


def entries(frame: Frame) -> Iterator[Quantity]:
    """Every one of them, each parameter once: of this batch or of those gathered."""
    for k, shape in enumerate(frame.architecture.layers, start=1):
        for part, index in shape.parameters():
            q = Quantity(_kind(frame, part), k, index)
            if not chain.is_frozen(frame, q):
                yield q


def is_given(frame: Frame, q: Quantity) -> bool:
    """Whether a gradient is shown as one of them by itself."""
    if q.kind not in PART or q.kind != _kind(frame, PART[q.kind]) or by_layer(frame):
        return False
    return not absent(TOTAL, frame) and not chain.is_frozen(frame, q)


def _kind(frame: Frame, part: str) -> str:
    return f"d{part}_gathered" if "gathered" in frame.update.arrays else f"d{part}"
