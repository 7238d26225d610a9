"""Softmax as an output function: what the losses on it share."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from deltaglow.engine.losses.base import Loss, LossSpec
from deltaglow.engine.ops import Array, IntArray, Tape, op


class Softmax(Loss):
    """ŷ = softmax(logits), computed as exp(s) / Σ exp(s) with s = logits − the largest of the row.

    Taking the largest off changes nothing, since it cancels, but no exponential can exceed 1. With
    `spec.naive` it is not taken off: a logit above 709.78 then overflows to infinity, and ∞/∞ is NaN.

    Arrays over `rows` samples and `units` classes: shifted, exps, y_hat (rows, units); peaks, sums (rows, 1).
    A network is right where its largest logit (the first, on a tie) is the class of the largest target.
    """

    targets = "distribution"
    softmax: ClassVar[bool] = True
    by_row: ClassVar[tuple[str, ...]] = (*Loss.by_row, "peaks", "guess")

    def __init__(self, spec: LossSpec, units: int, rows: int) -> None:
        super().__init__(spec, units, rows)
        self.peaks: Array = np.zeros((rows, 1))
        self.shifted = np.zeros((rows, units))
        self.exps = np.zeros((rows, units))
        self.guess: IntArray = np.zeros(rows, dtype=np.intp)

    def probabilities(self, logits: Array) -> Tape:
        """From the logits to ŷ."""
        shift = (
            [op(np.positive, logits, self.shifted)]
            if self.spec.naive
            else [
                op(np.maximum.reduce, logits, 1, None, self.peaks, True),
                op(np.subtract, logits, self.peaks, self.shifted),
            ]
        )
        return [
            *shift,
            op(np.exp, self.shifted, self.exps),
            op(self.exps.dot, np.ones(self.units), self.sums[:, 0]),
            op(np.divide, self.exps, self.sums, self.y_hat),
        ]

    def hits(self, logits: Array, labels: IntArray) -> Tape:
        """Where the largest logit is the target's class."""
        return [op(logits.argmax, 1, self.guess), op(np.equal, self.guess, labels, self.outcome[1])]

    def computed(self) -> list[tuple[str, Array]]:
        return [
            ("an exponential of softmax", self.exps),
            ("the sum of exponentials", self.sums),
            *super().computed(),
        ]
