"""Norms of gradients."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from deltaglow.engine.ops import Array


class Norms:
    """Measures a gradient (P,), layer by layer.

    parts: how many weights each layer has, and how many other parameters; either may be 0. A vector's dot
    product with itself is the quickest sum of squares at every size, and needs no room.
    """

    def __init__(self, gradient: Array, parts: Sequence[tuple[int, int]]) -> None:
        self._parts: list[tuple[Array, Array]] = []
        start = 0
        for weights, others in parts:
            middle, end = start + weights, start + weights + others
            self._parts.append((gradient[start:middle], gradient[middle:end]))
            start = end
        self.calls = 2 * len(self._parts)

    def gradients(self) -> tuple[list[float], float]:
        """‖∂L/∂W‖ of each layer, 0 for one without weights; and the sum of squares of all gradients."""
        total, norms = 0.0, []
        for weights, others in self._parts:
            squares = weights.dot(weights)
            total += squares + others.dot(others)
            norms.append(sqrt(squares))
        return norms, float(total)
