"""Where a number goes next: the inverse of "which numbers is this made of"."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

import numpy as np

from deltaglow.engine import LOSSES, Frame
from deltaglow.engine.layers import Conv1dShape
from deltaglow.explain import chain
from deltaglow.explain.activations import slope_reads
from deltaglow.model.beside import loss_slope
from deltaglow.model.quantity import PART, PARTS, UPDATE_ARRAYS, Quantity

SMALLEST_LOGGED = 1e-300
"""Below this a ŷ has too few digits left for its logarithm; the loss then comes from the shifted logits."""

NEAREST_ONE = 1e-8
"""Nearer to 1 than this a ŷ has too few digits left for the logarithm of 1 − ŷ."""


def uses(frame: Frame, q: Quantity, row: int, most: int | None = None) -> tuple[tuple[Quantity, ...], int]:
    """The quantities whose derivation shows `q`, nearest first: at most `most` of them, and how many more
    there are.

    row: the batch row that `q` is taken from when it does not name one. Where the batch has one row, no
    address names it; the gradients use every row, so they appear for each.
    """
    mark = None if frame.samples == 1 else q.sample
    finder = _FINDERS.get(q.kind)
    if finder is None:
        return (), 0
    found = finder(frame, q, mark, row if q.sample is None else q.sample)
    listed = tuple(islice(found, most))
    if q.kind == "learning_rate":
        return listed, _uses_of_rate(frame) - len(listed)
    return listed, sum(1 for _ in found)


def counted_targets(frame: Frame, row: int) -> list[int]:
    """The outputs whose logarithm the cross-entropy counts: where the target is not 0, or smoothed."""
    everything = frame.architecture.loss.label_smoothing > 0.0
    return [j for j, y in enumerate(frame.y[row].tolist()) if everything or y != 0.0]


def logs_from_shifted(frame: Frame, row: int) -> bool:
    """Whether a ŷ that the loss needs has underflowed, so that L = ln S − Σ y s must be shown instead."""
    spec = frame.architecture.loss
    if spec.name != "softmax_cross_entropy" or spec.naive:
        return False
    return bool((frame.y_hat[row, counted_targets(frame, row)] < SMALLEST_LOGGED).any())


def logs_from_logits(frame: Frame, row: int) -> bool:
    """Whether a sigmoid is too near 0 or 1 for the logarithm that the loss takes of it."""
    if frame.architecture.loss.name != "sigmoid_cross_entropy":
        return False
    y, y_hat = frame.y[row], frame.y_hat[row]
    return bool((((y_hat > 1.0 - NEAREST_ONE) & (y != 1.0)) | ((y_hat < SMALLEST_LOGGED) & (y != 0.0))).any())


def logit_kind(frame: Frame) -> str:
    """The kind that outputs are made of: z where the output layer's activation is the identity, else a."""
    return "z" if frame.layers[-1].activation == "identity" else "a"


Found = Iterator[Quantity]


def _loss_of_row(frame: Frame, row: int) -> Quantity:
    return Quantity("loss", sample=row) if _averaged(frame) else _data_loss_of(frame)


def _averaged(frame: Frame) -> bool:
    """Whether a batch's loss is another number than that of a row."""
    return frame.samples > 1 or frame.divisor != 1.0


def _data_loss_of(frame: Frame) -> Quantity:
    """The mean over the batch: the loss itself, unless a penalty is added to it."""
    return Quantity("data_loss" if frame.update.penalties else "loss")


def _weight_gradient(frame: Frame, k: int, part: str = "W") -> str:
    """The kind of the gradient that the errors make."""
    return f"d{part}_data" if chain.penalised(frame, k) else f"d{part}"


def _into_layer(frame: Frame, k: int, i: int, mark: int | None) -> Found:
    """z and ∂L/∂W of layer k, for what unit i of the layer before says."""
    kind = frame.layers[k - 1].kind
    if kind == "batch_norm":
        yield Quantity("x_hat", k, (i,), mark)
        if frame.training:
            yield from (Quantity(name, k, (i,)) for name in ("mean", "var"))
        return
    if kind == "dropout":
        yield Quantity("z", k, (i,), mark)
        return
    reached = _units(frame, k, i)
    for j in reached:
        yield Quantity("z", k, (j,), mark)
    yield from _gradients(frame, k, [(j, i) for j in reached])
    yield from _sampled(frame, k, [(j, i) for j in reached], mark)


def _gradients(frame: Frame, k: int, places: list[tuple[int, ...]]) -> Found:
    """∂L/∂W or ∂L/∂b at these places of layer k, and wherever else it shares the parameter."""
    shape = frame.architecture.layers[k - 1]
    if isinstance(shape, Conv1dShape):
        places = list(dict.fromkeys(twin for place in places for twin in shape.twins(place)))
    for place in places:
        yield Quantity(_weight_gradient(frame, k) if len(place) == 2 else "db", k, place)


