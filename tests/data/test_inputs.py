"""Scaling and engineered features."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from deltaglow.data import FEATURES, SCALINGS, extended, features_in, width

NUMBERS = st.floats(-1e6, 1e6)
TABLES = st.tuples(st.integers(2, 20), st.integers(1, 4)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=NUMBERS)
)
FAMILIES = st.sets(st.sampled_from(list(FEATURES))).map(lambda some: tuple(n for n in FEATURES if n in some))


@given(TABLES)
def test_standardised(x: np.ndarray) -> None:
    scaled = SCALINGS["standard"].fit(x)(x)
    varies = x.std(axis=0) > 1e-9 * np.abs(x).max(initial=1)
    np.testing.assert_allclose(scaled.mean(axis=0)[varies], 0, atol=1e-6)
    np.testing.assert_allclose(scaled.std(axis=0)[varies], 1, rtol=1e-6)


@given(TABLES)
def test_between_0_and_1(x: np.ndarray) -> None:
    scaled = SCALINGS["minmax"].fit(x)(x)
    assert scaled.min() == 0 and scaled.max() <= 1
    varies = x.max(axis=0) > x.min(axis=0)
    assert (scaled.max(axis=0)[varies] == 1).all() and not scaled[:, ~varies].any()


@pytest.mark.parametrize("name", SCALINGS)
def test_a_constant_feature_is_harmless(name: str) -> None:
    scaling = SCALINGS[name].fit(np.array([[3.0, 1.0], [3.0, 2.0]]))
    scaled = scaling(np.array([[3.0, 1.0], [4.0, 9.0]]))
    assert np.isfinite(scaled).all()
    assert scaled[1, 0] - scaled[0, 0] == 1.0


def test_none_changes_no_bit() -> None:
    x = np.random.default_rng(0).standard_normal((5, 3))
    assert SCALINGS["none"].fit(x)(x).tobytes() == x.tobytes()


def test_engineered_features_of_two() -> None:
    x = np.array([[0.5, -2.0], [3.0, 0.25]])
    made, names = extended(x, ("x₁", "x₂"), tuple(FEATURES))
    assert names == ("x₁", "x₂", "x₁²", "x₂²", "x₁x₂", "sin πx₁", "sin πx₂")
    assert made[:, :5].tolist() == [[0.5, -2, 0.25, 4, -1], [3, 0.25, 9, 0.0625, 0.75]]
    np.testing.assert_allclose(made[:, 5:], np.sin(np.pi * x))


def test_names_of_words_are_put_in_brackets() -> None:
    _, names = extended(np.ones((1, 2)), ("hue", "x₁₂"), ("square", "product"))
    assert names[2:] == ("(hue)²", "x₁₂²", "(hue)x₁₂")


@given(st.integers(1, 60), FAMILIES)
def test_the_width_is_that_of_what_is_made(features: int, chosen: tuple[str, ...]) -> None:
    made, names = extended(np.ones((1, features)), tuple("x" * features), chosen)
    assert made.shape == (1, width(features, chosen)) and len(names) == made.shape[1]
    assert features_in(made.shape[1], chosen) == features


@given(st.integers(1, 4096), FAMILIES)
def test_no_number_of_features_makes_other_widths(inputs: int, chosen: tuple[str, ...]) -> None:
    found = features_in(inputs, chosen)
    widths = {width(d, chosen): d for d in range(1, 4097)}
    assert found == widths.get(inputs)
