"""Gaussian blobs: one round cloud a class, the easiest of the sets."""

from __future__ import annotations

import math

import numpy as np

from deltaglow.data.dataset import Dataset, DataSetKind, dealt, one_hot

RADIUS = 0.7
"""Distance of every cloud's centre from the origin."""


def make(samples: int, noise: float, classes: int, seed: int) -> Dataset:
    """Class k is a normal of deviation `noise` around RADIUS·(cos θ, sin θ), θ = 2π k / classes + π/2."""
    rng = np.random.default_rng(seed)
    labels = dealt(samples, classes)
    angle = 2 * math.pi * labels / classes + math.pi / 2
    centres = RADIUS * np.column_stack((np.cos(angle), np.sin(angle)))
    x = centres + noise * rng.standard_normal((samples, 2))
    names = tuple(f"blob {k + 1}" for k in range(classes))
    return Dataset(x, one_hot(labels, classes), ("x₁", "x₂"), names, "Blobs")


KIND = DataSetKind(
    "blobs",
    "Blobs",
    "Round clouds of points, one a class. Straight lines separate them when the noise is small.",
    make,
    max_classes=8,
    default_classes=3,
    default_noise=0.2,
)
