"""Norms of parameters, gradients and updates."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from deltaglow.engine.ops import Array


class Norms:
    """Measures `ledger` (3, P): parameters, gradients and updates.

    parts: how many weights each layer has, and how many other parameters; either may be 0. A vector's dot
    product with itself is the quickest sum of squares at every size, and needs no room.
    """

    def __init__(self, ledger: Array, parts: Sequence[tuple[int, int]]) -> None:
        self._ledger = tuple(ledger)
        self._weights: list[Array] = []
        start = 0
        for weights, others in parts:
            self._weights.append(ledger[1, start : start + weights])
            start += weights + others
        self.calls = len(self._weights) + len(self._ledger)

    def gradients(self) -> list[float]:
        """‖∂L/∂W‖ of each layer; 0 for one without weights."""
        return [sqrt(part.dot(part)) for part in self._weights]

    def squares(self) -> tuple[float, ...]:
        """The sums of squares of all parameters, gradients and updates."""
        return tuple(float(row.dot(row)) for row in self._ledger)