def _sampled(
    frame: Frame, k: int, places: Iterable[tuple[int, ...]], mark: int | None, part: str = "W"
) -> Found:
    """What one sample asks of these weights or biases of layer k, and of those that share them."""
    shape = frame.architecture.layers[k - 1]
    if frame.samples == 1 or shape.kind == "dropout":
        return
    if isinstance(shape, Conv1dShape):
        places = list(dict.fromkeys(twin for place in places for twin in shape.twins(place)))
    for place in places:
        yield Quantity(f"d{part}_sample" if len(place) == 2 else "db_sample", k, place, mark)


def _around(frame: Frame, k: int) -> Iterator[int]:
    """The layers in which connections around others end that start from layer k."""
    for m, shape in enumerate(frame.architecture.layers, start=1):
        if shape.skip is not None and shape.skip.source == k:
            yield m


def _into_around(frame: Frame, k: int, i: int, mark: int | None) -> Found:
    """z and ∂L/∂P at the other end of connections around layers that start from unit i of layer k."""
    for m in _around(frame, k):
        if frame.architecture.layers[m - 1].skip is None:
            continue
        own = frame.layers[m - 1].own(frame.layers[m - 1].block)
        for j in range(len(own["P"])) if "P" in own else (i,):
            yield Quantity("z", m, (j,), mark)
            if "P" in own:
                yield Quantity(_weight_gradient(frame, m, "P"), m, (j, i))
                yield from _sampled(frame, m, [(j, i)], mark, "P")


def _units(frame: Frame, k: int, i: int) -> list[int]:
    layer = frame.layers[k - 1]
    return [j for j in range(len(layer.b)) if layer.mask is None or layer.mask[j, i]]


def _sources(frame: Frame, k: int, j: int) -> list[int]:
    layer = frame.layers[k - 1]
    return [i for i in range(layer.W.shape[1]) if layer.mask is None or layer.mask[j, i]]


def _x(frame: Frame, q: Quantity, mark: int | None, row: int) -> Found:
    yield from _into_layer(frame, 1, q.index[0], mark)
    yield from _into_around(frame, 0, q.index[0], mark)


def _y(frame: Frame, q: Quantity, mark: int | None, row: int) -> Found:
    if not _cross_entropy(frame) or q.index[0] in counted_targets(frame, row):
        yield _loss_of_row(frame, row)
    yield from _output_error(frame, q, mark)
    if LOSSES[frame.architecture.loss.name].softmax and _slope_shows(frame, row, q.index[0]):
        yield Quantity("dL_dy_hat", None, q.index, mark)


def _slope_shows(frame: Frame, row: int, j: int) -> bool:
    """Whether ∂L/∂ŷ is worked out from the target: not where it is beyond the largest float."""
    return bool(np.isfinite(loss_slope(frame, row)[j]))


def _cross_entropy(frame: Frame) -> bool:
    return frame.architecture.loss.name == "softmax_cross_entropy"


def _y_hat(frame: Frame, q: Quantity, mark: int | None, row: int) -> Found:
    counts = not _cross_entropy(frame) or q.index[0] in counted_targets(frame, row)
    if counts and not logs_from_shifted(frame, row) and not logs_from_logits(frame, row):
        yield _loss_of_row(frame, row)
    yield from _output_error(frame, q, mark)
    if LOSSES[frame.architecture.loss.name].softmax:
        j = q.index[0]
        yield Quantity("dL_dy_hat", None, q.index, mark)
        yield from (Quantity("jacobian", None, (j, i), mark) for i in range(frame.y.shape[1]))
        yield from (Quantity("jacobian", None, (i, j), mark) for i in range(frame.y.shape[1]) if i != j)


def _output_error(frame: Frame, q: Quantity, mark: int | None) -> Found:
    depth = len(frame.layers)
    mixed = frame.architecture.loss.name == "softmax_squared_error"
    reached = range(frame.y.shape[1]) if mixed else q.index
    for kind in ("delta", "back"):
        yield from (Quantity(kind, depth, (j,), mark) for j in reached)


def _z(frame: Frame, q: Quantity, mark: int | None, row: int) -> Found:
    k = q.layer or 1
    yield Quantity("a", k, q.index, mark)
    if slope_reads(frame.layers[k - 1].activation) == "z":
        yield Quantity("slope", k, q.index, mark)
    if k == len(frame.layers) and logit_kind(frame) == "z":
        yield from _into_output(frame, q, mark, row)


