"""Two half moons that reach into each other, as popularised by scikit-learn's make_moons."""

from __future__ import annotations

import math

import numpy as np

from deltaglow.data.dataset import Dataset, DataSetKind, dealt, numbered, one_hot


def make(samples: int, noise: float, classes: int, seed: int) -> Dataset:
    """Half circles of radius 1: (cos t, sin t) and (1 - cos t, 1/2 - sin t), 0 ≤ t ≤ π, evenly spaced.

    Shifted by (-1/2, -1/4) and divided by 3/2, which puts the features in [-1, 1], then blurred by a normal
    of deviation `noise` in both features.
    """
    rng = np.random.default_rng(seed)
    labels = dealt(samples, classes)
    t = math.pi * numbered(labels, classes) / max(1, math.ceil(samples / classes) - 1)
    upper = np.column_stack((np.cos(t), np.sin(t)))
    lower = np.column_stack((1 - np.cos(t), 0.5 - np.sin(t)))
    x = (np.where(labels[:, None] == 0, upper, lower) - (0.5, 0.25)) / 1.5
    x += noise * rng.standard_normal((samples, 2))
    return Dataset(x, one_hot(labels, classes), ("x₁", "x₂"), ("upper moon", "lower moon"), "Moons")


KIND = DataSetKind(
    "moons",
    "Moons",
    "Two half moons that reach into each other: one gentle bend separates them.",
    make,
    default_noise=0.08,
)
