"""The arrays a step writes, allocated once, and the tapes of calls that write them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deltaglow.engine.layers import DenseBuffers
from deltaglow.engine.losses import LOSSES
from deltaglow.engine.network import Network
from deltaglow.engine.ops import Array, IntArray, Tape, op


@dataclass
class Batch:
    """A mini-batch as the engine takes it: inputs (B, n + 1) with a last column of ones, y (B, K), labels
    (B,).
    """

    inputs: Array
    y: Array
    labels: IntArray

    def __len__(self) -> int:
        return len(self.y)


class Workspace:
    """Room for one step over at most `rows` samples. The trace and the workspace are one: showing it is a
    copy.
    """

    def __init__(self, network: Network, rows: int) -> None:
        shapes = network.architecture.layers
        last = len(shapes) - 1
        self.network = network
        self.rows = rows
        self.layers = [DenseBuffers(s.units, s.activation, rows, i == last) for i, s in enumerate(shapes)]
        self.loss = LOSSES[network.architecture.loss](shapes[-1].units, rows)
        self.result = np.zeros(2)
        """Mean loss and accuracy of the last pass."""

    def first(self, rows: int) -> Workspace:
        """The same arrays cut to their first `rows` rows."""
        if rows == self.rows:
            return self
        cut = object.__new__(Workspace)
        cut.network, cut.rows, cut.result = self.network, rows, self.result
        cut.layers = [buffers.first(rows) for buffers in self.layers]
        cut.loss = self.loss.first(rows)
        return cut

    def forward(self, batch: Batch, start: int = 1, from_z: bool = False) -> Tape:
        """From layer `start` to the loss; with `from_z` that layer's z is taken as it stands."""
        tape: Tape = []
        for k in range(start, len(self.layers) + 1):
            layer = self.layers[k - 1]
            if not (from_z and k == start):
                tape += layer.weigh(self.inputs_of(k, batch), self.network.blocks[k - 1])
            tape += layer.activate()
        return tape + self.loss.forward(self.layers[-1].a, batch.y, batch.labels, self.result)

    def backward(self, batch: Batch, gradient_blocks: list[Array]) -> Tape:
        """From the loss to every gradient, summed over the batch, into `gradient_blocks`."""
        tape = self.loss.backward(batch.y, self.layers[-1].back)
        for k in range(len(self.layers), 0, -1):
            layer = self.layers[k - 1]
            tape += layer.listen()
            tape += layer.gather(self.inputs_of(k, batch), gradient_blocks[k - 1])
            if k > 1:
                tape += layer.send_back(self.network.blocks[k - 1], self.layers[k - 2])
        return tape

    def inputs_of(self, k: int, batch: Batch) -> Array:
        """What layer k reads: the batch, or the layer before, with the column of ones."""
        return batch.inputs if k == 1 else self.layers[k - 2].outputs


def mask_tape(network: Network, gradient_blocks: list[Array]) -> Tape:
    """The calls that keep the gradient of deleted connections at exactly zero."""
    return [
        op(np.multiply, block[:-1], shape.mask.T, block[:-1])
        for shape, block in zip(network.architecture.layers, gradient_blocks, strict=True)
        if shape.mask is not None
    ]


def with_ones(x: Array) -> Array:
    """x (B, n) with a last column of ones: (B, n + 1)."""
    return np.column_stack([x, np.ones(len(x))])
