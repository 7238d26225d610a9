"""The dense layer: z = x Wᵀ + b, a = φ(z)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deltaglow.engine.activations import ACTIVATIONS
from deltaglow.engine.ops import Array, Tape, op


@dataclass(frozen=True, eq=False)
class Dense:
    """What a dense layer is built from.

    `W` (units, n_in) and `b` (units,) are given, or W is drawn by the rule `init` and b is zero. `mask`, of
    W's shape, holds 1 where there is a connection and 0 where it was deleted.
    """

    units: int
    activation: str = "identity"
    W: Array | None = None
    b: Array | None = None
    mask: Array | None = None
    init: str = "xavier_normal"


@dataclass(frozen=True, eq=False)
class LayerShape:
    """What stays of a layer when its numbers are left out."""

    units: int
    activation: str
    mask: Array | None


class DenseBuffers:
    """The arrays that one dense layer writes in a step over `rows` samples, and the calls that write them.

    The block of parameters is stored as [Wᵀ; b], shape (n_in + 1, units), and the activations of the layer
    before carry a constant 1 in a last column: one matrix product gives z with the bias in it, and one gives
    dW and db together. `outputs` is (rows, units + 1) with that column of ones, or (rows, units) for the
    last layer.
    """

    def __init__(self, units: int, activation: str, rows: int, last: bool) -> None:
        self.units = units
        self.activation = ACTIVATIONS[activation]
        self.outputs = np.ones((rows, units if last else units + 1))
        self.a = self.outputs if last else self.outputs[:, :-1]
        in_place = self.activation.in_place
        self.z = self.a if in_place else np.zeros((rows, units))
        self.slope = np.ones((rows, units))
        self.back = np.zeros((rows, units))
        self.delta = self.back if in_place else np.zeros((rows, units))

    def first(self, rows: int) -> DenseBuffers:
        """The same arrays cut to their first `rows` rows: for a last, smaller batch."""
        cut = object.__new__(DenseBuffers)
        cut.units, cut.activation = self.units, self.activation
        cut.outputs, cut.slope, cut.back = self.outputs[:rows], self.slope[:rows], self.back[:rows]
        cut.a = cut.outputs if self.outputs.shape[1] == self.units else cut.outputs[:, :-1]
        cut.z = cut.a if self.z is self.a else self.z[:rows]
        cut.delta = cut.back if self.delta is self.back else self.delta[:rows]
        return cut

    def weigh(self, inputs: Array, block: Array) -> Tape:
        """z = x Wᵀ + b. inputs (rows, n_in + 1), block (n_in + 1, units)."""
        return [op(np.matmul, inputs, block, self.z)]

    def activate(self) -> Tape:
        """a = φ(z)."""
        return self.activation.forward(self.z, self.a)

    def listen(self) -> Tape:
        """δ = ∂L/∂a ⊙ φ′(z), once `back` holds ∂L/∂a."""
        if self.activation.in_place:
            return []
        return [
            *self.activation.slope(self.z, self.a, self.slope),
            op(np.multiply, self.back, self.slope, self.delta),
        ]

    def send_back(self, block: Array, before: DenseBuffers) -> Tape:
        """∂L/∂a of the layer before: each of its units gathers Σⱼ W[j, i] δⱼ."""
        return [op(np.matmul, self.delta, block[:-1].T, before.back)]

    def gather(self, inputs: Array, block_gradient: Array) -> Tape:
        """[dWᵀ; db] summed over the batch: xᵀ δ."""
        return [op(np.matmul, inputs.T, self.delta, block_gradient)]
