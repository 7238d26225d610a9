"""Softmax as an output function: what the losses on it share."""

from __future__ import annotations

from typing import ClassVar

from deltaglow.engine.backend import HOST, Backend
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

    def __init__(self, spec: LossSpec, units: int, rows: int, backend: Backend = HOST) -> None:
        super().__init__(spec, units, rows, backend)
        self.peaks: Array = backend.zeros((rows, 1))
        self.shifted = backend.zeros((rows, units))
        self.exps = backend.zeros((rows, units))
        self.guess: IntArray = backend.integers([0] * rows)

    def probabilities(self, logits: Array) -> Tape:
        """From the logits to ŷ."""
        shift = (
            [op(self.xp.positive, logits, self.shifted)]
            if self.spec.naive
            else [
                *self.backend.row_maxima(logits, self.peaks),
                op(self.xp.subtract, logits, self.peaks, self.shifted),
            ]
        )
        return [
            *shift,
            op(self.xp.exp, self.shifted, self.exps),
            *self.backend.product(self.exps, self.backend.ones(self.units), self.sums[:, 0]),
            op(self.xp.divide, self.exps, self.sums, self.y_hat),
        ]

    def hits(self, logits: Array, labels: IntArray) -> Tape:
        """Where the largest logit is the target's class."""
        return [op(logits.argmax, 1, self.guess), op(self.xp.equal, self.guess, labels, self.outcome[1])]

    def computed(self) -> list[tuple[str, Array]]:
        return [
            ("an exponential of softmax", self.exps),
            ("the sum of exponentials", self.sums),
            *super().computed(),
        ]
