"""Sparse inputs: where the inputs of a batch are zero, weights have no gradient, no update, and no work."""

from __future__ import annotations

import numpy as np

from deltaglow.engine.layers import DenseShape
from deltaglow.engine.network import Network
from deltaglow.engine.ops import Array, IntArray, Tape, op


class TouchedRows:
    """The gradient and the update of a first dense layer whose inputs are mostly zero: one-hot rows, counts.

    The layer's block is [Wᵀ; b], a row for each input: a row's gradient Σ x δ over the batch has a term for
    each sample whose input there is not zero, and rows without one are left alone, zero as they are. Plain
    descent moves nothing by a gradient of zero, so leaving them out changes no parameter; with an optimiser
    that remembers, or a penalty, it would.

    Terms are added in the order of the samples, and biases' likewise: bit for bit what a sum over all samples
    in that order gives, zeros and all. A matrix product may add in another order, so its last digit may
    differ where three samples or more share an input. What the lookup finds has as many numbers as the batch
    has inputs that are not zero: unlike all else in a step it is allocated anew.

    theta, slopes (P,): parameters and gradient of all layers; rows: samples in a batch. Raises ValueError if
    the first layer is not a dense one.
    """

    def __init__(self, network: Network, theta: Array, slopes: Array, rows: int) -> None:
        shape, backend = network.architecture.layers[0], network.backend
        if shape.kind != DenseShape.kind:
            raise ValueError(f"sparse inputs are for a dense first layer, not {shape.label}")
        block, gradient = (network.architecture.blocks(flat)[0] for flat in (theta, slopes))
        self._xp = backend.xp
        self._n_in = n_in = shape.n_in
        self._block, self._gradient = block, gradient
        first = n_in * block.shape[1]
        self._others, self._other_slopes = theta[first:], slopes[first:]
        self._other_steps = backend.zeros(len(self._others))
        self._terms = backend.zeros((rows, block.shape[1]))
        self._scaled = backend.zeros((rows, block.shape[1]))
        self._rounds: list[tuple[IntArray, IntArray]] = []
        """Samples and inputs, no input twice in a round: the first samples of each input, the second, …"""
        self.rows: IntArray = np.zeros(0, np.intp)
        """Which inputs the last batch touched."""
        self.seen = 0
        """Batches so far."""
        self.touched = 0
        """Rows of weights that they touched, together."""

    def gather(self, inputs: Array, delta: Array, share: float) -> Tape:
        """The calls that write the block's gradient, Σ x δ over the batch, times `share`."""
        xp, size = self._xp, len(delta)
        tape: Tape = [op(self._look, inputs[:, : self._n_in])]
        if share != 1.0:
            tape.append(op(xp.multiply, delta, share, self._scaled[:size]))
            delta = self._scaled[:size]
        sums = self._terms[:size]
        return [
            *tape,
            op(self._sum, inputs, delta),
            op(xp.add.accumulate, delta, 0, None, sums),
            op(xp.copyto, self._gradient[self._n_in], sums[-1]),
        ]

    def descend(self, rate: Array) -> Tape:
        """The calls of θ ← θ − η g: the rows that were touched, and all other parameters."""
        xp = self._xp
        return [
            op(self._move, rate),
            op(xp.multiply, self._other_slopes, rate, self._other_steps),
            op(xp.subtract, self._others, self._other_steps, self._others),
        ]

    def _look(self, inputs: Array) -> None:
        """Find the inputs that are not zero, and clear what the batch before left in other rows."""
        self._gradient[self.rows] = 0.0
        columns, samples = inputs.T.nonzero()
        starts = np.flatnonzero(np.diff(columns, prepend=-1))
        turns = np.arange(len(columns)) - np.repeat(starts, np.diff(starts, append=len(columns)))
        by_turn = np.argsort(turns, kind="stable")
        ends = np.cumsum(np.bincount(turns)).tolist()
        self._rounds = [
            (samples[by_turn[start:end]], columns[by_turn[start:end]])
            for start, end in zip([0, *ends], ends, strict=False)
        ]
        self.rows = columns[starts]
        self.seen += 1
        self.touched += len(starts)

    def _sum(self, inputs: Array, delta: Array) -> None:
        for number, (samples, columns) in enumerate(self._rounds):
            terms = inputs[samples, columns][:, None] * delta[samples]
            if number == 0:
                self._gradient[columns] = terms
            else:
                self._gradient[columns] += terms

    def _move(self, rate: Array) -> None:
        self._block[self.rows] -= self._gradient[self.rows] * rate
