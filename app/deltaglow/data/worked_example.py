"""The one sample of the worked example: x = (1, 2, -1), y = (1, 0).

Source: B. S. Kushwaha, "Understanding Neural Networks: Softmax, Cross-Entropy, and Backpropagation",
PostNetwork Academy.
"""

from __future__ import annotations

import numpy as np

from deltaglow.data.dataset import Dataset, DataSetKind


def make(samples: int, noise: float, classes: int, seed: int) -> Dataset:
    """The sample, `samples` times over, its features blurred by a normal of deviation `noise`."""
    rng = np.random.default_rng(seed)
    x = np.tile([1.0, 2.0, -1.0], (samples, 1)) + noise * rng.standard_normal((samples, 3))
    y = np.tile([1.0, 0.0], (samples, 1))
    return Dataset(x, y, ("x₁", "x₂", "x₃"), ("class 1", "class 2"), "Worked example")


KIND = DataSetKind(
    "worked-example",
    "Worked example",
    "One sample with three features, small enough to follow every number by hand.",
    make,
    inputs=3,
    min_samples=1,
    max_samples=1000,
    default_samples=1,
    default_noise=0.0,
    balanced=False,
)
