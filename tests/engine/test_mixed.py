"""Mixed precision: float16 in the layers, float32 sums, a loss scale that finds its own size."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.standin import Module

from deltaglow.engine import (
    ACTIVATIONS,
    PRECISIONS,
    Dense,
    Dropout,
    LossScale,
    LossSpec,
    Network,
    ScaleState,
    Trainer,
    TrainerOptions,
    backend,
)
from deltaglow.engine.half import MixedBackend
from deltaglow.engine.layers import LayerSpec
from deltaglow.engine.loss_scale import Scaling
from deltaglow.engine.ops import run
from deltaglow.engine.scratch import Scratch
from deltaglow.model import build, examples

F16 = float(np.finfo(np.float16).eps)


def half(numbers: int = 100) -> SimpleNamespace:
    mixed = MixedBackend(np)
    return SimpleNamespace(mixed=mixed, layers=mixed.in_layers(Scratch(np, numbers)))


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 40), st.integers(1, 300), st.integers(0, 99))
def test_products_are_sums_of_float16_numbers_made_in_float32(
    rows: int, n: int, m: int, room: int, seed: int
) -> None:
    """However small the pieces are; held against float64, in which they are exact."""
    rng = np.random.default_rng(seed)
    layers = half(room).layers
    inputs, delta = (
        rng.normal(size=(rows, n)).astype(np.float16),
        rng.normal(size=(rows, m)).astype(np.float16),
    )
    weights = rng.normal(size=(n, m)).astype(np.float16).astype(np.float32)

    z = np.zeros((rows, m), np.float16)
    run(layers.product(inputs, weights, z))
    exact = inputs.astype(np.float64) @ weights.astype(np.float64)
    size = np.abs(inputs).astype(np.float64) @ np.abs(weights).astype(np.float64)
    assert (np.abs(z - exact) <= F16 / 2 * np.abs(exact) + 1e-6 * size + 1e-7).all()

    gradient = np.zeros((n, m), np.float32)
    run(layers.product(inputs.T, delta, gradient))
    exact = inputs.astype(np.float64).T @ delta.astype(np.float64)
    size = np.abs(inputs).astype(np.float64).T @ np.abs(delta).astype(np.float64)
    assert (np.abs(gradient - exact) <= 1e-6 * size).all()


@pytest.mark.parametrize("name", [name for name, one in ACTIVATIONS.items() if not one.in_place])
@pytest.mark.parametrize("room", [1, 40, 4000])
def test_activations_round_once(name: str, room: int) -> None:
    """To the nearest float16, where float32's own error is no matter: far more digits than ten steps in
    float16 would leave.
    """
    activation, world = ACTIVATIONS[name], half(room)
    z = np.linspace(-9, 9, 7 * 33).reshape(33, 7).astype(np.float16)
    a, slope = np.zeros_like(z), np.zeros_like(z)
    scratch = world.layers.scratch
    run(world.layers.bent(activation.forward, scratch, z, a))
    run(world.layers.bent(activation.slope, scratch, z, a, slope))
    exact = activation.value(z.astype(np.float64))
    assert (np.abs(a - exact) <= F16 / 2 * np.abs(exact) * 1.01 + 6e-8).all()
    # The slope may be made of the a that was kept, which is rounded already.
    exact = activation.derivative(z.astype(np.float64))
    assert (np.abs(slope - exact) <= 2 * F16 * np.maximum(np.abs(exact), np.abs(a)) + 6e-8).all()


def test_a_small_error_survives_because_of_the_scale() -> None:
    """At a scale of 1 it is 0 in float16 and the first layer does not learn; at the usual one it does."""
    moved = []
    for scale in (1.0, 2.0**15):
        rng = np.random.default_rng(0)
        small = 1e-4 * np.array([[1.0, 1, 1, 1], [-1, -1, -1, -1]])
        layers = [Dense(4, "tanh"), Dense(4, "tanh", W=np.eye(4) * 1e-4), Dense(2, W=small)]
        network = Network(3, layers, LossSpec(), rng, backend("mixed"))
        before = network.W(1).copy()
        options = TrainerOptions(loss_scale=LossScale(scale))
        x, y = rng.normal(size=(8, 3)), np.eye(2)[[0, 1] * 4]
        trainer = Trainer(
            network, x, y, learning_rate=1e4, batch_size=8, shuffle=False, rng=rng, options=options
        )
        frame = trainer.step(capture=True)
        assert frame is not None and frame.scale == scale
        moved.append(float(np.abs(network.W(1) - before).max()))
    assert moved[0] == 0.0 < moved[1]


def project(precision: str = "mixed", name: str = "digits", **training: object):
    found = examples.load(name)
    return replace(found, training=replace(found.training, precision=precision, **training))


def test_an_overflow_is_left_out_and_halves_the_scale_until_steps_are_good() -> None:
    trainer = build.trainer(project(loss_scale=LossScale(2.0**24, 3), shuffle=False))
    scales, left = [], []
    for _ in range(30):
        theta = trainer.state().theta
        frame = trainer.step(capture=True)
        assert frame is not None
        scales.append(frame.scale)
        left.append(frame.left_out)
        assert frame.left_out == (not np.isfinite(frame.gradient).all())
        assert np.array_equal(trainer.state().theta, theta) == frame.left_out
        assert trainer.scalars[trainer.scalar_names.index("loss_scale")] == frame.scale
        assert np.isnan(trainer.scalars[2]) == frame.left_out
    assert left[0] and not all(left)
    for before, missed, after in zip(scales, left, scales[1:], strict=False):
        assert after == before / 2 if missed else after in (before, 2 * before)
    # Three good steps in a row double it.
    start = left.index(False)
    assert left[start : start + 3] == [False] * 3 and scales[start + 3] == 2 * scales[start]
    assert trainer.scaling is not None and trainer.scaling.missed == sum(left)
    updates = trainer.preview().update.count
    assert updates == 30 - sum(left) + 1, "Adam counts the updates that were made"


def test_the_scale_is_part_of_the_state_and_a_run_replays_bit_for_bit() -> None:
    def run_on(trainer: Trainer) -> tuple[bytes, ScaleState | None]:
        for _ in range(40):
            trainer.step()
        return trainer.state().theta.tobytes(), trainer.scaling

    trainer = build.trainer(project(loss_scale=LossScale(2.0**24, 5)))
    for _ in range(12):
        trainer.step()
    state = trainer.state()
    first = run_on(trainer)
    trainer.restore(state)
    assert run_on(trainer) == first
    fresh = build.trainer(project(loss_scale=LossScale(2.0**24, 5)))
    fresh.restore(state)
    assert run_on(fresh) == first


def test_the_scale_stays_within_its_limits() -> None:
    factor = np.ones(1, np.float32)
    scaling = Scaling(LossScale(2.0, 1), factor)
    for _ in range(3):
        scaling.overflow(moves=True)
    assert scaling.lowest and scaling.state == ScaleState(1.0, 0, 3) and factor[0] == 1.0
    for _ in range(40):
        scaling.good_step()
    assert scaling.state.scale == factor[0] == 2.0**24


def test_mixed_precision_learns_the_digits_as_well_with_half_of_the_activations() -> None:
    """The published bound: within half a point of float64's accuracy on samples that it did not see."""
    accuracies, bytes_of = {}, {}
    for precision in ("float64", "mixed"):
        trainer = build.trainer(project(precision))
        for _ in range(400):
            trainer.step()
        held = trainer.validate()
        assert held is not None
        accuracies[precision] = trainer.evaluate()[1], held[1]
        ledger = trainer.ledger()
        bytes_of[precision] = sum(ledger.layers), ledger.activations
    for mine, theirs in zip(accuracies["mixed"], accuracies["float64"], strict=True):
        assert mine >= theirs - 0.005
    assert bytes_of["mixed"][0] * 4 == bytes_of["float64"][0], "float16 is a quarter of float64"
    assert bytes_of["mixed"][1] <= 0.5 * bytes_of["float64"][1], "with all scratch and outputs"


