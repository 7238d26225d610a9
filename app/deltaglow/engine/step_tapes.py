"""The tapes of a run's steps: from the batch in a slot to the update that is due."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from deltaglow.engine.feed import Feed
from deltaglow.engine.jitter import Jitter
from deltaglow.engine.layers import DenseShape
from deltaglow.engine.masks import mask_tape
from deltaglow.engine.micro_batches import MicroBatches
from deltaglow.engine.network import Network
from deltaglow.engine.ops import SMALL, Array, Tape, op
from deltaglow.engine.updater import Updater
from deltaglow.engine.workspace import Workspace


class StepTapes:
    """Makes the tape of each step once: there is one for every slot of the feed, batch size and turn of
    gathered mini-batches.

    scalars: where a step's numbers go, first loss and accuracy; penalty_at: where among them the loss of the
    data and the penalty stand, if there is one.
    """

    def __init__(
        self,
        network: Network,
        workspace: Workspace | MicroBatches,
        updater: Updater,
        feed: Feed,
        jitter: Jitter | None,
        scalars: npt.NDArray[np.float64],
        penalty_at: int,
    ) -> None:
        self._network, self._workspace, self._updater = network, workspace, updater
        self._feed, self._jitter = feed, jitter
        self._scalars, self._penalty_at = scalars, penalty_at
        self.made: dict[tuple[int, int, int], Tape] = {}
        """By slot, size and turn."""
        self.commits: dict[int, Tape] = {}
        """By batch size, the calls after the update: empty in networks that remember nothing."""
        self._tails: dict[tuple[int, int], Tape] = {}
        shapes = network.architecture.layers
        projected = any(isinstance(shape, DenseShape) and shape.projected for shape in shapes)
        large = len(network.theta) > SMALL
        self._scales_on_the_way = large and not network.backend.half and not projected
        """In a large network it is cheaper to scale δ on its way into each gradient than all gradients."""

    def tape(self, slot: int, size: int, turn: int) -> Tape:
        """Every call of a step on the batch in `slot`, but for those that apply the update."""
        known = self.made.get((slot, size, turn))
        if known is not None:
            return known
        room, batch = self._workspace.first(size), self._feed.batch(slot, size)
        tape = list(self._network.rounding)
        if self._jitter is not None:
            tape += self._jitter.tape(batch)
            batch = self._jitter.batch(batch)
        share = 1.0 / size if self._scales_on_the_way else 1.0
        tape += room.gradients(batch, self._updater.raw, share)
        tape += self._tails.get((size, turn)) or self._tail(room, size, turn)
        self.made[slot, size, turn] = tape
        if size not in self.commits:
            self.commits[size] = room.commit()
        return tape

    def _tail(self, room: Workspace | MicroBatches, size: int, turn: int) -> Tape:
        """From the sum of the gradients to the update: the same calls for every batch of one size."""
        raw, network = self._updater.raw, self._network
        backend = network.backend
        tape: Tape = []
        if not backend.shares_memory_with_host():
            tape += backend.report(room.result, self._scalars[:2])
        if size > 1 and not self._scales_on_the_way:
            tape.append(
                op(backend.xp.multiply, raw, backend.spread(backend.array([1.0 / size]), len(raw)), raw)
            )
        if network.scale is not None:
            tape.append(op(backend.xp.divide, raw, backend.spread(network.scale, len(raw)), raw))
        if room.scale is not None:
            tape.append(op(backend.xp.multiply, raw, room.scale, raw))
        tape += mask_tape(network, network.architecture.blocks(raw))
        tape += self._updater.tape(turn)
        if self._updater.penalty is not None:
            tape += self._add_penalty(self._updater.penalty)
        self._tails[size, turn] = tape
        return tape

    def _add_penalty(self, value: Array) -> Tape:
        """The calls that make the loss that is shown the one that is differentiated."""
        first, scalars = self._penalty_at, self._scalars
        return [
            op(np.copyto, scalars[first : first + 1], scalars[:1]),
            *self._network.backend.report(value, scalars[first + 1 : first + 2]),
            op(np.add, scalars[:1], scalars[first + 1 : first + 2], scalars[:1]),
        ]
