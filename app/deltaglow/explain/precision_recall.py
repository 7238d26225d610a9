"""Precision and recall of a class at every threshold of its output, and what they come to."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

import numpy as np
import numpy.typing as npt

from deltaglow.engine.losses import LOSSES, LossSpec

Array = npt.NDArray[np.float64]
Counts = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class PrecisionRecall:
    """Of one class, one entry for each different output, ascending: what comes of saying the class wherever
    its output is at least `thresholds` (n,). said (n,): how often it is said then; right (n,): how often that
    is right. positives: the samples that are of the class, of `samples`.
    """

    thresholds: Array
    said: Counts
    right: Counts
    positives: int
    samples: int

    @property
    def precision(self) -> Array:
        """How much of what is said is right (n,)."""
        return self.right / np.maximum(self.said, 1)

    @property
    def recall(self) -> Array:
        """How much of the class is said (n,); NaN where no sample is of it."""
        return self.right / self.positives if self.positives else np.full(len(self.right), nan)

    @property
    def average(self) -> float:
        """The average precision: Σ (Rₙ − Rₙ₋₁) Pₙ over falling thresholds, the area under the steps of the
        curve (scikit-learn's `average_precision_score`); NaN where no sample is of the class.
        """
        if not self.positives:
            return nan
        gained = -np.diff(np.append(self.recall, 0.0))
        return float((gained * self.precision).sum())

    def counts(self, place: int) -> tuple[int, int, int, int]:
        """At one of the thresholds: said and right, said and wrong, missed, rightly not said."""
        right, said = int(self.right[place]), int(self.said[place])
        wrong, missed = said - right, self.positives - right
        return right, wrong, missed, self.samples - right - wrong - missed

    def nearest(self, recall: float, precision: float) -> tuple[float, int]:
        """How near to a place the curve comes, and at which threshold."""
        away = np.hypot(self.recall - recall, self.precision - precision)
        place = int(away.argmin())
        return float(away[place]), place

    def outline(self, parts: int = 400) -> Array:
        """The curve as steps from no recall on (m, 2), each recall and precision: what of it can be told
        apart on so many parts each way. No points where no sample is of the class.
        """
        if not self.positives:
            return np.empty((0, 2))
        recall, precision = self.recall[::-1], self.precision[::-1]
        seen = np.rint(np.column_stack([recall, precision]) * parts)
        there = np.ones(len(seen), dtype=bool)
        there[1:-1] = (seen[1:-1] != seen[:-2]).any(axis=1)
        recall, precision = recall[there], precision[there]
        made = np.empty((2 * len(recall), 2))
        made[0::2, 0] = np.concatenate([[0.0], recall[:-1]])
        made[1::2, 0] = recall
        made[0::2, 1] = made[1::2, 1] = precision
        return made


def precision_recall(wanted: npt.NDArray[np.bool_], outputs: Array) -> PrecisionRecall:
    """Of a class that these samples (n,) are of or not, by its output for each (n,). One that is not a number
    is never said.
    """
    known = np.where(np.isnan(outputs), -np.inf, outputs)
    order = np.argsort(-known, kind="stable")
    falling, hits = known[order], wanted[order]
    last = np.flatnonzero(np.append(falling[1:] != falling[:-1], True)) if len(falling) else np.empty(0, int)
    last = last[np.isfinite(falling[last]) | (falling[last] > 0)]
    right, said = np.cumsum(hits)[last], last + 1
    ascending = slice(None, None, -1)
    return PrecisionRecall(
        falling[last][ascending],
        said[ascending].astype(np.intp),
        right[ascending].astype(np.intp),
        int(wanted.sum()),
        len(wanted),
    )


def by_class(loss: LossSpec, y: Array, y_hat: Array) -> list[PrecisionRecall]:
    """Of each class, or label, of targets y (n, K) and outputs y_hat (n, K) of a network with this loss."""
    classes = LOSSES[loss.name].targets == "distribution"
    wanted = y.argmax(axis=1)[:, None] == np.arange(y.shape[1]) if classes else y > 0.5
    return [precision_recall(wanted[:, k], y_hat[:, k]) for k in range(y.shape[1])]
