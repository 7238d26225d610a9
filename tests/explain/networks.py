"""Projects and addresses for the tests of this folder."""

import itertools
from collections.abc import Iterator

import numpy as np
from hypothesis import strategies as st

from deltaglow.engine import ACTIVATIONS, LOSSES, Frame, LossSpec
from deltaglow.model.build import trainer
from deltaglow.model.examples import load
from deltaglow.model.project import InlineData, Layer, NetworkSpec, Optimizer, Project, Training
from deltaglow.model.quantity import KINDS, AddressError, Quantity, validate_in

ACTIVATION_NAMES = tuple(ACTIVATIONS)


def worked_example() -> tuple[Project, Frame]:
    """The text's 3-2-2 network and its first step."""
    project = load("worked-example")
    return project, trainer(project).preview()


def make(
    sizes: tuple[int, ...],
    activations: tuple[str, ...],
    batch: int,
    seed: int,
    scale: float = 1.0,
    drop: float = 0.0,
    soft: bool = False,
    loss: LossSpec | None = None,
) -> tuple[Project, Frame]:
    """A network with random weights of this scale, a share `drop` of them deleted, and its first step."""
    rng = np.random.default_rng(seed)
    layers = []
    for before, units, activation in zip(sizes, sizes[1:], activations, strict=False):
        mask = rng.random((units, before)) >= drop if drop else None
        W = rng.normal(0.0, scale, (units, before))
        layers.append(
            Layer(units, activation, W=W if mask is None else W * mask, b=rng.normal(size=units), mask=mask)
        )
    x = rng.normal(0.0, 1.0, (batch, sizes[0]))
    y = np.eye(sizes[-1])[rng.integers(0, sizes[-1], batch)]
    if soft:
        y = rng.dirichlet(np.ones(sizes[-1]), batch)
    loss = loss or LossSpec()
    if loss.name == "squared_error":
        y = rng.normal(0.0, 2.0, y.shape)
    elif loss.name == "sigmoid_cross_entropy":
        y = rng.random(y.shape) if soft else rng.integers(0, 2, y.shape).astype(float)
    training = Training(Optimizer("sgd", 0.05), batch, False, 0)
    project = Project(NetworkSpec(sizes[0], tuple(layers), loss), InlineData(x, y), training)
    return project, trainer(project).preview()


@st.composite
def cases(draw: st.DrawFn) -> tuple[Project, Frame]:
    """Random networks: 1 to 4 layers of any activation, batches of 1 to 5, some connections deleted."""
    depth = draw(st.integers(1, 4))
    sizes = (*draw(st.lists(st.integers(1, 5), min_size=depth, max_size=depth)), draw(st.integers(2, 4)))
    activations = tuple(draw(st.sampled_from(ACTIVATION_NAMES)) for _ in range(depth))
    return make(
        sizes,
        activations,
        batch=draw(st.integers(1, 5)),
        seed=draw(st.integers(0, 10_000)),
        scale=draw(st.sampled_from((0.01, 0.5, 1.0, 3.0))),
        drop=draw(st.sampled_from((0.0, 0.0, 0.3, 1.0))),
        soft=draw(st.booleans()),
    )


def addresses(frame: Frame, rows: bool = False) -> Iterator[Quantity]:
    """Every address of a frame; with `rows`, those of a sample for every row of the batch."""
    marks: list[int | None] = list(range(frame.samples)) if rows else [None]
    softmax = LOSSES[frame.architecture.loss.name].softmax
    for mark in marks:
        yield from (Quantity("x", None, (i,), mark) for i in range(frame.x.shape[1]))
        for kind in ("y", "y_hat", "shifted", "exp") if softmax else ("y", "y_hat"):
            yield from (Quantity(kind, None, (j,), mark) for j in range(frame.y.shape[1]))
        if softmax:
            yield Quantity("exp_sum", sample=mark)
        for k, layer in enumerate(frame.layers, start=1):
            for kind in ("z", "a", "slope", "back", "delta"):
                yield from (Quantity(kind, k, (j,), mark) for j in range(len(layer.b)))
    for k, layer in enumerate(frame.layers, start=1):
        for kind in ("W", "dW", "W_after"):
            yield from (Quantity(kind, k, (int(j), int(i))) for j, i in np.ndindex(layer.W.shape))
        for kind in ("b", "db", "b_after"):
            yield from (Quantity(kind, k, (j,)) for j in range(len(layer.b)))
    yield Quantity("loss")
    if frame.samples > 1 or frame.divisor != 1.0:
        yield from (Quantity("loss", sample=row) for row in range(frame.samples))
    yield Quantity("learning_rate")


def everything(frame: Frame) -> Iterator[Quantity]:
    """Every address that the frame has, whatever its layers and its update are; a sample's for every row."""
    widths = frame.architecture.widths
    kinds = KINDS if frame.update.penalties else KINDS.keys() - {"data_loss", "penalty"}
    for kind in sorted(kinds):
        of = KINDS[kind]
        layers = range(1, len(frame.layers) + 1) if of.layered else (None,)
        rows = range(frame.samples) if of.per_sample and kind != "loss" else (None,)
        indices = itertools.product(range(max(widths)), repeat=of.indices)
        for k, index, row in itertools.product(layers, indices, rows):
            q = Quantity(kind, k, index, row)
            try:
                validate_in(q, frame)
            except AddressError:
                continue
            yield q
    if frame.samples > 1 or frame.divisor != 1.0:
        yield from (Quantity("loss", sample=row) for row in range(frame.samples))


def canonical(q: Quantity, frame: Frame, row: int = 0) -> Quantity:
    """The address with its row named, so that two ways to write the same number are equal."""
    if q.kind == "loss":
        return q if frame.samples > 1 or frame.divisor != 1.0 else Quantity("loss")
    return Quantity(q.kind, q.layer, q.index, row) if q.per_sample and q.sample is None else q
