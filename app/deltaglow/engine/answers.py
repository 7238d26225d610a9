"""What a network says of single samples, of any that are asked for, with whatever parameters it has then."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deltaglow.engine.batch import Batch
from deltaglow.engine.evaluation import ROWS
from deltaglow.engine.feed import is_hard
from deltaglow.engine.frame import Architecture
from deltaglow.engine.network import Network
from deltaglow.engine.ops import Array, IntArray, Tape, run
from deltaglow.engine.workspace import Workspace

FEW = 64
"""Samples for which there is a small room beside the large one."""


@dataclass(frozen=True, eq=False)
class Answer:
    """Of n samples: the outputs y_hat (n, K), each one's loss, losses (n,), and right (n,), 1 where the
    network is right and 0 where it is not; NaN in regression, where it is neither.
    """

    y_hat: Array
    losses: Array
    right: Array


class Answers:
    """Answers of a network of this shape about the samples x (N, inputs) with targets y (N, K).

    Layers work as in evaluation, in float64. The room for it is made when it is first needed.
    """

    def __init__(self, architecture: Architecture, x: Array, y: Array) -> None:
        self._network = Network.of(architecture)
        self._x, self._y = x, y
        self._labels: IntArray = y.argmax(1)
        self._hard = is_hard(y)
        self._rooms: dict[int, tuple[Workspace, Batch, Tape]] = {}

    def about(self, rows: IntArray, theta: Array, statistics: Array) -> Answer:
        """What it says of these rows with the parameters theta (P,) and what layers remember, (S,)."""
        self._network.theta[:] = theta
        self._network.statistics[:] = statistics
        parts = [self._piece(rows[start : start + ROWS]) for start in range(0, len(rows), ROWS)]
        if len(parts) == 1:
            return parts[0]
        outputs = self._y.shape[1]
        return Answer(
            np.concatenate([np.empty((0, outputs)), *(part.y_hat for part in parts)]),
            np.concatenate([np.empty(0), *(part.losses for part in parts)]),
            np.concatenate([np.empty(0), *(part.right for part in parts)]),
        )

    def _piece(self, rows: IntArray) -> Answer:
        room, batch, tape = self._room(FEW if len(rows) <= FEW else ROWS)
        count = len(rows)
        # What is left of the room keeps the numbers of before, which nobody reads.
        batch.inputs[:count, :-1] = self._x[rows]
        batch.y[:count] = self._y[rows]
        batch.labels[:count] = self._labels[rows]
        with np.errstate(all="ignore"):
            run(tape)
        loss = room.loss
        return Answer(
            loss.y_hat[:count].copy(), loss.losses[:count].copy(), loss.right[:count].astype(np.float64)
        )

    def _room(self, rows: int) -> tuple[Workspace, Batch, Tape]:
        if rows not in self._rooms:
            room = Workspace(self._network, rows, training=False)
            inputs, targets = np.zeros((rows, self._x.shape[1] + 1)), np.zeros((rows, self._y.shape[1]))
            inputs[:, -1] = 1.0
            batch = Batch(inputs, targets, np.zeros(rows, dtype=np.intp), self._hard)
            self._rooms[rows] = (room, batch, room.forward(batch))
        return self._rooms[rows]
