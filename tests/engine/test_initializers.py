"""Initialisers, each against its formula."""

from __future__ import annotations

import numpy as np
import pytest

from deltaglow.engine import ACTIVATIONS, INITIALIZERS, Conv1d, Dense, Network, Start, gain_of
from deltaglow.engine.initializers import draw

DEVIATIONS = {
    "zeros": 0.0,
    "constant": 0.0,
    "small_normal": 0.01,
    "lecun_normal": np.sqrt(1 / 300),
    "lecun_uniform": np.sqrt(1 / 300),
    "xavier_normal": np.sqrt(2 / 700),
    "xavier_uniform": np.sqrt(2 / 700),
    "he_normal": np.sqrt(2 / 300),
    "he_uniform": np.sqrt(2 / 300),
    "orthogonal": np.sqrt(1 / 400),
}
SCALED = [name for name, rule in INITIALIZERS.items() if rule.own_gain is not None]


def test_every_rule_is_tested() -> None:
    assert set(DEVIATIONS) == set(INITIALIZERS)


@pytest.mark.parametrize("name", INITIALIZERS)
def test_initial_weights_have_the_stated_spread(name: str) -> None:
    W = INITIALIZERS[name](np.random.default_rng(0), 400, 300)
    deviation = DEVIATIONS[name]
    assert W.shape == (400, 300)
    assert W.std() == pytest.approx(deviation, rel=0.01)
    if deviation:
        assert abs(W.mean()) <= 4 * deviation / np.sqrt(W.size)
    if name.endswith("uniform"):
        assert np.abs(W).max() == pytest.approx(np.sqrt(3) * deviation, rel=0.01)


@pytest.mark.parametrize("shape", [(7, 4), (4, 7), (5, 5), (1, 3), (3, 1), (1, 1)])
def test_orthogonal_rows_or_columns(shape: tuple[int, int]) -> None:
    W = INITIALIZERS["orthogonal"](np.random.default_rng(3), *shape)
    least = min(shape)
    product = W @ W.T if shape[0] <= shape[1] else W.T @ W
    np.testing.assert_allclose(product, np.eye(least), atol=1e-14)


def test_orthogonal_matrices_have_no_favourite_direction() -> None:
    rng = np.random.default_rng(4)
    many = np.array([INITIALIZERS["orthogonal"](rng, 3, 3) for _ in range(2000)])
    assert np.abs(many.mean(axis=0)).max() < 5 / np.sqrt(3 * 2000)
    np.testing.assert_allclose((many**2).mean(axis=0), 1 / 3, atol=0.04)


@pytest.mark.parametrize("name", SCALED)
def test_a_gain_multiplies(name: str) -> None:
    plain = draw(name, "tanh", np.random.default_rng(5), 4, 6)
    assert np.array_equal(draw(Start(name), "tanh", np.random.default_rng(5), 4, 6), plain)
    doubled = draw(Start(name, gain=2.0), "tanh", np.random.default_rng(5), 4, 6)
    np.testing.assert_array_equal(doubled, 2.0 * plain)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_automatic_gain_is_the_activation_s(activation: str) -> None:
    gain = ACTIVATIONS[activation].gain
    assert gain_of(Start("xavier_normal", "auto"), activation) == gain
    assert gain_of(Start("he_normal", "auto"), activation) * np.sqrt(2) == pytest.approx(gain, rel=1e-15)
    W = draw(Start("he_normal", "auto"), activation, np.random.default_rng(6), 300, 200)
    assert W.std() == pytest.approx(gain / np.sqrt(200), rel=0.01)


def test_relu_s_automatic_gain_is_in_he_s_rule_already() -> None:
    plain = draw("he_uniform", "relu", np.random.default_rng(7), 3, 3)
    np.testing.assert_array_equal(
        draw(Start("he_uniform", "auto"), "relu", np.random.default_rng(7), 3, 3), plain
    )


@pytest.mark.parametrize("name", ["zeros", "constant", "small_normal"])
def test_some_rules_take_no_gain(name: str) -> None:
    assert gain_of(Start(name, "auto"), "tanh") == gain_of(Start(name, 3.0), "tanh") == 1.0


def test_a_constant_is_what_it_says() -> None:
    layer = Dense(3, "tanh", init=Start("constant", constant=-0.5))
    network = Network(2, [layer, Dense(2)], "softmax_cross_entropy", np.random.default_rng(0))
    np.testing.assert_array_equal(network.W(1), np.full((3, 2), -0.5))
    np.testing.assert_array_equal(network.b(1), np.zeros(3))


def test_a_convolution_starts_as_pytorchs_does() -> None:
    """Its n_out is kernel · channels: `nn.init.xavier_uniform_` of a Conv1d's weight (16, 8, 5) draws from
    ±√(6 / (8 · 5 + 16 · 5)).
    """
    layer = Conv1d(16, 5, in_channels=8, init="xavier_uniform")
    network = Network(8 * 40, [layer, Dense(2)], "softmax_cross_entropy", np.random.default_rng(0))
    W = network.blocks[0][:-1]
    assert W.size == 16 * 8 * 5
    limit = np.sqrt(6 / (8 * 5 + 16 * 5))
    assert 0.98 * limit < np.abs(W).max() <= limit
