"""How well a network does on data: loss, accuracy, confusion matrix, precision and recall, R²."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

import numpy as np
import numpy.typing as npt

from deltaglow.engine.feed import Feed
from deltaglow.engine.network import Network
from deltaglow.engine.ops import Array, IntArray, host, run
from deltaglow.engine.segments import AUTO_SEGMENTS, segment_count
from deltaglow.engine.workspace import Workspace

ROWS = 1024
"""Samples evaluated at a time."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What a network makes of `samples` samples with K outputs.

    loss: as it is minimised, on all of them together. accuracy: the share of samples it is right about; NaN
    for regression. r_squared: 1 − Σ (ŷ − y)² / Σ (y − mean y)² over all outputs together; NaN unless
    regression, and where the targets do not differ. confusion: how often; after softmax (K, K), a row for
    each class that was right and a column for each that was said; of independent labels (K, 2, 2), for each
    label such a matrix of false and true; None for regression. precision, recall (K,): of each class or
    label, how much of what was said was right, and how much of what was right was said; NaN where nothing
    was; None for regression.
    """

    samples: int
    loss: float
    accuracy: float
    r_squared: float
    confusion: IntArray | None
    precision: Array | None
    recall: Array | None


class Evaluator:
    """Evaluates a network on one data set as often as asked, with its parameters as they are then.

    x (N, inputs), y (N, K). Nothing of the network changes; the room for it is made once.
    """

    def __init__(self, network: Network, x: Array, y: Array) -> None:
        batches = Feed(x, y, len(x), False, network.backend).whole(ROWS)
        segments = segment_count(AUTO_SEGMENTS, len(network.architecture.layers))
        room = Workspace(network, min(ROWS, len(x)), training=False, segments=segments)
        parts = [room.first(len(batch)) for batch in batches]
        self._y = np.asarray(y, dtype=np.float64)
        self._rounding = network.rounding
        self._parts = [(part, part.forward(batch), batch) for part, batch in zip(parts, batches, strict=True)]
        self._targets = type(room.loss).targets

    def scores(self) -> tuple[float, float]:
        """The loss and the accuracy."""
        loss, hits, weight, _ = self._passes()
        return loss / weight, hits / len(self._y)

    def verdict(self) -> tuple[float, float]:
        """The loss, and the accuracy or, for regression, R²."""
        loss, hits, weight, y_hat = self._passes()
        score = _r_squared(self._y, y_hat) if self._targets == "real" else hits / len(self._y)
        return loss / weight, score

    def evaluate(self) -> Evaluation:
        """Everything."""
        loss, hits, weight, y_hat = self._passes()
        count, mean = len(self._y), loss / weight
        if self._targets == "real":
            return Evaluation(count, mean, nan, _r_squared(self._y, y_hat), None, None, None)
        if self._targets == "distribution":
            matrix = _confusion(self._y.argmax(1), y_hat.argmax(1), self._y.shape[1])
            right, said, wanted = matrix.diagonal(), matrix.sum(0), matrix.sum(1)
        else:
            matrix = _label_confusions(self._y > 0.5, y_hat > 0.5)
            right, said, wanted = matrix[:, 1, 1], matrix[:, :, 1].sum(1), matrix[:, 1].sum(1)
        return Evaluation(count, mean, hits / count, nan, matrix, _share(right, said), _share(right, wanted))

    def _passes(self) -> tuple[float, float, float, Array]:
        """Sums of the losses, hits and weights, and every output (N, K)."""
        loss = hits = weight = 0.0
        y_hat = np.empty_like(self._y)
        start = 0
        with np.errstate(all="ignore"):
            run(self._rounding)
            for part, tape, batch in self._parts:
                run(tape)
                rows = len(batch)
                counted = rows if part.loss.scale is None else rows / float(part.loss.scale[0])
                loss += counted * float(part.result[0])
                hits += float(part.loss.right.sum())
                weight += counted
                y_hat[start : start + rows] = host(part.loss.y_hat)
                start += rows
        return loss, hits, weight, y_hat


def evaluate(network: Network, x: Array, y: Array) -> Evaluation:
    """What the network makes of x (N, inputs) with targets y (N, K), by the loss it is trained for."""
    return Evaluator(network, x, y).evaluate()


def _confusion(wanted: IntArray, said: IntArray, classes: int) -> IntArray:
    counts: IntArray = np.bincount(wanted * classes + said, minlength=classes * classes)
    return counts.reshape(classes, classes)


def _label_confusions(wanted: npt.NDArray[np.bool_], said: npt.NDArray[np.bool_]) -> IntArray:
    pairs = wanted.astype(np.intp) * 2 + said
    return np.stack([np.bincount(pairs[:, k], minlength=4).reshape(2, 2) for k in range(pairs.shape[1])])


def _share(part: IntArray, whole: IntArray) -> Array:
    shares: Array = np.full(len(part), nan)
    np.divide(part, whole, out=shares, where=whole > 0)
    return shares


def _r_squared(y: Array, y_hat: Array) -> float:
    spread = float(((y - y.mean(axis=0)) ** 2).sum())
    return 1.0 - float(((y_hat - y) ** 2).sum()) / spread if spread else nan
