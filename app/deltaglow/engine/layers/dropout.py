"""Dropout: in training every unit is silenced with probability p, and the others speak 1/(1 − p) louder.

Srivastava et al. 2014, in the inverted form: nothing needs scaling in evaluation, where it does nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from deltaglow.engine.layers.base import Circumstances, Columns, LayerBuffers, LayerShape, LayerSpec, Place
from deltaglow.engine.layers.one_to_one import OneToOneShape, diagonal
from deltaglow.engine.ops import Array, Tape, frozen, op


@dataclass(frozen=True, eq=False)
class Dropout(LayerSpec):
    """z = keep ⊙ x, a = z; as many units as the layer before. `rate` is p, from 0 to below 1.

    keep is 1/(1 − p) with probability 1 − p, else 0, drawn anew in every step for every sample and unit from
    a stream of random numbers that is the layer's own.
    """

    rate: float = 0.5

    def shape(self, before: Columns) -> DropoutShape:
        """The layer behind these columns. Raises ValueError if the rate is no probability below 1."""
        if not 0.0 <= self.rate < 1.0:
            raise ValueError(f"the rate is {self.rate}, not from 0 to below 1")
        units = before.widths[-1]
        return DropoutShape(units, units, "identity", before.channels[-1], self.rate)

    def fill(self, shape: LayerShape, block: Array, statistics: Array, rng: np.random.Generator) -> None:
        """There is nothing to fill."""


@dataclass(frozen=True, eq=False)
class DropoutShape(OneToOneShape):
    """Dropout: no parameters. Seen as a dense layer its W is the identity."""

    kind: ClassVar[str] = "dropout"
    label: ClassVar[str] = "Dropout"
    draws: ClassVar[bool] = True

    rate: float = 0.5

    @property
    def block_shape(self) -> Place:
        return (0, self.units)

    @property
    def weight_rows(self) -> int:
        return 0

    def W(self, block: Array) -> Array:
        return diagonal(np.ones(self.units))

    def dW(self, gradient: Array) -> Array:
        return frozen(np.zeros((self.units, self.units)))

    def b(self, block: Array) -> Array:
        return frozen(np.zeros(self.units))

    def named(self, block: Array) -> dict[str, Array]:
        return {}

    def place(self, name: str, index: tuple[int, ...]) -> Place:
        raise IndexError("dropout has no parameters")

    def parameters(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        return iter(())

    def buffers(self, where: Circumstances) -> DropoutBuffers:
        return DropoutBuffers(self, where)


class DropoutBuffers(LayerBuffers):
    """The arrays of dropout: keep (rows, units), all ones until it is drawn."""

    by_row = ("keep", "_drawn")
    kept = ("keep",)

    def __init__(self, shape: DropoutShape, where: Circumstances) -> None:
        super().__init__(shape, where)
        self._rate, self._stream = shape.rate, where.stream if where.training else None
        self.keep = where.backend.ones((where.rows, shape.units))
        self._drawn = where.backend.wider.zeros((where.rows, shape.units))

    def draw(self) -> Tape:
        """A new `keep`."""
        if self._stream is None:
            return []
        return [
            *self.backend.drawn(self._stream.random, self._drawn),
            op(self.xp.greater_equal, self._drawn, self._rate, self.keep),
            op(self.xp.multiply, self.keep, 1.0 / (1.0 - self._rate), self.keep),
        ]

    def weigh(self, inputs: Array, block: Array) -> Tape:
        """z = keep ⊙ x."""
        return [op(self.xp.multiply, inputs[:, :-1], self.keep, self.z)]

    def gather(self, inputs: Array, block_gradient: Array) -> Tape:
        """Nothing: there are no parameters."""
        return []

    def send_back(self, block: Array, before: LayerBuffers) -> Tape:
        """keep ⊙ δ: no error returns to a unit that was silenced."""
        return [op(self.xp.multiply, self.delta, self.keep, before.back)]

    def extra(self) -> dict[str, Array]:
        """keep (rows, units): what each unit was multiplied by."""
        return {"keep": self.keep}
