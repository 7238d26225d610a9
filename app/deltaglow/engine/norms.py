"""Norms of gradients."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

import numpy as np

from deltaglow.engine.backend import Backend
from deltaglow.engine.crew import Crew, Together, call_count, pieces
from deltaglow.engine.ops import SMALL, Array, Tape, host, op, run


class Norms:
    """Measures a gradient (P,), layer by layer: ‖∂L/∂W‖ of each goes to `out` (layers,), 0 for one without
    weights.

    parts: how many weights each layer has, and how many other parameters; either may be 0. crew: who works
    on a large gradient.
    """

    def __init__(
        self, gradient: Array, parts: Sequence[tuple[int, int]], out: Array, backend: Backend, crew: Crew
    ) -> None:
        self._gradient, self._out = gradient, out
        ends = [0, *accumulate(size for part in parts for size in part)]
        self._at_once = backend.on_host and len(gradient) <= SMALL and all(map(all, parts))
        if self._at_once:
            squares, sums = backend.zeros(len(gradient)), backend.zeros(len(ends) - 1)
            self._tape: Tape = [
                op(backend.xp.multiply, gradient, gradient, squares),
                op(backend.xp.add.reduceat, squares, backend.integers(ends[:-1]), 0, None, sums),
                op(backend.xp.sqrt, sums[::2], out),
            ]
        else:
            self._sums = backend.zeros((len(ends) - 1, crew.hands))
            vectors = [gradient[start:end] for start, end in pairwise(ends)]
            self._tape = [Together(crew, self._dots(vectors, crew.hands, backend))]
        self.calls = call_count(self._tape) + 1

    def gradients(self) -> float:
        """Measure; the sum of squares of all gradients.

        Of a small gradient all parts at once, in few calls. Of a large one each by the dot product with
        itself, which goes over it once and needs no room.
        """
        run(self._tape)
        if self._at_once:
            return float(self._gradient.dot(self._gradient))
        squares = host(self._sums).sum(1, dtype=np.float64)
        np.sqrt(squares[::2], out=self._out)
        return float(squares.sum())

    def _dots(self, vectors: list[Array], hands: int, backend: Backend) -> list[Tape]:
        """For each hand, its piece of every vector."""
        tapes: list[Tape] = [[] for _ in range(hands)]
        for k, vector in enumerate(vectors):
            for hand, part in enumerate(pieces(len(vector), hands)):
                tapes[hand] += backend.row_products(vector[part], vector[part], self._sums[k, hand, ...])
        return tapes
