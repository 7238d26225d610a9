"""What a kind of layer is to the engine: a specification, a shape, and the arrays a step writes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from deltaglow.engine.activations import ACTIVATIONS
from deltaglow.engine.backend import HOST, Backend
from deltaglow.engine.ops import Array, Tape, in_line, op
from deltaglow.engine.scratch import Scratch

Place = tuple[int, int]
"""Row and column in a layer's block of parameters."""


@dataclass(frozen=True)
class Columns:
    """The columns of units before a layer, the input first: their widths and how many channels each has."""

    widths: tuple[int, ...]
    channels: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Skip:
    """A connection around layers (He et al. 2016): z gets + S a of layer `source`, 0 being the input.

    S is the identity, which takes columns of the same width, or with `projection` a trainable matrix P
    (units, units of the source): given, or drawn like the layer's weights.
    """

    source: int
    projection: bool = False
    P: Array | None = None


@dataclass(frozen=True, eq=False)
class Circumstances:
    """Where a layer's arrays will be used: in steps over `rows` samples; `last` before the loss; with arrays
    of `backend`. training: False makes the layer work as it does when the network is only asked. statistics:
    what it remembers. stream: its random numbers.
    """

    rows: int
    last: bool
    training: bool
    statistics: Array
    stream: np.random.Generator | None
    backend: Backend = HOST


class LayerSpec(ABC):
    """What a layer is built from."""

    @abstractmethod
    def shape(self, before: Columns) -> LayerShape:
        """The layer's shape behind these columns. Raises ValueError if it cannot stand there."""

    @abstractmethod
    def fill(self, shape: LayerShape, block: Array, statistics: Array, rng: np.random.Generator) -> None:
        """Write the numbers that the layer starts from into its block and its statistics."""


