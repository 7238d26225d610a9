"""Where parameters, their gradients and the learning rate go: forward, and on to the update."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from deltaglow.engine import Frame
from deltaglow.explain import chain
from deltaglow.explain.uses import sizes
from deltaglow.explain.uses.found import Place, Seen, Uses, backwards, one, sources
from deltaglow.model.quantity import PART, PARTS, UPDATE_ARRAYS, Quantity


def W(seen: Seen, q: Quantity) -> Iterator[Uses]:
    """A weight."""
    k, (j, i) = q.layer or 1, q.index
    if _is_there(seen.frame, k, j, i):
        yield one("z", k, (j,))
        yield from backwards(k, [i], None)
        yield from onwards(seen, q)


def b(seen: Seen, q: Quantity) -> Iterator[Uses]:
    """A bias."""
    if seen.frame.layers[(q.layer or 1) - 1].kind != "dropout":
        yield one("z", q.layer, q.index)
        yield from onwards(seen, q)


def P(seen: Seen, q: Quantity) -> Iterator[Uses]:
    """A weight of a connection around layers."""
    k, (j, i) = q.layer or 1, q.index
    skip = seen.frame.architecture.layers[k - 1].skip
    yield one("z", k, (j,))
    if skip is not None:
        yield from backwards(skip.source + 1, [i], None)
    yield from onwards(seen, q)


def onwards(seen: Seen, q: Quantity) -> Iterator[Uses]:
    """What lies between a parameter or its gradient and the update."""
    frame, part, k = seen.frame, PART[q.kind], q.layer or 1
    if part == "W" and not _connected(frame, k, *q.index):
        return
    held = chain.is_frozen(frame, q)
    for kind, made_of in chain.links(frame, k, part).items():
        if q.kind in made_of and not (held and not _of_frozen(kind, q.kind)):
            yield one(kind, k, q.index)
    yield from sizes.of_gradient(seen, q)


def of_all(seen: Seen, q: Quantity) -> Iterator[Uses]:
    """η: every parameter's step, or its own rate; and what clipping multiplies every gradient by."""
    frame = seen.frame
    for part in PARTS:
        for k in range(1, seen.depth + 1):
            for kind, made_of in chain.links(frame, k, part).items():
                if q.kind in made_of:
                    held = _frozen_in(frame, k, part) if _holds(kind) else 0
                    yield Uses(kind, k, _count_of(frame, k, part) - held, _places(frame, k, part, kind))


def _is_there(frame: Frame, k: int, j: int, i: int) -> bool:
    return frame.layers[k - 1].kind != "dropout" and _connected(frame, k, j, i)


def _connected(frame: Frame, k: int, j: int, i: int) -> bool:
    mask = frame.layers[k - 1].mask
    return mask is None or bool(mask[j, i])


def _of_frozen(kind: str, read: str) -> bool:
    """Whether a frozen parameter's number of this kind still shows what it is usually made of."""
    if _moved(kind):
        return read in PARTS
    return UPDATE_ARRAYS.get(kind) not in chain.STILL


def _moved(kind: str) -> bool:
    """Whether a number of this kind is where the step moved a parameter to; a frozen one stays."""
    return kind.endswith("_after")


def _holds(kind: str) -> bool:
    """Whether a number of this kind shows, of a frozen parameter, nothing but that it is frozen."""
    return _moved(kind) or UPDATE_ARRAYS.get(kind) in chain.STILL


def _places(frame: Frame, k: int, part: str, kind: str) -> Iterator[Place]:
    """The indices of layer k's W, b or P, without deleted connections; where parameters move, no frozen."""
    for place in _all_places(frame, k, part):
        if not (_holds(kind) and chain.is_frozen(frame, Quantity(kind, k, place))):
            yield place


def _all_places(frame: Frame, k: int, part: str) -> Iterator[Place]:
    layer = frame.layers[k - 1]
    if part == "P":
        yield from np.ndindex(layer.own(layer.block).get("P", np.zeros((0, 0))).shape)
        return
    for j in range(len(layer.b)):
        yield from [(j, i) for i in sources(frame, k, j)] if part == "W" else [(j,)]


def _count_of(frame: Frame, k: int, part: str) -> int:
    """How many numbers layer k's W, b or P has, without deleted connections."""
    layer = frame.layers[k - 1]
    if part == "W":
        return int(layer.W.size if layer.mask is None else np.count_nonzero(layer.mask))
    return len(layer.b) if part == "b" else layer.own(layer.block).get("P", np.zeros(0)).size


def _frozen_in(frame: Frame, k: int, part: str) -> int:
    """How many of them are frozen."""
    flags = frame.update.arrays.get("frozen")
    if flags is None:
        return 0
    shape, block = frame.architecture.layers[k - 1], frame.architecture.blocks(flags)[k - 1]
    if part == "P":
        return int(np.count_nonzero(shape.named(block).get("P", np.zeros(0))))
    layer, held = frame.layers[k - 1], shape.dW(block) if part == "W" else shape.b(block)
    return int(np.count_nonzero(held if part == "b" or layer.mask is None else held * (layer.mask != 0)))
