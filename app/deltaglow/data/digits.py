"""Handwritten digits of 8 × 8 pixels (Alpaydin and Kaynak 1998), as in scikit-learn's load_digits."""

from __future__ import annotations

from deltaglow.data.dataset import DataSetKind, Stored

KIND = DataSetKind(
    "digits",
    "Digits",
    "1797 handwritten digits of 8 × 8 pixels, each from 0 to 16.",
    Stored("digits.csv", (178, 182, 177, 183, 181, 182, 181, 179, 174, 180)),
    inputs=64,
    min_classes=10,
    max_classes=10,
    default_classes=10,
    min_samples=100,
    max_samples=1797,
    default_samples=1797,
    default_noise=0.0,
    scaling="minmax",
    source="E. Alpaydin and C. Kaynak (1998), from the UCI Machine Learning Repository, CC BY 4.0",
    picture=(8, 8),
)