@dataclass(frozen=True, eq=False)
class LayerShape(ABC):
    """What stays of a layer when its numbers are left out.

    Its parameters are one block of the flat vector, of shape `block_shape`: first the rows of its weights,
    then one row of biases, then what else it has. Every kind can also be seen as a dense layer: `W(block)`
    (units, n_in), `b(block)` (units,) and `mask`, which is what diagrams draw and addresses index.
    """

    kind: ClassVar[str]
    label: ClassVar[str]
    one_to_one: ClassVar[bool] = False
    """True if unit j listens to unit j alone."""
    draws: ClassVar[bool] = False
    """True if a step of the layer draws random numbers."""

    n_in: int
    units: int
    activation: str

    @property
    @abstractmethod
    def block_shape(self) -> Place:
        """Rows and columns of the block."""

    @property
    @abstractmethod
    def weight_rows(self) -> int:
        """How many of the block's rows are weights: those whose gradient's norm is recorded."""

    @property
    def statistics_shape(self) -> Place:
        """Shape of what the layer remembers from batch to batch beside its parameters."""
        return (0, 0)

    @property
    def channels(self) -> int:
        """Into how many channels the units fall, the channel counting fastest."""
        return 1

    @property
    def skip(self) -> Skip | None:
        """A connection around layers that ends here."""
        return None

    @property
    def mask(self) -> Array | None:
        """(units, n_in): nonzero where unit j listens to unit i; None if every unit listens to all."""
        return None

    @abstractmethod
    def W(self, block: Array) -> Array:
        """The weights as a dense layer would have them, (units, n_in)."""

    @abstractmethod
    def b(self, block: Array) -> Array:
        """The biases as a dense layer would have them, (units,)."""

    def dW(self, gradient: Array) -> Array:
        """The gradient of the block, laid out as W: a shared weight's stands wherever the weight does."""
        return self.W(gradient)

    @abstractmethod
    def named(self, block: Array) -> dict[str, Array]:
        """The block's parts under the layer's own names for them."""

    @abstractmethod
    def place(self, name: str, index: tuple[int, ...]) -> Place:
        """Where in the block the parameter W[j, i], b[j] or P[j, i] stands."""

    @abstractmethod
    def parameters(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Every parameter once, as a name and index that `place` takes; deleted connections are left out."""

    @abstractmethod
    def buffers(self, where: Circumstances) -> LayerBuffers:
        """The arrays that the layer writes there."""


class LayerBuffers(ABC):
    """The arrays that one layer writes in a step over `rows` samples, and the calls that write them.

    z, a, slope = φ′(z), back = ∂L/∂a and delta = ∂L/∂z are (rows, units). `outputs` is (rows, units + 1),
    with a last column of ones for the layer after, or (rows, units) for the last layer; `a` is a view of it.
    Where the activation is the identity, z and a are one array, and so are back and delta, unless `apart`.
    """

    by_row: ClassVar[tuple[str, ...]] = ()
    """A subclass's own arrays that have a row for each sample."""
    kept: ClassVar[tuple[str, ...]] = ()
    """Those of them that a step cannot compute again."""
    held: slice = slice(None)
    """Which of the layer's units these are the arrays of: all, but for `of_units`."""

    def __init__(self, shape: LayerShape, where: Circumstances, apart: bool = False) -> None:
        rows, units, backend = where.rows, shape.units, where.backend
        self.units = units
        self.backend = backend
        self.xp = backend.xp
        self.activation = ACTIVATIONS[shape.activation]
        self.outputs = backend.ones((rows, units if where.last else units + 1))
        self.a: Array = self.outputs if where.last else self.outputs[:, :-1]
        in_place = self.activation.in_place
        self.z: Array = self.a if in_place and not apart else backend.zeros((rows, units))
        self.slope: Array = (
            backend.xp.broadcast_to(backend.ones((1, 1)), (rows, units))
            if in_place
            else backend.zeros((rows, units))
        )
        self.scratch = Scratch(backend.xp, 0)
        self.back = backend.zeros((rows, units))
        self.delta = self.back if in_place else backend.zeros((rows, units))

    def first(self, rows: int) -> Self:
        """The same arrays cut to their first `rows` rows: for a last, smaller batch."""
        cut = copy(self)
        cut.replace(lambda name, array: array[:rows])
        return cut

    def of_units(self, units: slice, scratch: Scratch) -> Self:
        """The same arrays cut to some of their units, for a thread with `scratch` memory of its own."""
        cut = copy(self)
        cut.held, cut.scratch = units, scratch
        same_z, same_delta = self.z is self.a, self.delta is self.back
        cut.a, cut.back, cut.slope = self.a[:, units], self.back[:, units], self.slope[:, units]
        cut.z = cut.a if same_z else self.z[:, units]
        cut.delta = cut.back if same_delta else self.delta[:, units]
        return cut

    def replace(self, by: Callable[[str, Array], Array]) -> None:
        """Put `by(name, array)` in the place of every array that has a row for each sample. Arrays that are
        one stay one: "z" is called "outputs" where it is a, and "delta" is called "back".
        """
        same_z, same_delta = self.z is self.a, self.delta is self.back
        for name in ("outputs", "slope", "back", *self.by_row):
            setattr(self, name, by(name, getattr(self, name)))
        self.a = self.outputs if self.outputs.shape[1] == self.units else self.outputs[:, :-1]
        self.z = self.a if same_z else by("z", self.z)
        self.delta = self.back if same_delta else by("delta", self.delta)

    def renew(self) -> Tape:
        """The calls that write what never changes, for arrays whose memory others write to as well."""
        ones = self.outputs[:, self.units :]
        return [op(ones.fill, 1.0)] if ones.size else []

    def draw(self) -> Tape:
        """The calls that draw a step's random numbers; what follows can be run again on the same ones."""
        return []

    @abstractmethod
    def weigh(self, inputs: Array, block: Array) -> Tape:
        """z from `inputs` (rows, n_in + 1), whose last column is ones."""

    def activate(self) -> Tape:
        """a = φ(z)."""
        if self.activation.in_place:
            return [] if self.z is self.a else [op(self.xp.copyto, self.a, self.z)]
        return self.backend.bent(self.activation.forward, self.scratch, *in_line(self.z, self.a))

    def listen(self) -> Tape:
        """δ = ∂L/∂a ⊙ φ′(z), once `back` holds ∂L/∂a."""
        if self.activation.in_place:
            return []
        return [
            *self.backend.bent(self.activation.slope, self.scratch, *in_line(self.z, self.a, self.slope)),
            op(self.xp.multiply, *in_line(self.back, self.slope, self.delta)),
        ]

    @abstractmethod
    def gather(self, inputs: Array, block_gradient: Array) -> Tape:
        """The gradient of the block summed over the batch, once `delta` is known."""

    def gather_mean(self, inputs: Array, block_gradient: Array, share: float) -> Tape:
        """`gather`, times `share`."""
        scale = op(self.xp.multiply, block_gradient, share, block_gradient)
        return [*self.gather(inputs, block_gradient), scale]

    @abstractmethod
    def send_back(self, block: Array, before: LayerBuffers) -> Tape:
        """∂L/∂a of the layer before, written over what its `back` held; comes after `gather`."""

    def commit(self) -> Tape:
        """The calls that a step which counts ends with: what the layer remembers of the batch."""
        return []

    def extra(self) -> dict[str, Array]:
        """What else the step computed, under names of its own, to be copied into the trace."""
        return {}

    def remembered(self) -> dict[str, Array]:
        """What the layer remembers of past batches, as it is now, to be copied into the trace likewise."""
        return {}
