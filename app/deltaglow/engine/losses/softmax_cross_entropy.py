"""Softmax with cross-entropy, fused and stable; with label smoothing, class weights and soft targets."""

from __future__ import annotations

from copy import copy
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from deltaglow.engine.backend import HOST, Backend
from deltaglow.engine.batch import Batch
from deltaglow.engine.losses.base import LossSpec
from deltaglow.engine.losses.later import Later
from deltaglow.engine.losses.softmax import Softmax
from deltaglow.engine.ops import Array, IntArray, Tape, op


class SoftmaxCrossEntropy(Softmax):
    """ŷ = softmax(logits), L = −Σ y log ŷ (natural logarithm), ∂L/∂logits = ŷ − y.

    Stable for logits of any finite size: the loss is computed as log Σ exp(s) − Σ y s, with s the shifted
    logits, which never takes the logarithm of a ŷ that underflowed. The targets of each row must sum to 1,
    otherwise ŷ − y is not the gradient.

    With options, as in PyTorch's CrossEntropyLoss. Label smoothing ε (Szegedy et al., 2016) puts y′ = (1 − ε)
    y + ε/K in the place of y, K being the number of classes. Class weights c make it L = −Σ c y′ log ŷ, with
    ∂L/∂logits = (Σ c y′) ŷ − c y′, and the batch's loss the *weighted* mean Σ L / Σ c[class] where every
    target is a class; where targets are soft it is the plain mean.

    `naive` takes no care at all: exponentials of the logits themselves, and −Σ y log ŷ as it stands, where
    the logarithm of a ŷ that underflowed to 0 is −∞ and 0 · −∞ is NaN.
    """

    name: ClassVar[str] = "softmax_cross_entropy"
    label: ClassVar[str] = "Softmax + cross-entropy"
    unit: ClassVar[str] = "nats"
    options: ClassVar[frozenset[str]] = frozenset({"label_smoothing", "class_weights", "naive"})
    by_row: ClassVar[tuple[str, ...]] = (*Softmax.by_row, "logs", "weighed", "totals", "_counts")

    def __init__(self, spec: LossSpec, units: int, rows: int, backend: Backend = HOST) -> None:
        super().__init__(spec, units, rows, backend)
        self.plain = not spec.label_smoothing and spec.class_weights is None
        weights = backend.ones(units) if spec.class_weights is None else backend.array(spec.class_weights)
        if weights.shape != (units,):
            raise ValueError(f"{weights.size} class weights for {units} classes")
        self.weights = weights
        self.outcome = backend.zeros((3, rows))
        """log Σ exp(s) Σ c y′, then Σ c y′ s, whose difference is the loss, then `right`. Naive: 0, then
        Σ c y′ log ŷ.
        """
        self.logs: Array = backend.zeros((rows, units if spec.naive else 0))
        """log ŷ, if naive."""
        self.weighed: Array = backend.zeros((rows, 0 if self.plain else units))
        """c y′: what each class's logarithm counts."""
        self.totals: Array = backend.ones((rows, 1))
        """Σ c y′."""
        self._counts: Array = backend.zeros(rows if spec.class_weights else 0)
        self._total = backend.zeros(1)
        if spec.class_weights is not None:
            self.scale = backend.ones(1)

    def forward(self, logits: Array, batch: Batch, result: Array) -> Tape:
        return [
            *self.probabilities(logits),
            *self.hits(logits, batch),
            *self._weigh(batch.y),
            *(self._naive_loss(batch.y) if self.spec.naive else self._loss(batch)),
            *self.mean(result),
            *(self._weighted_mean(batch.y, result) if batch.hard and self.spec.class_weights else []),
        ]

    def backward(self, y: Array, back: Array) -> Tape:
        if self.plain:
            return [op(self.xp.subtract, self.y_hat, y, back)]
        scale = [op(self.xp.multiply, self.y_hat, self.totals, back)] if self.spec.class_weights else []
        return [*scale, op(self.xp.subtract, back if scale else self.y_hat, self.weighed, back)]

    def _weigh(self, y: Array) -> Tape:
        if self.plain:
            return []
        smoothing = self.spec.label_smoothing
        tape = [op(self.xp.multiply, y, (1.0 - smoothing) * self.weights, self.weighed)]
        if smoothing:
            tape.append(op(self.xp.add, self.weighed, smoothing / self.units * self.weights, self.weighed))
        if self.spec.class_weights:
            tape += self.backend.row_sums(self.weighed, self.totals, keep=True)
        return tape

    def _loss(self, batch: Batch) -> Tape:
        logs, picked = self.outcome[:2]
        total = [op(self.xp.multiply, logs, self.totals[:, 0], logs)] if self.spec.class_weights else []
        tape = [op(self.xp.log, self.sums[:, 0], logs), *total]
        if not (self.plain and batch.hard):
            return tape + self.backend.row_products(self.shifted, self._targets(batch.y), picked)
        if batch.places is None:
            return tape + self.picked(self.shifted, batch.labels, picked)
        return [*tape, self.at(self.shifted, batch.places, picked)]

    def _naive_loss(self, y: Array) -> Tape:
        return [
            op(self.xp.log, self.y_hat, self.logs),
            *self.backend.row_products(self.logs, self._targets(y), self.outcome[1]),
        ]

    def _targets(self, y: Array) -> Array:
        """c y′."""
        return y if self.plain else self.weighed

    @property
    def losses(self) -> Array:
        """Each sample's loss, (rows,): worked out when it is asked for. A step needs only their mean."""
        found: Array = self.outcome[0] - self.outcome[1]
        return found

    def mean(self, result: Array) -> Tape:
        """Both parts of the losses in one product: they have opposite signs, so that nothing cancels."""
        return self.backend.product(self.shares, self.outcome.reshape(-1), result)

    @property
    def shares(self) -> Array:
        """What `outcome`, seen as a vector, is multiplied by to give the mean loss and the accuracy."""
        rows = self.outcome.shape[1]
        shares = np.zeros((2, 3, rows))
        shares[0, 0], shares[0, 1], shares[1, 2] = 1.0 / rows, -1.0 / rows, 1.0 / rows
        return self.backend.array(shares.reshape(2, -1))

    def later(self, steps: int) -> Later | None:
        """For targets that are classes, if there are no options."""
        plain = self.plain and not self.spec.naive and self.backend.shares_memory_with_host()
        return LaterCrossEntropy(self, steps) if plain else None

    def _weighted_mean(self, y: Array, result: Array) -> Tape:
        """Σ L / Σ c[class] instead of Σ L / rows."""
        return [
            op(self.xp.matmul, y, self.weights, self._counts),
            *self.backend.row_sums(self._counts, self._total, keep=True),
            op(self.xp.divide, float(len(y)), self._total, self.scale),
            op(self.xp.multiply, result[:1], self.scale, result[:1]),
        ]


