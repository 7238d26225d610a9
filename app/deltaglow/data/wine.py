"""Wine: chemical measurements of wines from three cultivars, on scales that differ a thousandfold."""

from __future__ import annotations

from deltaglow.data.dataset import DataSetKind, Stored

KIND = DataSetKind(
    "wine",
    "Wine",
    "178 wines from three cultivars by 13 chemical measurements, whose scales differ a thousandfold.",
    Stored("wine.csv", (59, 71, 48)),
    inputs=13,
    min_classes=3,
    max_classes=3,
    default_classes=3,
    min_samples=30,
    max_samples=178,
    default_samples=178,
    default_noise=0.0,
    scaling="standard",
    source="S. Aeberhard and M. Forina (1992), from the UCI Machine Learning Repository, CC BY 4.0",
)
