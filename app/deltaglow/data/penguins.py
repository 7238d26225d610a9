"""Palmer penguins: four measurements of penguins of three species (Gorman, Williams and Fraser 2014)."""

from __future__ import annotations

from deltaglow.data.dataset import DataSetKind, Stored

KIND = DataSetKind(
    "penguins",
    "Penguins",
    "342 Palmer penguins of three species by bill length, bill depth, flipper length and body mass.",
    Stored("penguins.csv", (151, 123, 68)),
    inputs=4,
    min_classes=3,
    max_classes=3,
    default_classes=3,
    min_samples=30,
    max_samples=342,
    default_samples=342,
    default_noise=0.0,
    scaling="standard",
    source="K. B. Gorman and others (2014), Palmer Station LTER, CC0",
)
