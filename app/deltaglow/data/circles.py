"""Concentric circles: classes that differ by their distance from the centre only."""

from __future__ import annotations

import math

import numpy as np

from deltaglow.data.dataset import Dataset, DataSetKind, dealt, one_hot


def make(samples: int, noise: float, classes: int, seed: int) -> Dataset:
    """Class k lies on the circle of radius (k + 1) / classes, at uniform random angles, blurred by `noise`.

    The noise is a normal deviation in both features; without it every feature lies in [-1, 1].
    """
    rng = np.random.default_rng(seed)
    labels = dealt(samples, classes)
    angle = rng.uniform(0.0, 2 * math.pi, samples)
    radius = (labels + 1) / classes
    x = np.column_stack((radius * np.cos(angle), radius * np.sin(angle)))
    x += noise * rng.standard_normal((samples, 2))
    names = ("inner", "outer") if classes == 2 else tuple(f"circle {k + 1}" for k in range(classes))
    return Dataset(x, one_hot(labels, classes), ("x₁", "x₂"), names, "Circles")


KIND = DataSetKind(
    "circles",
    "Circles",
    "Rings around one centre. The network has to invent something like a radius.",
    make,
    max_classes=4,
    default_noise=0.06,
)
