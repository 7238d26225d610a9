"""Where the numbers of a layer's units go: forward to the next, back to the one before, and to gradients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from deltaglow.explain.activations import slope_reads
from deltaglow.explain.uses.found import Seen, Uses, at, backwards, gradients, one, sampled, sources, units
from deltaglow.explain.uses.outputs import into_output, logit_kind
from deltaglow.model.quantity import Quantity


def x(seen: Seen, q: Quantity) -> Iterator[Uses]:
    """An input."""
    yield from _forward(seen, 0, q.index[0])


def z(seen: Seen, q: Quantity) -> Iterator[Uses]:
    """A weighted sum."""
    k = q.layer or 1
    yield one("a", k, q.index, seen.mark)
    if slope_reads(seen.frame.layers[k - 1].activation) == "z":
        yield one("slope", k, q.index, seen.mark)
    if k == seen.depth and logit_kind(seen.frame) == "z":
        yield from into_output(seen, q.index[0])


def a(seen: Seen, q: Quantity) -> Iterator[Uses]:
    """An activation."""
    k = q.layer or 1
    if slope_reads(seen.frame.layers[k - 1].activation) == "a":
        yield one("slope", k, q.index, seen.mark)
    if k < seen.depth:
        yield from _forward(seen, k, q.index[0])
    elif logit_kind(seen.frame) == "a":
        yield from into_output(seen, q.index[0])


def slope(seen: Seen, q: Quantity) -> Iterator[Uses]:
    """φ′."""
    if q.layer != seen.depth or seen.frame.layers[-1].activation != "identity":
        yield one("delta", q.layer, q.index, seen.mark)


def back(seen: Seen, q: Quantity) -> Iterator[Uses]:
    """∂L/∂a."""
    yield one("delta", q.layer, q.index, seen.mark)


def delta(seen: Seen, q: Quantity) -> Iterator[Uses]:
    """δ."""
    frame, k, j = seen.frame, q.layer or 1, q.index[0]
    before, skip = sources(frame, k, j), frame.architecture.layers[k - 1].skip
    if frame.layers[k - 1].kind != "dropout":
        places = [(j, i) for i in before]
        yield gradients(frame, k, places)
        yield gradients(frame, k, [(j,)], "b")
        yield from sampled(seen, k, places)
        yield from sampled(seen, k, [(j,)], "b")
    yield from backwards(k, before, seen.mark)
    yield from _through_batch(seen, k, before)
    if skip is not None:
        starts = list(range(frame.architecture.widths[skip.source])) if skip.projection else [j]
        if skip.projection:
            yield gradients(frame, k, [(j, i) for i in starts], "P")
            yield from sampled(seen, k, [(j, i) for i in starts], "P")
        told = set(before) if skip.source == k - 1 else set()
        yield from backwards(skip.source + 1, [i for i in starts if i not in told], seen.mark)


def x_hat(seen: Seen, q: Quantity) -> Iterator[Uses]:
    """A normalised input."""
    k, j = q.layer or 1, q.index[0]
    yield one("z", k, q.index, seen.mark)
    yield one("dW", k, (j, j))
    yield from sampled(seen, k, [(j, j)])
    if seen.frame.training:
        yield from backwards(k, q.index, seen.mark)
        yield from _through_batch(seen, k, q.index)


def moment(seen: Seen, q: Quantity) -> Iterator[Uses]:
    """μ and σ²."""
    yield one("x_hat", q.layer, q.index)
    if q.kind == "var":
        yield from backwards(q.layer or 1, q.index, None)
    if q.kind == "mean" and seen.frame.training:
        yield one("var", q.layer, q.index)


def keep(seen: Seen, q: Quantity) -> Iterator[Uses]:
    """Dropout's draw."""
    yield one("z", q.layer, q.index, seen.mark)
    yield from backwards(q.layer or 1, q.index, seen.mark)


def _through_batch(seen: Seen, k: int, before: Sequence[int]) -> Iterator[Uses]:
    """What comes back to the other samples of the batch, by way of μ and σ."""
    if seen.frame.layers[k - 1].kind == "batch_norm" and seen.frame.training:
        for row in range(seen.frame.samples):
            if row != seen.row:
                yield from backwards(k, before, row)


def _forward(seen: Seen, k: int, i: int) -> Iterator[Uses]:
    """z and gradients in the layer after k and at the end of connections around, for what unit i says."""
    yield from _into_layer(seen, k + 1, i)
    for m, shape in enumerate(seen.frame.architecture.layers, start=1):
        if shape.skip is None or shape.skip.source != k:
            continue
        reached = list(range(shape.units)) if shape.skip.projection else [i]
        told = set(units(seen.frame, m, i)) if m == k + 1 else set()
        yield at("z", m, [(j,) for j in reached if j not in told], seen.mark)
        if shape.skip.projection:
            places = [(j, i) for j in reached]
            yield gradients(seen.frame, m, places, "P")
            yield from sampled(seen, m, places, "P")


def _into_layer(seen: Seen, k: int, i: int) -> Iterator[Uses]:
    """z and ∂L/∂W of layer k, for what unit i of the layer before says."""
    frame, mark = seen.frame, seen.mark
    kind = frame.layers[k - 1].kind
    if kind == "batch_norm":
        yield one("x_hat", k, (i,), mark)
        if frame.training:
            yield from (one(name, k, (i,)) for name in ("mean", "var"))
    elif kind == "dropout":
        yield one("z", k, (i,), mark)
    else:
        reached = units(frame, k, i)
        places = [(j, i) for j in reached]
        yield at("z", k, [(j,) for j in reached], mark)
        yield gradients(frame, k, places)
        yield from sampled(seen, k, places)
