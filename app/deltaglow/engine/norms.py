"""Norms of gradients."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from math import sqrt

from deltaglow.engine.backend import Backend
from deltaglow.engine.ops import SMALL, Array, Tape, op


class Norms:
    """Measures a gradient (P,), layer by layer: ‖∂L/∂W‖ of each goes to `out` (layers,), 0 for one without
    weights.

    parts: how many weights each layer has, and how many other parameters; either may be 0.
    """

    def __init__(
        self, gradient: Array, parts: Sequence[tuple[int, int]], out: Array, backend: Backend
    ) -> None:
        self._gradient, self._out = gradient, out
        ends = list(accumulate(size for part in parts for size in part))
        starts = [0, *ends[:-1]]
        self._at_once: Tape = []
        if backend.on_host and len(gradient) <= SMALL and all(map(all, parts)):
            squares, sums = backend.zeros(len(gradient)), backend.zeros(len(starts))
            self._at_once = [
                op(backend.xp.multiply, gradient, gradient, squares),
                op(backend.xp.add.reduceat, squares, backend.integers(starts), 0, None, sums),
                op(backend.xp.sqrt, sums[::2], out),
            ]
        pieces = [gradient[start:end] for start, end in zip(starts, ends, strict=True)]
        self._parts = list(zip(pieces[::2], pieces[1::2], strict=True))
        self.calls = len(self._at_once) + 1 if self._at_once else len(pieces)

    def gradients(self) -> float:
        """Measure; the sum of squares of all gradients.

        Of a small gradient all parts at once, in few calls. Of a large one each by the dot product with
        itself, which goes over it once and needs no room.
        """
        if self._at_once:
            for call in self._at_once:
                call()
            return float(self._gradient.dot(self._gradient))
        total = 0.0
        for k, (weights, others) in enumerate(self._parts):
            squares = float(weights.dot(weights))
            total += squares + float(others.dot(others))
            self._out[k] = sqrt(squares)
        return total
