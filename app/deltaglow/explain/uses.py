"""Where a number goes next: the inverse of "which numbers is this made of"."""

from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np

from deltaglow.engine import Frame
from deltaglow.model.quantity import Quantity

SMALLEST_LOGGED = 1e-300
"""Below this a ŷ has too few digits left for its logarithm; the loss then comes from the shifted logits."""


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
        return listed, _parameters(frame) - len(listed)
    return listed, sum(1 for _ in found)


def logs_from_shifted(frame: Frame, row: int) -> bool:
    """Whether a ŷ that the loss needs has underflowed, so that L = ln S − Σ y s must be shown instead."""
    return bool(((frame.y_hat[row] < SMALLEST_LOGGED) & (frame.y[row] != 0.0)).any())


def logit_kind(frame: Frame) -> str:
    """The kind that softmax reads: z where the output layer's activation is the identity, else a."""
    return "z" if frame.layers[-1].activation == "identity" else "a"


Found = Iterator[Quantity]


def _loss_of_row(frame: Frame, row: int) -> Quantity:
    return Quantity("loss", sample=None if frame.samples == 1 else row)


def _into_layer(frame: Frame, k: int, i: int, mark: int | None) -> Found:
    """z and ∂L/∂W of layer k, for what unit i of the layer before says."""
    reached = _units(frame, k, i)
    for j in reached:
        yield Quantity("z", k, (j,), mark)
    for j in reached:
        yield Quantity("dW", k, (j, i))


def _units(frame: Frame, k: int, i: int) -> list[int]:
    layer = frame.layers[k - 1]
    return [j for j in range(len(layer.b)) if layer.mask is None or layer.mask[j, i]]


def _sources(frame: Frame, k: int, j: int) -> list[int]:
    layer = frame.layers[k - 1]
    return [i for i in range(layer.W.shape[1]) if layer.mask is None or layer.mask[j, i]]


def _x(frame: Frame, q: Quantity, mark: int | None, row: int) -> Found:
    yield from _into_layer(frame, 1, q.index[0], mark)


def _y(frame: Frame, q: Quantity, mark: int | None, row: int) -> Found:
    if frame.y[row, q.index[0]] != 0.0:
        yield _loss_of_row(frame, row)
    yield from _output_error(frame, q, mark)


def _y_hat(frame: Frame, q: Quantity, mark: int | None, row: int) -> Found:
    if frame.y[row, q.index[0]] != 0.0 and not logs_from_shifted(frame, row):
        yield _loss_of_row(frame, row)
    yield from _output_error(frame, q, mark)


def _output_error(frame: Frame, q: Quantity, mark: int | None) -> Found:
    depth = len(frame.layers)
    yield Quantity("delta", depth, q.index, mark)
    yield Quantity("back", depth, q.index, mark)


def _z(frame: Frame, q: Quantity, mark: int | None, row: int) -> Found:
    k = q.layer or 1
    yield Quantity("a", k, q.index, mark)
    if frame.layers[k - 1].activation in ("relu", "leaky_relu"):
        yield Quantity("slope", k, q.index, mark)
    if k == len(frame.layers) and logit_kind(frame) == "z":
        yield from _into_softmax(frame, q, mark, row)


def _a(frame: Frame, q: Quantity, mark: int | None, row: int) -> Found:
    k = q.layer or 1
    if frame.layers[k - 1].activation in ("sigmoid", "tanh"):
        yield Quantity("slope", k, q.index, mark)
    if k < len(frame.layers):
        yield from _into_layer(frame, k + 1, q.index[0], mark)
    elif logit_kind(frame) == "a":
        yield from _into_softmax(frame, q, mark, row)


def _into_softmax(frame: Frame, q: Quantity, mark: int | None, row: int) -> Found:
    logits = frame.layers[-1].a[row]
    largest = int(np.argmax(logits))
    everywhere = range(len(logits)) if q.index[0] == largest else q.index
    for j in everywhere:
        yield Quantity("shifted", None, (j,), mark)


def _shifted(frame: Frame, q: Quantity, mark: int | None, row: int) -> Found:
    yield Quantity("exp", None, q.index, mark)
    if frame.y[row, q.index[0]] != 0.0 and logs_from_shifted(frame, row):
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
    if mark is not None:
        yield Quantity("loss")


def _slope(frame: Frame, q: Quantity, mark: int | None, row: int) -> Found:
    k = q.layer or 1
    if k < len(frame.layers) or frame.layers[-1].activation != "identity":
        yield Quantity("delta", k, q.index, mark)


def _back(frame: Frame, q: Quantity, mark: int | None, row: int) -> Found:
    yield Quantity("delta", q.layer, q.index, mark)


def _delta(frame: Frame, q: Quantity, mark: int | None, row: int) -> Found:
    k, j = q.layer or 1, q.index[0]
    for i in _sources(frame, k, j):
        yield Quantity("dW", k, (j, i))
    yield Quantity("db", k, (j,))
    yield from _backwards(frame, k, _sources(frame, k, j), mark)


def _backwards(frame: Frame, k: int, sources: list[int], mark: int | None) -> Found:
    """δ and ∂L/∂a of the units before layer k, unless those are the inputs."""
    if k > 1:
        for kind in ("delta", "back"):
            for i in sources:
                yield Quantity(kind, k - 1, (i,), mark)


def _W(frame: Frame, q: Quantity, mark: int | None, row: int) -> Found:
    k, (j, i) = q.layer or 1, q.index
    if i not in _sources(frame, k, j):
        return
    yield Quantity("z", k, (j,))
    yield from _backwards(frame, k, [i], None)
    yield Quantity("W_after", k, (j, i))


def _b(frame: Frame, q: Quantity, mark: int | None, row: int) -> Found:
    yield Quantity("z", q.layer, q.index)
    yield Quantity("b_after", q.layer, q.index)


def _dW(frame: Frame, q: Quantity, mark: int | None, row: int) -> Found:
    if q.index[1] in _sources(frame, q.layer or 1, q.index[0]):
        yield Quantity("W_after", q.layer, q.index)


def _db(frame: Frame, q: Quantity, mark: int | None, row: int) -> Found:
    yield Quantity("b_after", q.layer, q.index)


def _learning_rate(frame: Frame, q: Quantity, mark: int | None, row: int) -> Found:
    for k, layer in enumerate(frame.layers, start=1):
        for j in range(len(layer.b)):
            yield from (Quantity("W_after", k, (j, i)) for i in _sources(frame, k, j))
    for k, layer in enumerate(frame.layers, start=1):
        for j in range(len(layer.b)):
            yield Quantity("b_after", k, (j,))


def _parameters(frame: Frame) -> int:
    """How many parameters an update changes: those of deleted connections are not among them."""
    deleted = sum(int(np.count_nonzero(layer.mask == 0)) for layer in frame.layers if layer.mask is not None)
    return len(frame.theta) - deleted


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
    "dW": _dW,
    "db": _db,
    "y_hat": _y_hat,
    "shifted": _shifted,
    "exp": _exp,
    "exp_sum": _exp_sum,
    "loss": _loss,
    "learning_rate": _learning_rate,
}