class LaterCrossEntropy(Later):
    """Keeps the shifted logits of so many steps and the sums of their exponentials."""

    def __init__(self, loss: SoftmaxCrossEntropy, steps: int) -> None:
        rows, units = loss.y_hat.shape
        self._loss = loss
        self._shifted: Array = np.zeros((steps, rows, units))
        self._divisors: Array = np.zeros((steps, *loss.divisors.shape))
        self._outcome: Array = np.zeros((steps, 3, rows))
        self._begins = np.arange(0, steps * rows * units, units)
        self._shares = loss.shares

    def loss(self, place: int) -> SoftmaxCrossEntropy:
        made = copy(self._loss)
        made.write_to(self._shifted[place], self._divisors[place])
        return made

    def outputs(self, place: int, logits: Array) -> Tape:
        return self.loss(place).probabilities(logits, guess=False)

    def tell(self, places: slice, classes: IntArray, found: npt.NDArray[np.float64]) -> None:
        shifted, outcome = self._shifted[places], self._outcome[places]
        shape = outcome[:, 0].shape
        np.log(self._divisors[places, :, 0], out=outcome[:, 0])
        outcome[:, 1] = shifted.reshape(-1)[self._begins[: len(classes)] + classes].reshape(shape)
        np.equal(shifted.argmax(axis=2), classes.reshape(shape), out=outcome[:, 2])
        np.matvec(self._shares, outcome.reshape(len(outcome), -1), out=found)
