"""Activation functions and initialisers against PyTorch's (see generate_parts.py)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deltaglow.engine import ACTIVATIONS, INITIALIZERS, Start
from deltaglow.engine.initializers import draw

with np.load(Path(__file__).parent / "parts.npz", allow_pickle=False) as stored:
    ANSWERS: dict[str, np.ndarray] = dict(stored)
Z = ANSWERS["places"]
SATURATED = {"gelu": -4.0, "gelu_tanh": -4.0}
"""Below this PyTorch's own form, 1 + erf or 1 + tanh, has lost digits; only its size is compared there."""


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_values_and_slopes(name: str) -> None:
    good = SATURATED.get(name, -np.inf) <= Z
    for found, kind in ((ACTIVATIONS[name].value(Z), "value"), (ACTIVATIONS[name].derivative(Z), "slope")):
        expected = ANSWERS[f"{name}/{kind}"]
        tight = good & (np.abs(Z) <= 20 if name == "softplus" else True)
        np.testing.assert_allclose(found[tight], expected[tight], rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=3e-9 if name == "softplus" else 1e-14)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_slope_at_a_corner_is_pytorch_s(name: str) -> None:
    for corner in ACTIVATIONS[name].corners:
        (place,) = np.flatnonzero(np.where(np.signbit(Z), np.nan if corner == 0.0 else Z, Z) == corner)
        assert ACTIVATIONS[name].derivative(corner) == ANSWERS[f"{name}/slope"][place]


@pytest.mark.parametrize("name", INITIALIZERS)
def test_weights_are_spread_as_pytorch_s(name: str) -> None:
    W = draw(Start(name, constant=-0.25), "relu", np.random.default_rng(0), 200, 150)
    mean, spread, fourth, largest = ANSWERS[f"init/{name}"]
    assert W.mean() == pytest.approx(mean, abs=8 * spread / np.sqrt(W.size))
    assert W.std() == pytest.approx(spread, rel=0.02)
    assert np.abs(W).max() == pytest.approx(largest, rel=0.05 if "uniform" in name else 0.25)
    if spread:
        assert ((W - W.mean()) ** 4).mean() / W.std() ** 4 == pytest.approx(fourth, rel=0.06)


def test_gains() -> None:
    names = ("identity", "sigmoid", "tanh", "relu", "selu")
    np.testing.assert_array_equal([ACTIVATIONS[name].gain for name in names], ANSWERS["gains"])
    assert ACTIVATIONS["leaky_relu"].gain == ANSWERS["leaky gain"]


class Drawn:
    """Stands in for a generator that draws this matrix."""

    def __init__(self, matrix: np.ndarray) -> None:
        self._matrix = matrix

    def standard_normal(self, shape: tuple[int, int]) -> np.ndarray:
        assert shape == self._matrix.shape
        return self._matrix


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 4)])
def test_the_same_normal_numbers_make_the_same_orthogonal_matrix(shape: tuple[int, int]) -> None:
    key = f"orthogonal/{shape[0]}x{shape[1]}"
    rng: Any = Drawn(ANSWERS[f"{key}/drawn"])
    np.testing.assert_allclose(
        draw(Start("orthogonal", gain=1.5), "tanh", rng, *shape),
        ANSWERS[f"{key}/made"],
        rtol=1e-12,
        atol=1e-14,
    )
