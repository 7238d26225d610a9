"""Softmax with cross-entropy, fused and stable."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from deltaglow.engine.ops import Array, IntArray, Tape, op


class SoftmaxCrossEntropy:
    """ŷ = softmax(logits), L = −Σ y log ŷ (natural logarithm), ∂L/∂logits = ŷ − y.

    Stable for logits of any finite size: the largest is subtracted first, so that no exponential exceeds 1,
    and the loss is computed as log Σ exp(shifted) − Σ y · shifted, which never takes the logarithm of a ŷ
    that underflowed. The targets of each row must sum to 1, otherwise ŷ − y is not the gradient.

    Arrays over `rows` samples and `units` classes: shifted, exps, y_hat (rows, units); peaks, sums (rows, 1);
    losses, hits (rows,), a hit being 1.0 where the largest logit (the first, on a tie) is the target's class.
    """

    name: ClassVar[str] = "softmax_cross_entropy"
    label: ClassVar[str] = "Softmax + cross-entropy"

    def __init__(self, units: int, rows: int) -> None:
        self.peaks = np.zeros((rows, 1))
        self.shifted = np.zeros((rows, units))
        self.exps = np.zeros((rows, units))
        self.sums = np.zeros((rows, 1))
        self.y_hat = np.zeros((rows, units))
        self._outcome = np.zeros((2, rows))
        self._guess: IntArray = np.zeros(rows, dtype=np.intp)
        self._scratch = np.zeros((2, rows))
        self.losses: Array = self._outcome[0]

    def first(self, rows: int) -> SoftmaxCrossEntropy:
        """The same arrays cut to their first `rows` rows: for a last, smaller batch."""
        cut = object.__new__(SoftmaxCrossEntropy)
        for name in ("peaks", "shifted", "exps", "sums", "y_hat", "_guess"):
            setattr(cut, name, getattr(self, name)[:rows])
        cut._outcome, cut._scratch = self._outcome[:, :rows], self._scratch[:, :rows]
        cut.losses = cut._outcome[0]
        return cut

    def forward(self, logits: Array, y: Array, labels: IntArray, result: Array) -> Tape:
        """Softmax and loss; the mean loss and the accuracy go to `result`, shape (2,).

        logits, y (rows, units); labels (rows,) is the class of the largest target of each row.
        """
        rows = len(logits)
        logs, picked = self._scratch
        hits = self._outcome[1]
        return [
            op(np.maximum.reduce, logits, 1, None, self.peaks, True),
            op(np.subtract, logits, self.peaks, self.shifted),
            op(np.exp, self.shifted, self.exps),
            op(np.add.reduce, self.exps, 1, None, self.sums, True),
            op(np.divide, self.exps, self.sums, self.y_hat),
            op(np.log, self.sums[:, 0], logs),
            op(np.vecdot, self.shifted, y, picked),
            op(np.subtract, logs, picked, self.losses),
            op(logits.argmax, 1, self._guess),
            op(np.equal, self._guess, labels, hits),
            op(np.matmul, self._outcome, np.full(rows, 1.0 / rows), result),
        ]

    def backward(self, y: Array, back: Array) -> Tape:
        """∂L/∂logits = ŷ − y, per sample, into `back` (rows, units)."""
        return [op(np.subtract, self.y_hat, y, back)]
