"""The project: what a person edits, saves and opens. Frozen; every edit makes a new one.

Arrays in a project are float64 (masks bool), C-ordered and read-only, so a project can be shared with a
worker thread, kept in an undo history and compared without fear that somebody writes into it. Edit with
`dataclasses.replace`. These classes only hold values; `deltaglow.model.validate` judges them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Names = tuple[tuple[str, ...], ...]


def _frozen(values: Any, dtype: type) -> npt.NDArray[Any]:
    """A read-only, C-ordered array of its own; one that already is all that is kept as it is."""
    if (
        isinstance(values, np.ndarray)
        and values.dtype == dtype
        and not values.flags.writeable
        and values.base is None
    ):
        return values
    array: npt.NDArray[Any] = np.array(values, dtype=dtype, order="C", copy=True)
    array.flags.writeable = False
    return array


def _same(a: npt.NDArray[Any] | None, b: npt.NDArray[Any] | None) -> bool:
    """Whether two optional arrays have the same shape and values (a NaN equals a NaN)."""
    if a is None or b is None:
        return a is b
    return a is b or np.array_equal(a, b, equal_nan=a.dtype.kind == "f")


@dataclass(frozen=True, eq=False)
class Layer:
    """One dense layer: z = a_before Wᵀ + b, a = φ(z).

    units: how many, (units,) is the shape of b and W is (units, units of the layer before).
    activation: φ, a key of the engine's ACTIVATIONS.
    init: how W is drawn when it is not given, a key of the engine's INITIALIZERS; b then starts at zero.
    W, b: the parameters before the first step, or None.
    mask: True where a connection exists, the shape of W, or None for all of them.
    names_W, names_b: what a text calls the parameters ("w7"), of the shapes of W and b; "" for no name.
    """

    units: int
    activation: str = "identity"
    init: str = "xavier_normal"
    W: Array | None = None
    b: Array | None = None
    mask: Mask | None = None
    names_W: Names | None = None
    names_b: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        for name, dtype in (("W", np.float64), ("b", np.float64), ("mask", np.bool_)):
            values = getattr(self, name)
            if values is not None:
                object.__setattr__(self, name, _frozen(values, dtype))
        if self.names_W is not None:
            object.__setattr__(self, "names_W", _tuples(self.names_W))
        if self.names_b is not None:
            object.__setattr__(self, "names_b", tuple(self.names_b))

    def _plain(self) -> tuple[object, ...]:
        return (self.units, self.activation, self.init, self.names_W, self.names_b)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Layer):
            return NotImplemented
        return (
            self._plain() == other._plain()
            and _same(self.W, other.W)
            and _same(self.b, other.b)
            and _same(self.mask, other.mask)
        )

    def __hash__(self) -> int:
        return hash(self._plain())


def _tuples(rows: Iterable[Iterable[str]]) -> Names:
    return tuple(tuple(row) for row in rows)


@dataclass(frozen=True)
class NetworkSpec:
    """The network's shape: `inputs` features, then the layers; the last one's activations are the logits."""

    inputs: int
    layers: tuple[Layer, ...]
    loss: str = "softmax_cross_entropy"

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(self.layers))

    @property
    def outputs(self) -> int:
        """How many classes the network tells apart: the units of the last layer."""
        return self.layers[-1].units

    @property
    def sizes(self) -> tuple[int, ...]:
        """Units of every column, the input first: (3, 2, 2) for the worked example."""
        return (self.inputs, *(layer.units for layer in self.layers))

    @property
    def parameter_count(self) -> int:
        """How many numbers training can change: every weight and every bias."""
        sizes = self.sizes
        return sum(after * (before + 1) for before, after in pairwise(sizes))


@dataclass(frozen=True, eq=False)
class InlineData:
    """Samples kept in the project itself: x is (N, features), y is (N, classes) with rows that sum to 1."""

    x: Array
    y: Array

    def __post_init__(self) -> None:
        object.__setattr__(self, "x", _frozen(self.x, np.float64))
        object.__setattr__(self, "y", _frozen(self.y, np.float64))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, InlineData):
            return NotImplemented
        return _same(self.x, other.x) and _same(self.y, other.y)

    def __hash__(self) -> int:
        return hash((self.x.shape, self.y.shape))


@dataclass(frozen=True)
class BuiltinData:
    """A built-in set, drawn anew from its seed: `name` is a key of deltaglow.data.DATASETS.

    noise is a standard deviation in the units of the features; classes None means the set's own number.
    """

    name: str
    samples: int
    noise: float = 0.0
    classes: int | None = None
    seed: int = 0


@dataclass(frozen=True)
class Optimizer:
    """How a gradient becomes a step. learning_rate is η, per unit of gradient."""

    name: str = "sgd"
    learning_rate: float = 0.1


@dataclass(frozen=True)
class Training:
    """How samples are fed: batch_size rows a step, in their order or a new one each epoch, all from seed."""

    optimizer: Optimizer = field(default_factory=Optimizer)
    batch_size: int = 1
    shuffle: bool = False
    seed: int = 0


@dataclass(frozen=True)
class Project:
    """A whole laboratory bench: network, data, training and a title to show."""

    network: NetworkSpec
    data: InlineData | BuiltinData
    training: Training = field(default_factory=Training)
    title: str = ""