def _a(frame: Frame, q: Quantity, mark: int | None, row: int) -> Found:
    k = q.layer or 1
    if slope_reads(frame.layers[k - 1].activation) == "a":
        yield Quantity("slope", k, q.index, mark)
    if k < len(frame.layers):
        yield from _into_layer(frame, k + 1, q.index[0], mark)
        yield from _into_around(frame, k, q.index[0], mark)
    elif logit_kind(frame) == "a":
        yield from _into_output(frame, q, mark, row)


def _into_output(frame: Frame, q: Quantity, mark: int | None, row: int) -> Found:
    spec = frame.architecture.loss
    if not LOSSES[spec.name].softmax:
        yield Quantity("y_hat", None, q.index, mark)
        if logs_from_logits(frame, row):
            yield _loss_of_row(frame, row)
        return
    logits = frame.layers[-1].a[row]
    largest = int(np.argmax(logits))
    everywhere = range(len(logits)) if q.index[0] == largest and not spec.naive else q.index
    for j in everywhere:
        yield Quantity("shifted", None, (j,), mark)


def _shifted(frame: Frame, q: Quantity, mark: int | None, row: int) -> Found:
    yield Quantity("exp", None, q.index, mark)
    if logs_from_shifted(frame, row) and q.index[0] in counted_targets(frame, row):
        yield _loss_of_row(frame, row)


def _exp(frame: Frame, q: Quantity, mark: int | None, row: int) -> Found:
    yield Quantity("y_hat", None, q.index, mark)
    yield Quantity("exp_sum", None, (), mark)


def _exp_sum(frame: Frame, q: Quantity, mark: int | None, row: int) -> Found:
    for j in range(frame.y.shape[1]):
        yield Quantity("y_hat", None, (j,), mark)
    if logs_from_shifted(frame, row):
        yield _loss_of_row(frame, row)


def _loss(frame: Frame, q: Quantity, mark: int | None, row: int) -> Found:
    if q.sample is not None and _averaged(frame):
        yield _data_loss_of(frame)
    elif q.sample is None:
        yield Quantity("loss_after")


def _part_of_loss(frame: Frame, q: Quantity, mark: int | None, row: int) -> Found:
    if frame.update.penalties:
        yield Quantity("loss")


def _slope(frame: Frame, q: Quantity, mark: int | None, row: int) -> Found:
    k = q.layer or 1
    if k < len(frame.layers) or frame.layers[-1].activation != "identity":
        yield Quantity("delta", k, q.index, mark)


def _back(frame: Frame, q: Quantity, mark: int | None, row: int) -> Found:
    yield Quantity("delta", q.layer, q.index, mark)


def _delta(frame: Frame, q: Quantity, mark: int | None, row: int) -> Found:
    k, j = q.layer or 1, q.index[0]
    sources = _sources(frame, k, j)
    if frame.layers[k - 1].kind != "dropout":
        yield from _gradients(frame, k, [(j, i) for i in sources])
        yield from _gradients(frame, k, [(j,)])
        yield from _sampled(frame, k, [*((j, i) for i in sources), (j,)], mark)
    yield from _backwards(frame, k, sources, mark)
    skip = frame.architecture.layers[k - 1].skip
    if skip is not None:
        starts = range(frame.architecture.widths[skip.source]) if skip.projection else [j]
        if skip.projection:
            yield from (Quantity(_weight_gradient(frame, k, "P"), k, (j, i)) for i in starts)
            yield from _sampled(frame, k, [(j, i) for i in starts], mark, "P")
        yield from _backwards(frame, skip.source + 1, starts, mark)


def _backwards(frame: Frame, k: int, sources: Iterable[int], mark: int | None) -> Found:
    """δ and ∂L/∂a of the units before layer k, unless those are the inputs."""
    if k > 1:
        yield from (Quantity(kind, k - 1, (i,), mark) for kind in ("delta", "back") for i in sources)


def _W(frame: Frame, q: Quantity, mark: int | None, row: int) -> Found:
    k, (j, i) = q.layer or 1, q.index
    if i not in _sources(frame, k, j) or frame.layers[k - 1].kind == "dropout":
        return
    yield Quantity("z", k, (j,))
    yield from _backwards(frame, k, [i], None)
    yield from _onwards(frame, q)


def _b(frame: Frame, q: Quantity, mark: int | None, row: int) -> Found:
    if frame.layers[(q.layer or 1) - 1].kind == "dropout":
        return
    yield Quantity("z", q.layer, q.index)
    yield from _onwards(frame, q)


