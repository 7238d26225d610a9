"""A slanted plane: the simplest regression, which a single unit without activation solves."""

from __future__ import annotations

import numpy as np

from deltaglow.data.dataset import Dataset, DataSetKind

SLOPES = np.array([0.7, -0.4])
HEIGHT = 0.2


def make(samples: int, noise: float, classes: int, seed: int) -> Dataset:
    """y = 0.7 x₁ − 0.4 x₂ + 0.2, blurred by a normal of deviation `noise`; x uniform in [-1, 1]²."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1.0, 1.0, (samples, 2))
    y = x @ SLOPES + HEIGHT + noise * rng.standard_normal(samples)
    return Dataset(x, y[:, None].copy(), ("x₁", "x₂"), ("height",), "Plane")


KIND = DataSetKind(
    "plane",
    "Plane",
    "Regression: the height of a slanted plane over its two coordinates. One straight unit is enough.",
    make,
    min_classes=1,
    max_classes=1,
    default_classes=1,
    default_samples=200,
    default_noise=0.05,
    targets="values",
    balanced=False,
)
