"""Softmax with squared error: what was used before cross-entropy, and why it no longer is."""

from __future__ import annotations

from typing import ClassVar

from deltaglow.engine.backend import HOST, Backend
from deltaglow.engine.batch import Batch
from deltaglow.engine.losses.base import LossSpec
from deltaglow.engine.losses.softmax import Softmax
from deltaglow.engine.ops import Array, Tape, op


class SoftmaxSquaredError(Softmax):
    """ŷ = softmax(logits), L = ½ Σ (ŷ − y)², ∂L/∂logitⱼ = Σᵢ (ŷᵢ − yᵢ) ŷᵢ ([i = j] − ŷⱼ).

    The sum runs over softmax's whole Jacobian ∂ŷᵢ/∂logitⱼ; it is ŷⱼ ((ŷⱼ − yⱼ) − Σᵢ ŷᵢ (ŷᵢ − yᵢ)). Where the
    network is sure and wrong, every entry of the Jacobian is near 0 and so is the slope: it learns
    slowest where it should learn most (Golik, Doetsch and Ney, 2013). Squared error on probabilities is the
    Brier score (1950), here with ½ and summed over the classes, as in `squared_error`.
    """

    name: ClassVar[str] = "softmax_squared_error"
    label: ClassVar[str] = "Softmax + squared error"
    by_row: ClassVar[tuple[str, ...]] = (*Softmax.by_row, "gaps", "shares")

    def __init__(self, spec: LossSpec, units: int, rows: int, backend: Backend = HOST) -> None:
        super().__init__(spec, units, rows, backend)
        self.gaps: Array = backend.zeros((rows, units))
        """ŷ − y."""
        self.shares: Array = backend.zeros((rows, 1))
        """Σ ŷ (ŷ − y)."""

    def forward(self, logits: Array, batch: Batch, result: Array) -> Tape:
        return [
            *self.probabilities(logits),
            *self.hits(logits, batch),
            op(self.xp.subtract, self.y_hat, batch.y, self.gaps),
            *self.backend.row_products(self.gaps, self.gaps, self.losses),
            op(self.xp.multiply, self.losses, 0.5, self.losses),
            *self.mean(result),
        ]

    def backward(self, y: Array, back: Array) -> Tape:
        return [
            *self.backend.row_products(self.y_hat, self.gaps, self.shares[:, 0]),
            op(self.xp.subtract, self.gaps, self.shares, back),
            op(self.xp.multiply, back, self.y_hat, back),
        ]
