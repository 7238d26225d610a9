"""The dense layer: z = x Wᵀ + b, a = φ(z), with a connection mask and, if wanted, a connection around."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from deltaglow.engine.initializers import Start, draw
from deltaglow.engine.layers.base import (
    Circumstances,
    Columns,
    LayerBuffers,
    LayerShape,
    LayerSpec,
    Place,
    Skip,
)
from deltaglow.engine.ops import Array, Tape, frozen, op


@dataclass(frozen=True, eq=False)
class Dense(LayerSpec):
    """What a dense layer is built from.

    `W` (units, n_in) and `b` (units,) are given, or W is drawn by the rule `init` and b is zero. `mask`, of
    W's shape, holds 1 where there is a connection and 0 where it was deleted. `skip` adds S a of an earlier
    layer to z.
    """

    units: int
    activation: str = "identity"
    W: Array | None = None
    b: Array | None = None
    mask: Array | None = None
    init: str | Start = "xavier_normal"
    skip: Skip | None = None

    def shape(self, before: Columns) -> DenseShape:
        """The layer behind these columns. Raises ValueError if the skip or an array does not fit."""
        n_in = before.widths[-1]
        around = 0
        if self.skip is not None:
            if not 0 <= self.skip.source < len(before.widths):
                raise ValueError(f"the skip comes from layer {self.skip.source}, which is not before it")
            around = before.widths[self.skip.source]
            if not self.skip.projection and around != self.units:
                raise ValueError(f"an identity skip from {around} units cannot end in {self.units}")
        wanted = (("W", self.W, (self.units, n_in)), ("b", self.b, (self.units,)))
        P = self.skip.P if self.skip is not None and self.skip.projection else None
        for name, array, size in (
            *wanted,
            ("mask", self.mask, (self.units, n_in)),
            ("P", P, (self.units, around)),
        ):
            if array is not None and np.shape(array) != size:
                raise ValueError(f"{name} has shape {np.shape(array)}, not {size}")
        mask = None if self.mask is None else frozen(self.mask)
        skip = None if self.skip is None else Skip(self.skip.source, self.skip.projection)
        return DenseShape(n_in, self.units, self.activation, mask, skip, around)

    def fill(self, shape: LayerShape, block: Array, statistics: Array, rng: np.random.Generator) -> None:
        """W and b as given or drawn; P as given or drawn by the same rule."""
        assert isinstance(shape, DenseShape)
        n_in = shape.n_in
        W = draw(self.init, self.activation, rng, self.units, n_in) if self.W is None else np.asarray(self.W)
        block[:n_in] = (W if shape.mask is None else W * shape.mask).T
        block[n_in] = 0.0 if self.b is None else self.b
        if shape.projected:
            assert self.skip is not None
            P = self.skip.P
            block[n_in + 1 :] = (
                draw(self.init, self.activation, rng, self.units, shape.around)
                if P is None
                else np.asarray(P)
            ).T


@dataclass(frozen=True, eq=False)
class DenseShape(LayerShape):
    """A dense layer without its numbers. Its block is [Wᵀ; b], and [Wᵀ; b; Pᵀ] with a projected skip.

    around: units of the column that the skip comes from.
    """

    kind: ClassVar[str] = "dense"
    label: ClassVar[str] = "Dense"

    deleted: Array | None = None
    """The mask: (units, n_in), 0 where a connection was deleted."""
    around_from: Skip | None = None
    around: int = 0

    @property
    def skip(self) -> Skip | None:
        return self.around_from

    @property
    def projected(self) -> bool:
        """Whether the skip has a matrix of its own."""
        return self.around_from is not None and self.around_from.projection

    @property
    def mask(self) -> Array | None:
        return self.deleted

    @property
    def block_shape(self) -> Place:
        return (self.n_in + 1 + (self.around if self.projected else 0), self.units)

    @property
    def weight_rows(self) -> int:
        return self.n_in

    def W(self, block: Array) -> Array:
        return block[: self.n_in].T

    def b(self, block: Array) -> Array:
        bias: Array = block[self.n_in]
        return bias

    def named(self, block: Array) -> dict[str, Array]:
        own = {"W": self.W(block), "b": self.b(block)}
        return {**own, "P": block[self.n_in + 1 :].T} if self.projected else own

    def place(self, name: str, index: tuple[int, ...]) -> Place:
        if name == "b":
            return self.n_in, index[0]
        j, i = index
        return (i if name == "W" else self.n_in + 1 + i), j

    def parameters(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        for j, i in np.ndindex(self.units, self.n_in):
            if self.mask is None or self.mask[j, i]:
                yield "W", (j, i)
        for j in range(self.units):
            yield "b", (j,)
        if self.projected:
            for index in np.ndindex(self.units, self.around):
                yield "P", index

    def buffers(self, where: Circumstances) -> DenseBuffers:
        return DenseBuffers(self, where)


class DenseBuffers(LayerBuffers):
    """The arrays of a dense layer.

    The weights are stored as [Wᵀ; b], shape (n_in + 1, units), and the activations of the layer before carry
    a constant 1 in a last column: one matrix product gives z with the bias in it, and one gives dW and db
    together.
    """

    by_row = ("_around",)

    def __init__(self, shape: DenseShape, where: Circumstances) -> None:
        super().__init__(shape, where)
        self._weights = shape.n_in + 1
        self._projected = shape.projected
        rows = where.rows if shape.projected else 0
        self._around = where.backend.zeros((rows, max(shape.units, shape.around)))

    def weigh(self, inputs: Array, block: Array) -> Tape:
        """z = x Wᵀ + b."""
        return self.backend.product(inputs, block[: self._weights, self.held], self.z)

    def gather(self, inputs: Array, block_gradient: Array) -> Tape:
        """[dWᵀ; db] summed over the batch: xᵀ δ."""
        return self.gather_rows(inputs, block_gradient, 1.0)

    def gather_mean(self, inputs: Array, block_gradient: Array, share: float) -> Tape:
        return self.gather_rows(inputs, block_gradient, share)

    def gather_rows(
        self, inputs: Array, block_gradient: Array, share: float, rows: slice = slice(None)
    ) -> Tape:
        """Some rows of [dWᵀ; db], times `share`."""
        into = block_gradient[: self._weights][rows]
        return self.backend.product(inputs[:, rows].T, self.delta, into, share)

    def send_back(self, block: Array, before: LayerBuffers) -> Tape:
        """Each unit of the layer before gathers Σⱼ W[j, i] δⱼ."""
        return self.backend.product(self.delta, block[: self._weights - 1][before.held].T, before.back)

    def join(self, said: Array, block: Array) -> Tape:
        """z + S a, once z holds W a + b; `said` (rows, around) are the activations the skip starts from."""
        if not self._projected:
            return [op(self.xp.add, self.z, said, self.z)]
        sent = self._around[:, : self.units]
        weigh = self.backend.product(said, block[self._weights :], sent)
        return [*weigh, op(self.xp.add, self.z, sent, self.z)]

    def gather_skip(self, said: Array, block_gradient: Array) -> Tape:
        """dPᵀ summed over the batch."""
        if not self._projected:
            return []
        return self.backend.product(said.T, self.delta, block_gradient[self._weights :])

    def send_around(self, block: Array, source: LayerBuffers) -> Tape:
        """Sᵀ δ, added to what has come back to the layer that the skip starts from."""
        if not self._projected:
            return [op(self.xp.add, source.back, self.delta, source.back)]
        back = self._around[:, : source.units]
        return [
            *self.backend.product(self.delta, block[self._weights :].T, back),
            op(self.xp.add, source.back, back, source.back),
        ]
