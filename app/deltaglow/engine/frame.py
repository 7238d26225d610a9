"""A frame: everything one training step computed, copied and immutable: what is shown and explained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from deltaglow.engine.layers import LayerShape
from deltaglow.engine.ops import Array, IntArray


@dataclass(frozen=True, eq=False)
class Architecture:
    """The shape of a network without its numbers."""

    inputs: int
    layers: tuple[LayerShape, ...]
    loss: str

    @property
    def widths(self) -> tuple[int, ...]:
        """Units per column, the inputs first."""
        return (self.inputs, *(layer.units for layer in self.layers))

    @property
    def parameters(self) -> int:
        """P, the length of the flat parameter vector."""
        return sum(rows * columns for rows, columns in (layer.block_shape for layer in self.layers))

    @property
    def remembered(self) -> int:
        """The length of the flat vector of what layers remember from batch to batch."""
        return sum(rows * columns for rows, columns in (layer.statistics_shape for layer in self.layers))

    def blocks(self, flat: Array) -> list[Array]:
        """Views of a flat vector (P,): every layer's block of it."""
        return _cut(flat, [layer.block_shape for layer in self.layers])

    def memories(self, flat: Array) -> list[Array]:
        """Views of the flat vector of statistics: every layer's part of it."""
        return _cut(flat, [layer.statistics_shape for layer in self.layers])


def _cut(flat: Array, shapes: list[tuple[int, int]]) -> list[Array]:
    views, start = [], 0
    for rows, columns in shapes:
        views.append(flat[start : start + rows * columns].reshape(rows, columns))
        start += rows * columns
    return views


@dataclass(frozen=True, eq=False)
class LayerTrace:
    """One layer's numbers in one step; n_in units before it, B samples.

    z, a (B, units). slope: φ′(z). back: ∂L/∂a per sample, what comes back to the unit (Σⱼ w δⱼ; at the last
    layer ŷ − y). delta: ∂L/∂z per sample = back ⊙ slope. block, block_after, block_gradient: its parameters
    before and after the step and their gradient, that of the *mean* loss of the batch, as the engine keeps
    them; `own(block)` names their parts. W, b, dW, db, W_after, b_after show them as those of a dense layer,
    (units, n_in) and (units,). extra: what only this kind of layer computes, under its own names.
    """

    shape: LayerShape
    z: Array
    a: Array
    slope: Array
    back: Array
    delta: Array
    block: Array
    block_after: Array
    block_gradient: Array
    extra: Mapping[str, Array] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The kind of layer: "dense", "batch_norm", …"""
        return self.shape.kind

    @property
    def activation(self) -> str:
        """The name of φ."""
        return self.shape.activation

    @property
    def mask(self) -> Array | None:
        """(units, n_in): nonzero where there is a connection; None if there are all."""
        return self.shape.mask

    @cached_property
    def W(self) -> Array:
        """The weights before the step."""
        return self.shape.W(self.block)

    @cached_property
    def b(self) -> Array:
        """The biases before the step."""
        return self.shape.b(self.block)

    @cached_property
    def dW(self) -> Array:
        """The weights' gradient; a shared weight's stands wherever the weight does."""
        return self.shape.dW(self.block_gradient)

    @cached_property
    def db(self) -> Array:
        """The biases' gradient."""
        return self.shape.b(self.block_gradient)

    @cached_property
    def W_after(self) -> Array:
        """The weights after the step."""
        return self.shape.W(self.block_after)

    @cached_property
    def b_after(self) -> Array:
        """The biases after the step."""
        return self.shape.b(self.block_after)

    def own(self, block: Array) -> dict[str, Array]:
        """The parts of one of the three blocks under the layer's own names: "W", "gamma", …"""
        return self.shape.named(block)

    @property
    def weight_gradient(self) -> Array:
        """The gradient of the weights, each parameter once: what the gradient norm is taken of."""
        return self.block_gradient[: self.shape.weight_rows]


@dataclass(frozen=True, eq=False)
class Frame:
    """Step number `step` (from 0), which takes `theta` to `theta_after`; all arrays are read-only copies.

    rows (B,): the data set's row of each sample. x (B, inputs), y (B, classes). shifted: logits minus the
    row's largest; exps: exp(shifted); exp_sums (B,): their sums; y_hat: exps / exp_sums. losses (B,): nats.
    loss: their mean. theta, theta_after, gradient: flat vectors (P,).
    """

    step: int
    epoch: int
    rows: IntArray
    x: Array
    y: Array
    layers: tuple[LayerTrace, ...]
    shifted: Array
    exps: Array
    exp_sums: Array
    y_hat: Array
    losses: Array
    loss: float
    accuracy: float
    learning_rate: float
    theta: Array
    theta_after: Array
    gradient: Array
    architecture: Architecture
    training: bool = True
    """False if layers worked as they do in evaluation."""

    @property
    def samples(self) -> int:
        """B, the number of samples in this step's mini-batch."""
        return len(self.x)
