"""Exclusive or: the smallest problem that no straight line solves (Minsky and Papert, Perceptrons, 1969)."""

from __future__ import annotations

import numpy as np

from deltaglow.data.dataset import Dataset, DataSetKind, one_hot

CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])


def make(samples: int, noise: float, classes: int, seed: int) -> Dataset:
    """The corners of the unit square in turn, each blurred by a normal of deviation `noise`.

    The class is x₁ XOR x₂ of the unblurred corner. Four samples without noise are the truth table itself.
    """
    rng = np.random.default_rng(seed)
    corner = np.arange(samples) % 4
    x = CORNERS[corner] + noise * rng.standard_normal((samples, 2))
    labels = ((corner == 1) | (corner == 2)).astype(np.intp)
    return Dataset(x, one_hot(labels, classes), ("x₁", "x₂"), ("same", "different"), "XOR")


KIND = DataSetKind(
    "xor",
    "XOR",
    "Four corners of a square; opposite corners belong together. No straight line separates them.",
    make,
    default_samples=4,
    default_noise=0.0,
)
