"""One wave of a sine: regression of a curve, which needs hidden units that bend."""

from __future__ import annotations

import math

import numpy as np

from deltaglow.data.dataset import Dataset, DataSetKind


def make(samples: int, noise: float, classes: int, seed: int) -> Dataset:
    """y = sin(π x), blurred by a normal of deviation `noise`; x uniform in [-1, 1]."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1.0, 1.0, (samples, 1))
    y = np.sin(math.pi * x) + noise * rng.standard_normal((samples, 1))
    return Dataset(x, y, ("x₁",), ("height",), "Sine")


KIND = DataSetKind(
    "sine",
    "Sine",
    "Regression: one wave of a sine over a single coordinate. The hidden units have to bend it together.",
    make,
    inputs=1,
    min_classes=1,
    max_classes=1,
    default_classes=1,
    default_samples=200,
    default_noise=0.05,
    targets="values",
    balanced=False,
)