def _onwards(frame: Frame, q: Quantity) -> Found:
    """What lies between a parameter or its gradient and the update."""
    part, k = PART[q.kind], q.layer or 1
    if part == "W" and q.index[1] not in _sources(frame, k, q.index[0]):
        return
    held = chain.is_frozen(frame, q)
    for kind, made_of in chain.links(frame, k, part).items():
        if q.kind in made_of and not (held and not _of_frozen(kind, q.kind)):
            yield Quantity(kind, k, q.index)


def _of_frozen(kind: str, read: str) -> bool:
    """Whether a frozen parameter's number of this kind still shows what it is usually made of."""
    if _moved(kind):
        return read in PARTS
    return UPDATE_ARRAYS.get(kind) not in chain.STILL


def _step(frame: Frame, q: Quantity, mark: int | None, row: int) -> Found:
    yield from _onwards(frame, q)


def _learning_rate(frame: Frame, q: Quantity, mark: int | None, row: int) -> Found:
    for part in PARTS:
        for k in range(1, len(frame.layers) + 1):
            readers = _readers_of_rate(frame, k, part)
            places = _places(frame, k, part) if readers else ()
            found = (Quantity(kind, k, place) for place in places for kind in readers)
            yield from (q for q in found if not (_moved(q.kind) and chain.is_frozen(frame, q)))


def _places(frame: Frame, k: int, part: str) -> Iterator[tuple[int, ...]]:
    """The indices of layer k's W, b or P, without deleted connections."""
    layer = frame.layers[k - 1]
    if part == "P":
        yield from np.ndindex(layer.own(layer.block).get("P", np.zeros((0, 0))).shape)
        return
    for j in range(len(layer.b)):
        yield from [(j, i) for i in _sources(frame, k, j)] if part == "W" else [(j,)]


def _readers_of_rate(frame: Frame, k: int, part: str) -> list[str]:
    return [kind for kind, made_of in chain.links(frame, k, part).items() if chain.LEARNING_RATE in made_of]


def _uses_of_rate(frame: Frame) -> int:
    """How many numbers the learning rate goes into: those of deleted connections are not among them."""
    total = 0
    for k in range(1, len(frame.layers) + 1):
        for part in PARTS:
            readers, held = _readers_of_rate(frame, k, part), _frozen_in(frame, k, part)
            total += sum(_count_of(frame, k, part) - (held if _moved(kind) else 0) for kind in readers)
    return total


def _moved(kind: str) -> bool:
    """Whether a number of this kind is where the step moved a parameter to; a frozen one stays."""
    return kind.endswith("_after")


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


def _x_hat(frame: Frame, q: Quantity, mark: int | None, row: int) -> Found:
    k, j = q.layer or 1, q.index[0]
    yield Quantity("z", k, q.index, mark)
    yield Quantity("dW", k, (j, j))
    yield from _sampled(frame, k, [(j, j)], mark)
    if frame.training:
        yield from _backwards(frame, k, q.index, mark)


def _moment(frame: Frame, q: Quantity, mark: int | None, row: int) -> Found:
    yield Quantity("x_hat", q.layer, q.index)
    if q.kind == "var":
        yield from _backwards(frame, q.layer or 1, q.index, None)
    if q.kind == "mean" and frame.training:
        yield Quantity("var", q.layer, q.index)


def _keep(frame: Frame, q: Quantity, mark: int | None, row: int) -> Found:
    k = q.layer or 1
    yield Quantity("z", k, q.index, mark)
    yield from _backwards(frame, k, q.index, mark)


def _P(frame: Frame, q: Quantity, mark: int | None, row: int) -> Found:
    k, (j, i) = q.layer or 1, q.index
    skip = frame.architecture.layers[k - 1].skip
    yield Quantity("z", k, (j,))
    if skip is not None:
        yield from _backwards(frame, skip.source + 1, [i], None)
    yield from _onwards(frame, q)


Finder = Callable[[Frame, Quantity, int | None, int], Found]
_FINDERS: dict[str, Finder] = {
    "x": _x,
    "y": _y,
    "z": _z,
    "a": _a,
    "slope": _slope,
    "back": _back,
    "delta": _delta,
    "W": _W,
    "b": _b,
    "dW": _step,
    "db": _step,
    "x_hat": _x_hat,
    "mean": _moment,
    "var": _moment,
    "keep": _keep,
    "P": _P,
    "dP": _step,
    "y_hat": _y_hat,
    "shifted": _shifted,
    "exp": _exp,
    "exp_sum": _exp_sum,
    "loss": _loss,
    "learning_rate": _learning_rate,
    "data_loss": _part_of_loss,
    "penalty": _part_of_loss,
    **dict.fromkeys(UPDATE_ARRAYS, _step),
}
