"""The arrays a step writes, allocated once, and the tapes of calls that write them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deltaglow.engine.layers import DenseBuffers, DenseShape
from deltaglow.engine.losses import LOSSES
from deltaglow.engine.network import Network
from deltaglow.engine.ops import Array, IntArray, Tape, op


@dataclass
class Batch:
    """A mini-batch as the engine takes it: inputs (B, n + 1) with a last column of ones, y (B, K), labels
    (B,), the class of each row's largest target; `hard` where every target of the data set is a class.
    """

    inputs: Array
    y: Array
    labels: IntArray
    hard: bool = True

    def __len__(self) -> int:
        return len(self.y)


class Workspace:
    """Room for one step over at most `rows` samples. The trace and the workspace are one: showing it is a
    copy.

    training: whether layers work as they do in training or as in evaluation, where that makes a difference.
    """

    def __init__(self, network: Network, rows: int, training: bool = True) -> None:
        shapes = network.architecture.layers
        self.network = network
        self.rows = rows
        self.training = training
        self.layers = [
            shape.buffers(rows, k == len(shapes), training, memory, network.streams.get(k), network.backend)
            for k, (shape, memory) in enumerate(zip(shapes, network.memories, strict=True), start=1)
        ]
        spec = network.architecture.loss
        self.loss = LOSSES[spec.name](spec, shapes[-1].units, rows, network.backend)
        self.result = network.backend.zeros(2)
        """Mean loss and accuracy of the last pass."""

    def first(self, rows: int) -> Workspace:
        """The same arrays cut to their first `rows` rows."""
        if rows == self.rows:
            return self
        cut = object.__new__(Workspace)
        cut.network, cut.rows, cut.result = self.network, rows, self.result
        cut.training = self.training
        cut.layers = [buffers.first(rows) for buffers in self.layers]
        cut.loss = self.loss.first(rows)
        return cut

    def draw(self) -> Tape:
        """The calls that draw the random numbers of one step. Passes after it all see the same ones."""
        return [call for layer in self.layers for call in layer.draw()]

    def commit(self) -> Tape:
        """The calls that a step which counts ends with: what layers remember of the batch."""
        return [call for layer in self.layers for call in layer.commit()]

    def forward(self, batch: Batch, start: int = 1, from_z: bool = False) -> Tape:
        """From layer `start` to the loss; with `from_z` that layer's z is taken as it stands."""
        tape: Tape = []
        for k in range(start, len(self.layers) + 1):
            layer = self.layers[k - 1]
            if not (from_z and k == start):
                tape += layer.weigh(self.inputs_of(k, batch), self.network.blocks[k - 1])
                if isinstance(layer, DenseBuffers):
                    tape += self._join(k, layer, batch)
            tape += layer.activate()
        return tape + self.measure(batch)

    def measure(self, batch: Batch) -> Tape:
        """From the last layer's a to the loss."""
        return self.loss.forward(self.layers[-1].a, batch.y, batch.labels, self.result, batch.hard)

    def backward(self, batch: Batch, gradient_blocks: list[Array], share: float = 1.0) -> Tape:
        """From the loss to every gradient, summed over the batch, into `gradient_blocks`.

        share: by what the gradients are multiplied on the way; in networks without projected skips.
        """
        tape = self.loss.backward(batch.y, self.layers[-1].back)
        for k in range(len(self.layers), 0, -1):
            layer = self.layers[k - 1]
            tape += layer.listen()
            inputs, block = self.inputs_of(k, batch), gradient_blocks[k - 1]
            tape += layer.gather(inputs, block) if share == 1.0 else layer.gather_mean(inputs, block, share)
            skip = self._skip(k)
            if skip is not None and isinstance(layer, DenseBuffers):
                tape += layer.gather_skip(self._said(skip, batch), block)
            if k > 1:
                tape += layer.send_back(self.network.blocks[k - 1], self.layers[k - 2])
                tape += self._return_around(k - 1)
        return tape

    def _skip(self, k: int) -> int | None:
        """The layer that a skip into layer k comes from."""
        skip = self.network.architecture.layers[k - 1].skip
        return None if skip is None else skip.source

    def _join(self, k: int, layer: DenseBuffers, batch: Batch) -> Tape:
        source = self._skip(k)
        return [] if source is None else layer.join(self._said(source, batch), self.network.blocks[k - 1])

    def _said(self, k: int, batch: Batch) -> Array:
        """What layer k says, (rows, units); the inputs for k = 0."""
        return batch.inputs[:, :-1] if k == 0 else self.layers[k - 1].a

    def _return_around(self, k: int) -> Tape:
        """What comes back to layer k through skips, once the layer after it has written its part."""
        tape: Tape = []
        for m, layer in enumerate(self.layers[k:], start=k + 1):
            if self._skip(m) == k and isinstance(layer, DenseBuffers):
                tape += layer.send_around(self.network.blocks[m - 1], self.layers[k - 1])
        return tape

    def inputs_of(self, k: int, batch: Batch) -> Array:
        """What layer k reads: the batch, or the layer before, with the column of ones."""
        return batch.inputs if k == 1 else self.layers[k - 2].outputs


def mask_tape(network: Network, gradient_blocks: list[Array]) -> Tape:
    """The calls that keep the gradient of deleted connections at exactly zero."""
    backend = network.backend
    return [
        op(backend.xp.multiply, block[: shape.n_in], backend.array(shape.mask.T), block[: shape.n_in])
        for shape, block in zip(network.architecture.layers, gradient_blocks, strict=True)
        if isinstance(shape, DenseShape) and shape.mask is not None
    ]


def with_ones(x: Array) -> Array:
    """x (B, n) with a last column of ones: (B, n + 1)."""
    return np.column_stack([x, np.ones(len(x))])
