"""A mini-batch as the engine takes it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deltaglow.engine.ops import Array, IntArray


@dataclass
class Batch:
    """inputs (B, n + 1) with a last column of ones, y (B, K), labels (B,), the class of each row's largest
    target; `hard` where every target of the data set is a class (one 1, else 0). places (B,): where the
    number of each row's class stands in an array of y's shape seen as a vector; None if that is to be found
    when it is needed.
    """

    inputs: Array
    y: Array
    labels: IntArray
    hard: bool = True
    places: IntArray | None = None

    def __len__(self) -> int:
        return len(self.y)


def with_ones(x: Array) -> Array:
    """x (B, n) with a last column of ones: (B, n + 1)."""
    return np.column_stack([x, np.ones(len(x))])
