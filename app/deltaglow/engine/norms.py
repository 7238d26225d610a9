"""Norms of parameters, gradients and updates, by layer, in few calls."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from deltaglow.engine.ops import Array, Tape, op

SMALL = 8192
"""Parameters up to which squaring everything at once is cheaper than one dot product a part."""


class Norms:
    """The sums of squares of weights and biases of each layer, of `ledger` (3, P): parameters, gradients and
    updates.

    parts: how many weights each layer has, and how many other parameters; either may be 0. `squares` (3,
    layers, 2) holds the sums after the tape has run.
    """

    def __init__(self, ledger: Array, parts: Sequence[tuple[int, int]]) -> None:
        self.ledger = ledger
        self.squares = np.zeros((3, len(parts), 2))
        self.totals = np.zeros(3)
        """The sums of squares over all layers."""
        self._starts: list[int] = []
        start = 0
        for size in (size for pair in parts for size in pair):
            self._starts.append(start)
            start += size

    def tape(self) -> Tape:
        """The calls that fill `squares` and `totals`."""
        count = self.ledger.shape[1]
        flat = self.squares.reshape(3, -1)
        ends = [*self._starts[1:], count]
        full = [i for i, (start, end) in enumerate(zip(self._starts, ends, strict=True)) if end > start]
        if count <= SMALL and full:
            scratch = np.zeros_like(self.ledger)
            starts = np.array(self._starts)[full]
            sums = flat if len(full) == len(ends) else np.zeros((3, len(full)))
            tape = [
                op(np.multiply, self.ledger, self.ledger, scratch),
                op(np.add.reduceat, scratch, starts, 1, None, sums),
            ]
            if sums is not flat:
                tape.append(op(flat.__setitem__, (slice(None), full), sums))
        else:
            tape = [
                op(np.vecdot, part, part, flat[row, i, ...])
                for i, (start, end) in enumerate(zip(self._starts, ends, strict=True))
                if end > start
                for row, part in enumerate(self.ledger[:, start:end])
            ]
        return [*tape, op(np.add.reduce, flat, 1, None, self.totals)]