@pytest.mark.parametrize("name", ["residual", "batch-norm", "dropout", "convolution", "regression", "gates"])
def test_every_kind_of_network_learns_alike(name: str) -> None:
    """Mixed precision follows float64 closely enough for the losses to be alike after a while."""
    losses = []
    for precision in ("float64", "float32", "mixed"):
        trainer = build.trainer(project(precision, name))
        for _ in range(60):
            trainer.step()
        losses.append(trainer.evaluate()[0])
    assert losses[1] == pytest.approx(losses[0], rel=1e-3)
    assert losses[2] == pytest.approx(losses[0], rel=0.08, abs=0.005)


def test_it_runs_on_another_array_module() -> None:
    """The same numbers, bit for bit: the stand-in computes with NumPy's functions."""
    thetas = []
    for xp in (np, Module()):
        rng = np.random.default_rng(2)
        layers = [Dense(16, "gelu"), Dense(9, "sigmoid"), Dense(3)]
        network = Network(5, layers, LossSpec(), rng, MixedBackend(xp))
        x, y = rng.normal(size=(40, 5)), np.eye(3)[rng.integers(0, 3, 40)]
        trainer = Trainer(
            network, x, y, optimizer="adam", learning_rate=0.01, batch_size=16, shuffle=True, rng=rng
        )
        for _ in range(10):
            trainer.step(capture=True)
        thetas.append(trainer.state().theta)
    np.testing.assert_allclose(thetas[1], thetas[0], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("first", [(), (Dropout(0.5),)])
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_first_layer_without_weights_leaves_steps_out_like_any(
    first: tuple[LayerSpec, ...], optimizer: str
) -> None:
    rng = np.random.default_rng(1)
    x, y = 100.0 * rng.normal(size=(40, 6)), np.eye(3)[rng.integers(0, 3, 40)]
    layers = (*first, Dense(9, "relu"), Dense(3))
    network = Network(6, layers, "softmax_cross_entropy", rng, PRECISIONS["mixed"].make(np, None))
    options = TrainerOptions(loss_scale=LossScale(2.0**24, 50))
    settings = {"optimizer": optimizer, "learning_rate": 1e-3, "batch_size": 8, "shuffle": True}
    trainer = Trainer(network, x, y, rng=rng, options=options, **settings)
    left = 0
    for _ in range(30):
        frame = trainer.step(capture=True)
        left += frame.left_out
        assert frame.left_out == (not np.isfinite(frame.gradient).all())
    assert left > 2
    assert trainer.scaling.scale == 2.0 ** (24 - left)
