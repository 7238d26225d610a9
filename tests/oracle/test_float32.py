"""Training in float32 against PyTorch's in float32 (generate_float32.py): no farther from the exact run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from deltaglow.engine import Dense, Network, Trainer, backend

with np.load(Path(__file__).parent / "float32.npz", allow_pickle=False) as stored:
    ANSWERS = dict(stored)
CASES = sorted({key.split("/")[0] for key in ANSWERS if "-" in key})
RATES = {"sgd": 0.1, "momentum": 0.05, "nesterov": 0.05, "rmsprop": 0.005, "adam": 0.01, "adagrad": 0.05}


def trained(case: str, precision: str) -> tuple[np.ndarray, np.ndarray]:
    optimizer, activation = case.split("-")
    start = [ANSWERS[f"start/{i}"].astype(np.float64) for i in range(6)]
    layers = [
        Dense(len(b), activation if 2 * k + 2 < len(start) else "identity", W=W, b=b)
        for k, (W, b) in enumerate(zip(start[::2], start[1::2], strict=True))
    ]
    rng = np.random.default_rng(0)
    network = Network(8, layers, "softmax_cross_entropy", rng, backend(precision))
    trainer = Trainer(
        network,
        ANSWERS["x"],
        np.eye(4)[ANSWERS["y"]],
        optimizer=optimizer,
        learning_rate=RATES[optimizer],
        batch_size=16,
        shuffle=False,
        rng=rng,
    )
    losses = []
    for _ in range(50):
        trainer.step()
        losses.append(trainer.scalars[0])
    parts = [part.ravel() for k in (1, 2, 3) for part in (network.W(k), network.b(k))]
    return np.array(losses), np.concatenate(parts)


def distance(found: np.ndarray, exact: np.ndarray) -> float:
    return float(np.linalg.norm(found - exact) / np.linalg.norm(exact))


def test_every_optimiser_has_an_answer() -> None:
    assert {case.split("-")[0] for case in CASES} == set(RATES)


@pytest.mark.parametrize("case", CASES)
def test_float32_is_as_good_as_pytorchs(case: str) -> None:
    for found, part in zip(trained(case, "float32"), ("losses", "theta"), strict=True):
        exact = ANSWERS[f"{case}/double/{part}"]
        theirs = distance(ANSWERS[f"{case}/single/{part}"], exact)
        assert 0.0 < theirs < 1e-4, "PyTorch's own rounding, or the case says nothing"
        assert distance(found, exact) <= 3 * theirs + 1e-7


@pytest.mark.parametrize("case", CASES)
def test_float64_is_the_exact_run(case: str) -> None:
    """The same networks in float64: what the gap is measured from is right."""
    for found, part in zip(trained(case, "float64"), ("losses", "theta"), strict=True):
        np.testing.assert_allclose(found, ANSWERS[f"{case}/double/{part}"], rtol=1e-9, atol=1e-12)
