"""Iris: four measurements of flowers of three species, the oldest test of a classifier."""

from __future__ import annotations

from deltaglow.data.dataset import DataSetKind, Stored

KIND = DataSetKind(
    "iris",
    "Iris",
    "150 flowers of three species by the length and width of their sepals and petals.",
    Stored("iris.csv", (50, 50, 50)),
    inputs=4,
    min_classes=3,
    max_classes=3,
    default_classes=3,
    min_samples=30,
    max_samples=150,
    default_samples=150,
    default_noise=0.0,
    scaling="standard",
    source="R. A. Fisher (1936), from the UCI Machine Learning Repository, CC BY 4.0",
)
