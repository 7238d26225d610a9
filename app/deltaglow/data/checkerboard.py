"""Checkerboard: neighbouring squares differ, so that no feature alone says anything about the class."""

from __future__ import annotations

import numpy as np

from deltaglow.data.dataset import Dataset, DataSetKind, dealt, one_hot

SQUARES = 4
"""Squares along each side of the board."""


def make(samples: int, noise: float, classes: int, seed: int) -> Dataset:
    """The square in row r, column c of the board [-1, 1]² belongs to class (r + c) mod classes.

    Every sample lies at random in one of its class's squares, blurred by a normal of deviation `noise`.
    """
    rng = np.random.default_rng(seed)
    labels = dealt(samples, classes)
    row = rng.integers(0, SQUARES, samples)
    # Of the columns whose class it is in this row, one at random: there are `count` of them, `classes` apart.
    first = (labels - row) % classes
    count = -(-(SQUARES - first) // classes)
    column = first + classes * np.floor(rng.random(samples) * count)
    places = np.column_stack((column, row)) + rng.random((samples, 2))
    x = 2.0 * places / SQUARES - 1.0 + noise * rng.standard_normal((samples, 2))
    names = ("dark", "light") if classes == 2 else tuple(f"colour {k + 1}" for k in range(classes))
    return Dataset(x, one_hot(labels, classes), ("x₁", "x₂"), names, "Checkerboard")


KIND = DataSetKind(
    "checkerboard",
    "Checkerboard",
    "Squares in turn: each feature alone says nothing, and straight lines have to be crossed many times.",
    make,
    max_classes=4,
    default_samples=500,
    default_noise=0.0,
)
