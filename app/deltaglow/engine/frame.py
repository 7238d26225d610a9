"""A frame: everything one training step computed, copied and immutable: what is shown and explained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from deltaglow.engine.decisions import Decisions
from deltaglow.engine.layers import LayerShape
from deltaglow.engine.losses import LossSpec
from deltaglow.engine.ops import Array, IntArray
from deltaglow.engine.update_trace import UpdateTrace


@dataclass(frozen=True, eq=False)
class Architecture:
    """The shape of a network without its numbers."""

    inputs: int
    layers: tuple[LayerShape, ...]
    loss: LossSpec

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
        return [flat[part].reshape(shape) for part, shape in self._blocks]

    def memories(self, flat: Array) -> list[Array]:
        """Views of the flat vector of statistics: every layer's part of it."""
        return [flat[part].reshape(shape) for part, shape in self._memories]

    @cached_property
    def _blocks(self) -> list[tuple[slice, tuple[int, int]]]:
        return _places([layer.block_shape for layer in self.layers])

    @cached_property
    def _memories(self) -> list[tuple[slice, tuple[int, int]]]:
        return _places([layer.statistics_shape for layer in self.layers])


def _places(shapes: list[tuple[int, int]]) -> list[tuple[slice, tuple[int, int]]]:
    """Where in a flat vector arrays of these shapes lie one behind the other, each with its shape."""
    found, start = [], 0
    for rows, columns in shapes:
        found.append((slice(start, start + rows * columns), (rows, columns)))
        start += rows * columns
    return found


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

    rows (B,): the data set's row of each sample. x (B, inputs), y (B, K), `hard` where every target of the
    data set is a class. shifted: logits minus the row's largest (naive: the logits); exps: exp(shifted);
    exp_sums (B,): their sums; all three only with a loss on a softmax, else shifted and exps are (B, 0).
    y_hat (B, K): the outputs. losses (B,): each sample's loss. loss: their sum over `divisor`, the data loss,
    and the penalty if there is one: what `gradient` is the gradient of. accuracy: NaN where there is none.
    theta, theta_after, gradient: flat vectors (P,).
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
    statistics: Array = field(default_factory=lambda: np.zeros(0))
    """What layers remembered from earlier batches before the step, flat."""
    statistics_after: Array = field(default_factory=lambda: np.zeros(0))
    hard: bool = True
    update: UpdateTrace = field(default_factory=UpdateTrace)
    noise: float = 0.0
    """σ of the noise that x includes."""
    precision: str = "float64"
    """What the step was computed in, a key of PRECISIONS. The frame's own arrays are float64 all the same."""
    scale: float = 1.0
    """In mixed precision, what errors were multiplied by on their way. Those of the frame are without it."""
    left_out: bool = False
    """Whether a gradient overflowed at this scale, so that the step moved nothing."""
    decisions: Decisions = field(default_factory=Decisions)

    @property
    def data_loss(self) -> float:
        """The loss without the penalty on large weights, from its samples: a difference would lose digits."""
        return float(self.losses.sum()) / self.divisor if self.update.penalties else self.loss

    @property
    def penalty(self) -> float:
        """What the penalty on large weights adds to the loss."""
        return self.update.penalty

    @property
    def divisor(self) -> float:
        """What the sum of the samples' losses is divided by: how many there are, or what they weigh."""
        weights = self.architecture.loss.class_weights
        if weights is None or not self.hard:
            return float(self.samples)
        return float(np.array(weights)[self.y.argmax(1)].sum())

    @property
    def samples(self) -> int:
        """B, the number of samples in this step's mini-batch."""
        return len(self.x)
