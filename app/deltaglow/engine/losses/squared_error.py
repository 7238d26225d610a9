"""Squared error for regression: the outputs are the predictions."""

from __future__ import annotations

from math import nan
from typing import ClassVar

from deltaglow.engine.backend import HOST, Backend
from deltaglow.engine.batch import Batch
from deltaglow.engine.losses.base import Loss, LossSpec
from deltaglow.engine.ops import Array, Tape, op


class SquaredError(Loss):
    """ŷ = logits, L = ½ Σ (ŷ − y)², summed over the outputs; ∂L/∂logits = ŷ − y.

    The ½ and the sum (rather than the mean) over the outputs make the slope the plain difference, as with
    cross-entropy. The batch's loss is the mean over its samples: K/2 times PyTorch's MSELoss for K outputs.
    There is nothing to be right or wrong about: the accuracy is NaN.
    """

    name: ClassVar[str] = "squared_error"
    label: ClassVar[str] = "Squared error"
    targets = "real"
    by_row: ClassVar[tuple[str, ...]] = (*Loss.by_row, "gaps")

    def __init__(self, spec: LossSpec, units: int, rows: int, backend: Backend = HOST) -> None:
        super().__init__(spec, units, rows, backend)
        self.gaps: Array = backend.zeros((rows, units))
        """ŷ − y."""
        self.outcome[1] = nan

    def forward(self, logits: Array, batch: Batch, result: Array) -> Tape:
        return [
            op(self.xp.positive, logits, self.y_hat),
            op(self.xp.subtract, logits, batch.y, self.gaps),
            *self.backend.row_products(self.gaps, self.gaps, self.losses),
            op(self.xp.multiply, self.losses, 0.5, self.losses),
            *self.mean(result),
        ]

    def backward(self, y: Array, back: Array) -> Tape:
        return [op(self.xp.positive, self.gaps, back)]
