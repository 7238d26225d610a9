"""Micro-batches: a batch in parts, each with a workspace of its own, computed at the same time.

The gradient of a batch is the sum of those of its parts. Each part writes its own, and they are added in the
order of the parts, so that a run repeats bit for bit, on however many processors. The plain step adds in
another order: its last digits differ.
"""

from __future__ import annotations

from copy import copy
from itertools import pairwise

import numpy as np

from deltaglow.engine.batch import Batch
from deltaglow.engine.crew import Crew, Together
from deltaglow.engine.layers import BatchNormShape
from deltaglow.engine.network import Network
from deltaglow.engine.ops import Array, Tape, frozen, op
from deltaglow.engine.workspace import Workspace


class MicroBatches:
    """Room for one step over at most `rows` samples in `parts` parts; to the trainer it is a workspace.

    Where a batch does not fall into equal parts, some have a sample more than the others; of more parts than
    samples, some are left out. Random numbers are drawn before the parts start, in the order of the samples:
    they are those of the plain step. Raises ValueError for a network with batch normalisation, whose every
    number depends on all samples of the batch.
    """

    def __init__(
        self,
        network: Network,
        rows: int,
        training: bool = True,
        segments: int = 1,
        parts: int = 2,
        crew: Crew | None = None,
    ) -> None:
        for k, shape in enumerate(network.architecture.layers, start=1):
            if shape.kind == BatchNormShape.kind:
                raise ValueError(f"layer {k} normalises over the whole batch, which micro-batches part")
        self.network, self.rows, self.training = network, rows, training
        self._crew = crew or Crew()
        self._rooms = [Workspace(network, -(-rows // parts), training, segments) for _ in range(parts)]
        backend = network.backend
        self.part_gradients = backend.zeros((parts - 1, len(network.theta)))
        """Those of the second part and so on; the first writes where the sum will be."""
        self._results, self._scales = backend.zeros((parts, 2)), backend.ones((parts, 1))
        self.result = backend.zeros(2)
        """Mean loss and accuracy of the last pass."""
        self.scale = None if self._rooms[0].scale is None else backend.ones(1)
        """(1,): by what the plain mean over rows is multiplied, where the loss has another."""
        self._cuts: dict[int, MicroBatches] = {}
        self.cut(rows)

    def cut(self, rows: int) -> None:
        """Be for batches of `rows` samples from here on."""
        self.rows = rows
        starts = [rows * i // len(self._rooms) for i in range(len(self._rooms) + 1)]
        self._parts = [slice(start, end) for start, end in pairwise(starts) if end > start]
        self.rooms = [
            room.first(part.stop - part.start) for room, part in zip(self._rooms, self._parts, strict=False)
        ]
        for i, room in enumerate(self.rooms):
            room.result = self._results[i]
            if room.scale is not None:
                room.loss.scale = self._scales[i]

    def first(self, rows: int) -> MicroBatches:
        """The same arrays for a last, smaller batch."""
        if rows == self.rows:
            return self
        if rows not in self._cuts:
            self._cuts[rows] = copy(self)
            self._cuts[rows].cut(rows)
        return self._cuts[rows]

    def gradients(self, batch: Batch, raw: Array, share: float = 1.0) -> Tape:
        """As a workspace's."""
        used, xp = len(self.rooms), self.network.backend.xp
        flats = [raw, *self.part_gradients[: used - 1]]
        blocks = [self.network.architecture.blocks(flat) for flat in flats]
        batches = [
            Batch(batch.inputs[part], batch.y[part], batch.labels[part], batch.hard) for part in self._parts
        ]
        passes = [
            room.forward(part) + room.backward(part, own, share)
            for room, part, own in zip(self.rooms, batches, blocks, strict=True)
        ]
        # Every number of the sum is the same whoever adds it: the vector is added up in pieces.
        ends = [len(raw) * i // used for i in range(used + 1)]
        sums = [
            [op(xp.add, raw[start:end], flat[start:end], raw[start:end]) for flat in flats[1:]]
            for start, end in pairwise(ends)
        ]
        draws = [call for room in self.rooms for call in room.draw()]
        return [*draws, Together(self._crew, passes), Together(self._crew, sums), *self._mean()]

    def _mean(self) -> Tape:
        """Loss and accuracy of the batch from those of the parts, each as the samples in it count."""
        used, backend = len(self.rooms), self.network.backend
        xp, counts = backend.xp, backend.array([part.stop - part.start for part in self._parts])
        found = self._results[:used]
        if self.scale is None:
            return backend.product(backend.array(counts / self.rows), found, self.result)
        weights, total = backend.zeros(used), backend.zeros(1)
        return [
            *backend.product(backend.array(counts / self.rows), found, self.result),
            op(xp.divide, counts, self._scales[:used, 0], weights),
            *backend.row_sums(weights[None], total),
            op(xp.divide, float(self.rows), total, self.scale),
            op(xp.divide, weights, total, weights),
            *backend.product(weights[None], found[:, 0], self.result[:1]),
        ]

    def commit(self) -> Tape:
        """As a workspace's."""
        return [call for room in self.rooms for call in room.commit()]

    def begin(self, wanted: bool) -> None:
        """As a workspace's."""
        for room in self.rooms:
            room.begin(wanted)

    def seen(self, k: int) -> dict[str, Array]:
        """As a workspace's: of the samples of all parts."""
        return {name: frozen(a) for name, a in _joined([room.seen(k) for room in self.rooms]).items()}

    def outcome(self) -> dict[str, Array]:
        """As a workspace's: of the samples of all parts."""
        return _joined([room.outcome() for room in self.rooms])

    def computed(self) -> dict[str, Array]:
        """As a workspace's: of the samples of all parts."""
        return _joined([room.computed() for room in self.rooms])


def _joined(parts: list[dict[str, Array]]) -> dict[str, Array]:
    """Copies of arrays with a row for each sample, joined under their names."""
    return {name: np.concatenate([frozen(part[name]) for part in parts]) for name in parts[0]}
