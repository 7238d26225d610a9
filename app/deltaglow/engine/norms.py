"""Norms of parameters, gradients and updates, by layer, in few calls."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from deltaglow.engine.ops import Array, Tape, op

SMALL = 8192
"""Parameters up to which squaring everything at once is cheaper than one dot product a part."""


class Norms:
    """The sums of squares of W and b of each layer, of `ledger` (3, P): parameters, gradients and updates.

    `squares` (3, layers, 2) holds them after the tape has run.
    """

    def __init__(self, ledger: Array, widths: Sequence[int]) -> None:
        self.ledger = ledger
        self.squares = np.zeros((3, len(widths) - 1, 2))
        self.totals = np.zeros(3)
        """The sums of squares over all layers."""
        self._starts: list[int] = []
        start = 0
        for n_in, n_out in pairwise(widths):
            self._starts += [start, start + n_in * n_out]
            start += (n_in + 1) * n_out

    def tape(self) -> Tape:
        """The calls that fill `squares` and `totals`."""
        count = self.ledger.shape[1]
        flat = self.squares.reshape(3, -1)
        if count <= SMALL:
            scratch = np.zeros_like(self.ledger)
            tape = [
                op(np.multiply, self.ledger, self.ledger, scratch),
                op(np.add.reduceat, scratch, np.array(self._starts), 1, None, flat),
            ]
        else:
            ends = [*self._starts[1:], count]
            tape = [
                op(np.vecdot, part, part, flat[row, i, ...])
                for i, (start, end) in enumerate(zip(self._starts, ends, strict=True))
                for row, part in enumerate(self.ledger[:, start:end])
            ]
        return [*tape, op(np.add.reduce, flat, 1, None, self.totals)]
