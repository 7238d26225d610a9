"""Softmax as an output function: what the losses on it share."""

from __future__ import annotations

from typing import ClassVar

from deltaglow.engine.backend import HOST, Backend
from deltaglow.engine.batch import Batch
from deltaglow.engine.losses.base import Loss, LossSpec
from deltaglow.engine.ops import Array, IntArray, Op, Tape, op

FEW = 32
"""Classes up to which the largest and the sum of a row are written once for each of its numbers."""
PAIRWISE = 3
"""Classes up to which the largest logit is found in fewer calls by pairs than by way of its class."""


class Softmax(Loss):
    """ŷ = softmax(logits), computed as exp(s) / Σ exp(s) with s = logits − the largest of the row.

    Taking the largest off changes nothing, since it cancels, but no exponential can exceed 1. With
    `spec.naive` it is not taken off: a logit above 709.78 then overflows to infinity, and ∞/∞ is NaN.

    Arrays over `rows` samples and `units` classes: shifted, exps, y_hat (rows, units); peaks, sums (rows, 1).
    A network is right where its largest logit (the first, on a tie) is the class of the largest target.
    """

    targets = "distribution"
    softmax: ClassVar[bool] = True
    by_row: ClassVar[tuple[str, ...]] = (
        *Loss.by_row,
        "peaks",
        "guess",
        "_offsets",
        "divisors",
        "_places",
        "_starts",
    )

    divisors: Array
    """The sums of exponentials as they are divided by: (rows, units) or (rows, 1)."""

    def __init__(self, spec: LossSpec, units: int, rows: int, backend: Backend = HOST) -> None:
        super().__init__(spec, units, rows, backend)
        self.peaks: Array = backend.zeros((rows, 1))
        self.shifted = backend.zeros((rows, units))
        self.exps = backend.zeros((rows, units))
        self.guess: IntArray = backend.integers([0] * rows)
        self._starts = backend.integers(range(0, rows * units, units))
        """Where each row begins in an array of (rows, units) seen as a vector."""
        self._places: IntArray = backend.integers([0] * rows)
        # Written once for every number of its row: arrays of one shape are combined in half the time.
        wide = units <= FEW
        self._offsets: Array = backend.zeros((rows, units)) if wide else self.peaks
        self.write_to(self.shifted, backend.zeros((rows, units if wide else 1)))

    def write_to(self, shifted: Array, divisors: Array) -> None:
        """Put the shifted logits and the sums of exponentials here from now on."""
        self.shifted, self.divisors, self.sums = shifted, divisors, divisors[:, :1]

    def probabilities(self, logits: Array, guess: bool = True) -> Tape:
        """From the logits to ŷ. guess: whether the class of the largest logit is wanted too."""
        shift = (
            [op(self.xp.positive, logits, self.shifted)]
            if self.spec.naive
            else [
                *(self._maxima if guess or not 1 < self.units <= PAIRWISE else self._pairwise)(logits),
                op(self.xp.subtract, logits, self._offsets, self.shifted),
            ]
        )
        sums, ones = self.divisors, self.backend.ones((self.units, self.divisors.shape[1]))
        return [
            *shift,
            op(self.xp.exp, self.shifted, self.exps),
            *self.backend.product(self.exps, ones, sums),
            op(self.xp.divide, self.exps, sums, self.y_hat),
        ]

    def _maxima(self, logits: Array) -> Tape:
        """The largest logit of each row, into `peaks`, by way of its class, into `guess`."""
        return [
            op(logits.argmax, 1, self.guess),
            *self.picked(logits, self.guess, self.peaks[:, 0]),
            *self._spread(),
        ]

    def _pairwise(self, logits: Array) -> Tape:
        """The same without the class."""
        first, *others = logits.T
        peaks = self.peaks[:, 0]
        firsts = [first, *[peaks] * (len(others) - 1)]
        tape = [op(self.xp.maximum, one, other, out=peaks) for one, other in zip(firsts, others, strict=True)]
        return tape + self._spread()

    def _spread(self) -> Tape:
        """The largest logit of each row, once for each of its numbers."""
        if self.units > FEW:
            return []
        return self.backend.product(self.peaks, self.backend.ones((1, self.units)), self._offsets)

    def picked(self, rows: Array, classes: IntArray, out: Array) -> Tape:
        """Of each of the `rows` (rows, units) the number of its class, into `out` (rows,)."""
        return [op(self.xp.add, classes, self._starts, self._places), self.at(rows, self._places, out)]

    def at(self, rows: Array, places: IntArray, out: Array) -> Op:
        """Of the `rows` (rows, units), seen as a vector, the numbers at these places into `out` (rows,)."""
        return op(rows.reshape(-1).take, places, None, out, *self.backend.unchecked)

    def hits(self, logits: Array, batch: Batch) -> Tape:
        """Where the largest logit is the target's class: of targets that are classes, the target of what is
        guessed, which needs no conversion. Comes right after `probabilities`.
        """
        guess = [op(logits.argmax, 1, self.guess)] if self.spec.naive else []
        if not batch.hard:
            return [*guess, op(self.xp.equal, self.guess, batch.labels, self.right)]
        if self.spec.naive:
            return [*guess, *self.picked(batch.y, self.guess, self.right)]
        return [self.at(batch.y, self._places, self.right)]

    def computed(self) -> list[tuple[str, Array]]:
        return [
            ("an exponential of softmax", self.exps),
            ("the sum of exponentials", self.sums),
            *super().computed(),
        ]
