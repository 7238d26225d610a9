"""Activation functions, each against its formula, far out and at its corners."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltaglow.engine import ACTIVATIONS
from deltaglow.engine.activations.normal import BLOCK, normal
from deltaglow.engine.ops import run

Z = np.array(
    [-1e300, -1e8, -1e4, -1000.0, -40.0, -3.0, -1.0, -0.5, 0.0, 1e-8, 0.5, 1.0, 3.0, 40.0, 1000.0, 1e4, 1e300]
)


def sigma(z: float) -> float:
    return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))


FORMULAS: dict[str, Callable[[float], float]] = {
    "identity": lambda z: z,
    "sigmoid": sigma,
    "tanh": math.tanh,
    "relu": lambda z: z if z > 0 else 0.0,
    "leaky_relu": lambda z: z if z > 0 else 0.01 * z,
    "elu": lambda z: z if z > 0 else math.expm1(z),
    "selu": lambda z: 1.0507009873554805 * (z if z > 0 else 1.6732632423543772 * math.expm1(z)),
    "gelu": lambda z: z * math.erfc(-z / math.sqrt(2)) / 2,
    "gelu_tanh": lambda z: z * sigma(2 * math.sqrt(2 / math.pi) * (z + 0.044715 * z * z * z)),
    "silu": lambda z: z * sigma(z),
    "softplus": lambda z: max(z, 0.0) + math.log1p(math.exp(-abs(z))),
    "hard_tanh": lambda z: max(-1.0, min(1.0, z)),
}

NORMAL = [
    (-37.5, 4.6053530095819548438e-308),
    (-30.3, 5.7317235033154952943e-202),
    (-20.1, 3.6896808637213895544e-90),
    (-10.7, 5.0889108550273179952e-27),
    (-5.25, 7.6049605164887142511e-8),
    (-3.0, 0.0013498980316300945267),
    (-1.125, 0.13029451713680885461),
    (-0.3, 0.38208857781104736693),
    (-1e-9, 0.4999999996010577196),
    (0.0, 0.5),
    (0.7, 0.75803634777692697138),
    (2.5, 0.99379033467422386483),
    (5.0, 0.99999971334842812081),
    (8.3, 0.99999999999999994794),
    (40.0, 1.0),
]
"""Φ to 20 digits, from mpmath."""


def test_every_function_is_tested() -> None:
    assert set(FORMULAS) == set(ACTIVATIONS)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_values(name: str) -> None:
    expected = [FORMULAS[name](z) for z in Z.tolist()]
    np.testing.assert_allclose(ACTIVATIONS[name].value(Z), expected, rtol=2e-13, atol=1e-305)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_slopes_against_differences(name: str) -> None:
    z = np.linspace(-6, 6, 121) + 0.013
    h = 1e-6
    activation = ACTIVATIONS[name]
    measured = (activation.value(z + h) - activation.value(z - h)) / (2 * h)
    np.testing.assert_allclose(activation.derivative(z), measured, atol=2e-9)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_far_out_the_slope_is_that_of_a_straight_line(name: str) -> None:
    activation = ACTIVATIONS[name]
    for z in (-1e300, -1e4, -800.0, 800.0, 1e4, 1e300):
        slope = float(activation.derivative(z))
        far = float(activation.value(2 * z)) - float(activation.value(z)) if abs(z) < 1e300 else slope * z
        assert slope == pytest.approx(far / z, rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_steepest_slope(name: str) -> None:
    slopes = ACTIVATIONS[name].derivative(np.linspace(-40, 40, 800_001))
    assert np.abs(slopes).max() == pytest.approx(ACTIVATIONS[name].steepest, rel=1e-4)
    assert np.abs(slopes).max() <= ACTIVATIONS[name].steepest * (1 + 1e-12)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_corners_are_where_the_slope_jumps(name: str) -> None:
    activation = ACTIVATIONS[name]
    for place in (-2.0, -1.0, 0.0, 1.0, 2.0):
        jump = float(activation.derivative(place + 1e-9)) - float(activation.derivative(place - 1e-9))
        assert (abs(jump) > 1e-6) == (place in activation.corners)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_what_is_not_a_number_stays_so(name: str) -> None:
    assert np.isnan(ACTIVATIONS[name].value(np.nan))


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("shape", [(), (3,), (4, 5), (2, 3, 4)])
def test_any_shape_goes_in_and_comes_out(name: str, shape: tuple[int, ...]) -> None:
    z = np.random.default_rng(0).normal(size=shape)
    activation = ACTIVATIONS[name]
    assert activation.value(z).shape == activation.derivative(z).shape == shape
    singly = [float(activation.value(each)) for each in z.ravel()]
    np.testing.assert_allclose(activation.value(z).ravel(), singly, rtol=1e-15)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_a_tape_writes_into_a_part_of_a_larger_array_and_leaves_z_alone(name: str) -> None:
    activation = ACTIVATIONS[name]
    if activation.in_place:
        return
    z = np.random.default_rng(1).normal(size=(7, 3))
    before, outputs, slope = z.copy(), np.full((7, 4), 9.0), np.ones((7, 3))
    forward, backward = (
        activation.forward(np, z, outputs[:, :-1]),
        activation.slope(np, z, outputs[:, :-1], slope),
    )
    for _ in range(2):
        run(forward)
        run(backward)
        np.testing.assert_array_equal(outputs[:, :-1], activation.value(z))
        np.testing.assert_array_equal(slope, activation.derivative(z))
        assert (outputs[:, -1] == 9.0).all()
        np.testing.assert_array_equal(z, before)
        z *= -2.0
        before = z.copy()


def phi(z: np.ndarray) -> np.ndarray:
    cdf = np.empty_like(z)
    run(normal(np, z, cdf))
    return cdf


def test_the_normal_distribution_is_right_to_the_last_digits_in_both_tails() -> None:
    z, expected = (np.array(column) for column in zip(*NORMAL, strict=True))
    np.testing.assert_allclose(phi(z), expected, rtol=1.1e-15)
    assert phi(np.array([-45.0]))[0] == 0.0


@given(st.floats(-6, 6))
def test_erf_is_the_standard_library_s(x: float) -> None:
    """erf(x) = 1 − 2 Φ(−√2 x): to the last bit or two, and 1 − erf to the digits that √2 x keeps."""
    below = float(phi(np.array([-abs(x) * math.sqrt(2.0)]))[0])
    assert 2 * below == pytest.approx(math.erfc(abs(x)), rel=1e-15 * (4 + 4 * x * x))
    assert 1 - 2 * below == pytest.approx(math.erf(abs(x)), abs=4e-16)


@pytest.mark.parametrize("shape", [(3 * BLOCK + 17,), (1, 5000), (700, 13), (0, 3)])
def test_blocks_join_without_a_seam(shape: tuple[int, ...]) -> None:
    z = np.random.default_rng(2).normal(size=shape) * 3
    np.testing.assert_allclose(
        phi(z).ravel(), [math.erfc(-v / math.sqrt(2)) / 2 for v in z.ravel()], rtol=1e-13
    )


def test_the_scratch_of_a_large_layer_stays_small() -> None:
    z = np.zeros((512, 512))
    cdf = np.empty_like(z)
    tracemalloc.start()
    tape = normal(np, z, cdf)
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(tape) == 21 * z.size // BLOCK + 1
    assert taken < z.nbytes / 2
