"""Makes the stored answers of scikit-learn that test_curves.py compares precision, recall and axes with.

Run with a Python that has scikit-learn and numpy: `make oracle`, or `python tests/oracle/generate_curves.py`.
It imports nothing of deltaglow.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sklearn.decomposition import PCA
from sklearn.metrics import average_precision_score, precision_recall_curve

ANSWERS = Path(__file__).parent / "curves.npz"


def judged(rng: np.random.Generator, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Which samples are of a class, and the outputs for it."""
    count = {"few": 4, "one": 1}.get(name, 150)
    wanted = rng.random(count) < 0.3
    wanted[0] = True
    outputs = 0.5 * wanted + rng.random(count)
    if name == "ties":
        outputs = np.round(outputs, 1)
    if name == "all":
        wanted[:] = True
    if name == "same":
        outputs[:] = 0.25
    if name == "perfect":
        outputs = wanted + 0.1 * rng.random(count)
    return wanted, outputs


def values(rng: np.random.Generator, name: str) -> np.ndarray:
    """What a layer makes of samples (n, units)."""
    shape = {"wide": (12, 40), "two": (50, 2)}.get(name, (80, 6))
    found = rng.standard_normal(shape) * np.linspace(3.0, 0.5, shape[1]) + rng.standard_normal(shape[1])
    return found * (1e-9 if name == "small" else 1.0)


def main() -> None:
    """Write the answers."""
    made: dict[str, np.ndarray] = {}
    for seed, name in enumerate(("usual", "ties", "few", "one", "all", "same", "perfect")):
        wanted, outputs = judged(np.random.default_rng(seed), name)
        precision, recall, thresholds = precision_recall_curve(wanted, outputs)
        average = average_precision_score(wanted, outputs)
        found = (wanted, outputs, precision, recall, thresholds, np.array(average))
        for what, array in zip(
            ("wanted", "outputs", "precision", "recall", "thresholds", "average"), found, strict=True
        ):
            made[f"curve/{name}/{what}"] = array
    for seed, name in enumerate(("usual", "wide", "two", "small")):
        x = values(np.random.default_rng(100 + seed), name)
        axes = PCA(n_components=min(3, x.shape[1]), svd_solver="full").fit(x)
        made[f"axes/{name}/x"] = x
        made[f"axes/{name}/places"] = axes.transform(x)
        made[f"axes/{name}/shares"] = axes.explained_variance_ratio_
        made[f"axes/{name}/directions"] = axes.components_
    np.savez_compressed(ANSWERS, **made)


if __name__ == "__main__":
    main()
