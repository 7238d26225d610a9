"""Interleaved spirals, after the two-spirals problem of Lang and Witbrock (1988), with two to five arms."""

from __future__ import annotations

import math

import numpy as np

from deltaglow.data.dataset import Dataset, DataSetKind, dealt, numbered, one_hot

TURNS = 0.75
"""How far round the centre each arm winds, in turns."""


def make(samples: int, noise: float, classes: int, seed: int) -> Dataset:
    """Archimedean spirals, one arm a class: r = t, angle = 2π (TURNS·t + arm / classes), 0.05 ≤ t ≤ 1.

    Points are spaced evenly in t along each arm and blurred by a normal of deviation `noise` in both
    features, so without noise every feature lies in [-1, 1].
    """
    rng = np.random.default_rng(seed)
    arm = dealt(samples, classes)
    along = numbered(arm, classes) / max(1, math.ceil(samples / classes) - 1)
    r = 0.05 + 0.95 * along
    angle = 2 * math.pi * (TURNS * r + arm / classes)
    x = np.column_stack((r * np.cos(angle), r * np.sin(angle))) + noise * rng.standard_normal((samples, 2))
    names = tuple(f"arm {k + 1}" for k in range(classes))
    return Dataset(x, one_hot(arm, classes), ("x₁", "x₂"), names, "Spirals")


KIND = DataSetKind(
    "spirals",
    "Spirals",
    "Two to five arms wound around each other: hard for a small network, and good to watch being learned.",
    make,
    max_classes=5,
    default_classes=3,
    default_noise=0.03,
    max_noise=1.0,
)
