"""Independent sigmoids with binary cross-entropy: any number of labels may be true of a sample."""

from __future__ import annotations

from typing import ClassVar

from deltaglow.engine.backend import HOST, Backend
from deltaglow.engine.batch import Batch
from deltaglow.engine.losses.base import Loss, LossSpec
from deltaglow.engine.ops import Array, Tape, op


class SigmoidCrossEntropy(Loss):
    """ŷ = σ(logits), L = −Σ (y log ŷ + (1 − y) log(1 − ŷ)), summed over the outputs; ∂L/∂logits = ŷ − y.

    Computed from the logits v as Σ max(v, 0) − v y + log(1 + exp(−|v|)), which neither overflows nor takes
    the logarithm of 0. The same as PyTorch's BCEWithLogitsLoss with reduction "sum", divided by the number of
    samples. The network is right about a sample where every label is: ŷ > ½ exactly where y > ½.
    """

    name: ClassVar[str] = "sigmoid_cross_entropy"
    label: ClassVar[str] = "Sigmoids + cross-entropy"
    targets = "unit"
    unit: ClassVar[str] = "nats"
    by_row: ClassVar[tuple[str, ...]] = (*Loss.by_row, "_terms", "_scratch", "_said", "_wanted")

    def __init__(self, spec: LossSpec, units: int, rows: int, backend: Backend = HOST) -> None:
        super().__init__(spec, units, rows, backend)
        self._terms: Array = backend.zeros((rows, units))
        self._scratch: Array = backend.zeros((rows, units))
        self._said = backend.flags((rows, units))
        self._wanted = backend.flags((rows, units))

    def forward(self, logits: Array, batch: Batch, result: Array) -> Tape:
        y = batch.y
        terms, scratch, y_hat = self._terms, self._scratch, self.y_hat
        return [
            op(self.xp.negative, logits, y_hat),
            op(self.xp.exp, y_hat, y_hat),
            op(self.xp.add, y_hat, 1.0, y_hat),
            op(self.xp.reciprocal, y_hat, y_hat),
            op(self.xp.maximum, logits, 0.0, out=terms),
            op(self.xp.multiply, logits, y, scratch),
            op(self.xp.subtract, terms, scratch, terms),
            op(self.xp.absolute, logits, scratch),
            op(self.xp.negative, scratch, scratch),
            op(self.xp.exp, scratch, scratch),
            op(self.xp.log1p, scratch, scratch),
            op(self.xp.add, terms, scratch, terms),
            *self.backend.row_sums(terms, self.losses),
            op(self.xp.greater, logits, 0.0, self._said),
            op(self.xp.greater, y, 0.5, self._wanted),
            op(self.xp.equal, self._said, self._wanted, self._said),
            *self.backend.row_all(self._said, self.right),
            *self.mean(result),
        ]

    def backward(self, y: Array, back: Array) -> Tape:
        return [op(self.xp.subtract, self.y_hat, y, back)]
