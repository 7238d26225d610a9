"""Independent sigmoids with binary cross-entropy: any number of labels may be true of a sample."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from deltaglow.engine.losses.base import Loss, LossSpec
from deltaglow.engine.ops import Array, IntArray, Tape, op


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

    def __init__(self, spec: LossSpec, units: int, rows: int) -> None:
        super().__init__(spec, units, rows)
        self._terms: Array = np.zeros((rows, units))
        self._scratch: Array = np.zeros((rows, units))
        self._said = np.zeros((rows, units), dtype=np.bool_)
        self._wanted = np.zeros((rows, units), dtype=np.bool_)

    def forward(self, logits: Array, y: Array, labels: IntArray, result: Array, hard: bool = True) -> Tape:
        terms, scratch, y_hat = self._terms, self._scratch, self.y_hat
        return [
            op(np.negative, logits, y_hat),
            op(np.exp, y_hat, y_hat),
            op(np.add, y_hat, 1.0, y_hat),
            op(np.reciprocal, y_hat, y_hat),
            op(np.maximum, logits, 0.0, out=terms),
            op(np.multiply, logits, y, scratch),
            op(np.subtract, terms, scratch, terms),
            op(np.absolute, logits, scratch),
            op(np.negative, scratch, scratch),
            op(np.exp, scratch, scratch),
            op(np.log1p, scratch, scratch),
            op(np.add, terms, scratch, terms),
            op(np.add.reduce, terms, 1, None, self.losses),
            op(np.greater, logits, 0.0, self._said),
            op(np.greater, y, 0.5, self._wanted),
            op(np.equal, self._said, self._wanted, self._said),
            op(np.logical_and.reduce, self._said, 1, None, self.outcome[1]),
            *self.mean(result),
        ]

    def backward(self, y: Array, back: Array) -> Tape:
        return [op(np.subtract, self.y_hat, y, back)]
