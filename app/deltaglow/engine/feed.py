"""Mini-batches: the data in the order it is fed, laid out so that every batch is a slice."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from deltaglow.engine.backend import HOST, Backend
from deltaglow.engine.batch import Batch, with_ones
from deltaglow.engine.ops import Array, IntArray

WINDOW = 1024
"""Batches laid out at a time: bounds the memory of a run over a large data set with a small batch."""


class Feed:
    """Feeds batches of a fixed size; the last of an epoch may be smaller.

    The samples of a window of batches are copied, in this epoch's order, into fixed arrays, so that batch
    number `slot` is the same memory in every window and calls bound to it stay good for the whole run.
    """

    def __init__(self, x: Array, y: Array, batch_size: int, shuffle: bool, backend: Backend = HOST) -> None:
        self.count = len(x)
        self.batch_size = min(batch_size, self.count)
        self.shuffle = shuffle
        self.steps_per_epoch = -(-self.count // self.batch_size)
        self.full = self.count // self.batch_size
        """Batches in an epoch that are not smaller."""
        self.slots = min(self.steps_per_epoch, WINDOW)
        x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
        self.data = x, y
        """The whole data set in its own order: x (N, n), y (N, K)."""
        self.hard = is_hard(y)
        self._backend = backend
        self._x, self._y = backend.storing.array(with_ones(x)), backend.array(y)
        self._labels = backend.integers(y.argmax(1))
        room = min(self.slots * self.batch_size, self.count)
        self._inputs, self._targets = self._x[:room].copy(), self._y[:room].copy()
        self.classes = self._labels[:room].copy()
        """The class of each sample that is laid out."""
        self._begins = backend.integers(np.arange(room) % self.batch_size * y.shape[1])
        """Where each row begins in its batch's array seen as a vector."""
        self._places = self.classes + self._begins
        self._laid_out: tuple[tuple[npt.NDArray[Any], npt.NDArray[Any]], ...] = (
            (self._x, self._inputs),
            (self._y, self._targets),
            (self._labels, self.classes),
        )
        self.order: IntArray = np.arange(self.count)
        self._window = 0
        """Which window lies in the arrays; −1 for none."""

    def reorder(self, rng: np.random.Generator) -> None:
        """Begin an epoch: draw its order, if it is shuffled."""
        if self.shuffle:
            self.order = rng.permutation(self.count)
            self._window = -1

    def lay_out(self, cursor: int) -> int:
        """Make sure that batch `cursor` of the epoch lies in the arrays; gives its slot."""
        window, slot = divmod(cursor, self.slots)
        if window != self._window:
            start = window * self.slots * self.batch_size
            picked = self._backend.integers(self.order[start : start + len(self._inputs)])
            xp = self._backend.xp
            for source, target in self._laid_out:
                xp.take(source, picked, 0, target[: len(picked)], *self._backend.unchecked)
            xp.add(self.classes, self._begins, self._places)
            self._window = window
        return slot

    def size(self, cursor: int) -> int:
        """The number of samples in batch `cursor` of the epoch."""
        return self.batch_size if cursor < self.full else self.count % self.batch_size

    def batch(self, slot: int, size: int) -> Batch:
        """The memory of a slot as a batch of `size` samples."""
        part = slice(slot * self.batch_size, slot * self.batch_size + size)
        return Batch(
            self._inputs[part], self._targets[part], self.classes[part], self.hard, self._places[part]
        )

    def samples(self, cursor: int) -> IntArray:
        """Which rows of the data set are in batch `cursor`."""
        start = cursor * self.batch_size
        return self.order[start : start + self.size(cursor)]

    def whole(self, rows: int) -> list[Batch]:
        """The whole data set in its own order, in pieces of at most `rows` samples."""
        return [
            Batch(self._x[i : i + rows], self._y[i : i + rows], self._labels[i : i + rows], self.hard)
            for i in range(0, self.count, rows)
        ]


def is_hard(y: Array) -> bool:
    """Whether every row of the targets (N, K) is a class: one 1, and else 0."""
    return bool(((y == 0.0) | (y == 1.0)).all() and (y.sum(axis=1) == 1.0).all())
