"""A frame: everything one training step computed, copied and immutable: what is shown and explained."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True, eq=False)
class LayerTrace:
    """One layer's numbers in one step; n_in units before it, B samples.

    W (units, n_in), b (units,): before the step; W_after, b_after: after it. z, a (B, units).
    slope: φ′(z). back: ∂L/∂a per sample, what comes back to the unit (Σⱼ w δⱼ; at the last layer ŷ − y).
    delta: ∂L/∂z per sample = back ⊙ slope. dW, db: gradient of the *mean* loss of the batch.
    """

    activation: str
    W: Array
    b: Array
    z: Array
    a: Array
    slope: Array
    back: Array
    delta: Array
    dW: Array
    db: Array
    W_after: Array
    b_after: Array
    mask: Array | None


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

    @property
    def samples(self) -> int:
        """B, the number of samples in this step's mini-batch."""
        return len(self.x)
