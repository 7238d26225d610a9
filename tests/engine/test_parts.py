"""Activations and initialisers, each against its formula."""

from __future__ import annotations

import numpy as np
import pytest

from deltaglow.engine import ACTIVATIONS, INITIALIZERS

Z = np.array([-1000.0, -40.0, -3.0, -0.5, 0.0, 0.5, 3.0, 40.0, 1000.0])
FORMULAS = {
    "identity": lambda z: z,
    "sigmoid": lambda z: np.where(
        z >= 0, 1 / (1 + np.exp(-np.abs(z))), np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z)))
    ),
    "tanh": np.tanh,
    "relu": lambda z: np.where(z > 0, z, 0.0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
}


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_values(name: str) -> None:
    np.testing.assert_allclose(ACTIVATIONS[name].value(Z), FORMULAS[name](Z), rtol=1e-14)


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_slopes_against_differences(name: str) -> None:
    z = np.linspace(-4, 4, 41) + 0.013
    h = 1e-6
    activation = ACTIVATIONS[name]
    measured = (activation.value(z + h) - activation.value(z - h)) / (2 * h)
    np.testing.assert_allclose(activation.derivative(z), measured, atol=1e-9)


def test_the_slope_at_a_corner_is_the_left_one() -> None:
    assert ACTIVATIONS["relu"].derivative(0.0) == 0.0
    assert ACTIVATIONS["leaky_relu"].derivative(0.0) == 0.01


@pytest.mark.parametrize(
    ("name", "deviation"),
    [
        ("zeros", 0.0),
        ("small_normal", 0.01),
        ("lecun_normal", np.sqrt(1 / 300)),
        ("lecun_uniform", np.sqrt(1 / 300)),
        ("xavier_normal", np.sqrt(2 / 700)),
        ("xavier_uniform", np.sqrt(2 / 700)),
        ("he_normal", np.sqrt(2 / 300)),
        ("he_uniform", np.sqrt(2 / 300)),
    ],
)
def test_initial_weights_have_the_stated_spread(name: str, deviation: float) -> None:
    W = INITIALIZERS[name](np.random.default_rng(0), 400, 300)
    assert W.shape == (400, 300)
    assert W.std() == pytest.approx(deviation, rel=0.01)
    assert abs(W.mean()) <= 4 * deviation / np.sqrt(W.size)
    if name.endswith("uniform"):
        assert np.abs(W).max() == pytest.approx(np.sqrt(3) * deviation, rel=0.01)


def test_every_rule_is_tested() -> None:
    assert set(FORMULAS) == set(ACTIVATIONS)
