"""The pyramid keeps every peak, whatever the order of growing, truncating and asking."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deltaglow.ui.plots.pyramid import Pyramid


def grown(values: np.ndarray, chunks: list[int], elsewhere: bool = False) -> Pyramid:
    """A pyramid of all the values, which it keeps itself or knows where to find."""
    pyramid = Pyramid(values.shape[1], (lambda start, stop: values[start:stop]) if elsewhere else None)
    ends = [min(sum(chunks[: k + 1]), len(values)) for k in range(len(chunks))]
    for start, end in itertools.pairwise([0, *ends, len(values)]):
        if elsewhere:
            pyramid.reach(end)
        else:
            pyramid.append(values[start:end])
    return pyramid


def envelope(values: np.ndarray, size: int, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
    edges = range(start // size * size, stop, size)
    low = [np.fmin.reduce(values[edge : min(edge + size, stop)], axis=0) for edge in edges]
    high = [np.fmax.reduce(values[edge : min(edge + size, stop)], axis=0) for edge in edges]
    return np.array(low).T, np.array(high).T


@settings(max_examples=60, deadline=None)
@given(
    length=st.integers(1, 3000),
    chunks=st.lists(st.integers(0, 700), max_size=8),
    cut=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    buckets=st.integers(1, 200),
    seed=st.integers(0, 9),
    elsewhere=st.booleans(),
)
def test_a_view_is_the_exact_envelope(
    length: int, chunks: list[int], cut: tuple[float, float], buckets: int, seed: int, elsewhere: bool
) -> None:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(length, 2))
    values[rng.random(length) < 0.1, 0] = np.nan
    pyramid = grown(values, chunks, elsewhere)
    start, stop = sorted((int(cut[0] * length), int(cut[1] * length)))
    view = pyramid.view(start, stop, buckets)
    if view.per_bucket == 1:
        np.testing.assert_array_equal(view.y, values[start:stop].T)
        np.testing.assert_array_equal(view.x, np.arange(start, stop))
        return
    assert view.x.size <= 2 * (buckets + 1)
    low, high = envelope(values, view.per_bucket, start, stop)
    np.testing.assert_array_equal(view.y[:, 0::2], low)
    np.testing.assert_array_equal(view.y[:, 1::2], high)


@settings(max_examples=40, deadline=None)
@given(
    length=st.integers(1, 3000),
    chunks=st.lists(st.integers(0, 700), max_size=8),
    cut=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    buckets=st.integers(1, 200),
)
def test_means_are_the_means_of_what_is_finite(
    length: int, chunks: list[int], cut: tuple[float, float], buckets: int
) -> None:
    values = np.arange(length, dtype=float)[:, None] ** 1.5
    values[::7] = np.nan
    start, stop = sorted((int(cut[0] * length), int(cut[1] * length)))
    means = grown(values, chunks).means(start, stop, buckets)
    size = means.per_bucket
    if size == 1:
        np.testing.assert_array_equal(means.y[0], values[start:stop, 0])
        return
    for k, edge in enumerate(range(start // size * size, stop, size)):
        part = values[edge : min(edge + size, stop), 0]
        part = part[np.isfinite(part)]
        expected = part.mean() if part.size else np.nan
        np.testing.assert_allclose(means.y[0, k], expected, rtol=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 1500)), max_size=6), st.integers(0, 9))
def test_truncating_and_growing_again_leaves_no_trace(moves: list[tuple[int, int]], seed: int) -> None:
    rng = np.random.default_rng(seed)
    pyramid, model = Pyramid(1), np.empty((0, 1))
    for more, keep in moves:
        rows = rng.normal(size=(more, 1))
        pyramid.append(rows)
        model = np.concatenate([model, rows])[: max(keep, 0)]
        pyramid.truncate(keep)
    assert len(pyramid) == len(model)
    fresh = grown(model, [])
    for buckets in (3, 50, 5000):
        np.testing.assert_array_equal(
            pyramid.view(0, len(model), buckets).y, fresh.view(0, len(model), buckets).y
        )


def test_one_spike_in_a_million_is_still_there() -> None:
    values = np.zeros((1_000_000, 1))
    values[654_321] = 7.0
    view = grown(values, []).view(0, 1_000_000, 300)
    assert view.y.max() == 7.0
    spike = view.x[np.argmax(view.y[0])]
    assert abs(spike - 654_321) <= view.per_bucket


def test_values_that_are_not_finite_become_gaps() -> None:
    pyramid = grown(np.array([[1.0], [np.inf], [-np.inf], [np.nan], [2.0]]), [2])
    np.testing.assert_array_equal(pyramid.view(0, 5, 10).y, [[1.0, np.nan, np.nan, np.nan, 2.0]])
    low, high = pyramid.extremes(0, 5)
    assert (low[0], high[0]) == (1.0, 2.0)


def test_a_stretch_without_a_finite_value_is_a_gap_when_zoomed_out() -> None:
    values = np.ones((10_000, 1))
    values[4000:6000] = np.nan
    view = grown(values, []).view(0, 10_000, 20)
    assert np.isnan(view.y[0, view.x == 4500]).all()
    assert np.isfinite(view.y[0, view.x < 3500]).all()


@pytest.mark.parametrize("span", [(0, 0), (5, 2), (100, 200), (-5, 3)])
def test_odd_spans_are_clipped(span: tuple[int, int]) -> None:
    view = grown(np.arange(10.0)[:, None], []).view(*span, 4)
    assert view.x.size == view.y.shape[1] == max(0, min(span[1], 10) - max(span[0], 0))


def test_an_empty_pyramid_has_no_extremes() -> None:
    low, high = Pyramid(2).extremes(0, 10)
    assert np.isnan(low).all() and np.isnan(high).all()


def test_what_is_kept_elsewhere_is_not_kept_again() -> None:
    values = np.random.default_rng(0).normal(size=(200_000, 2)).astype(np.float32)
    pyramid = grown(values, [], elsewhere=True)
    levels = sum(level.nbytes for level in pyramid._levels)
    assert pyramid._values.nbytes == 0 and levels < 0.6 * values.nbytes
    pyramid.truncate(100)
    pyramid.reach(150)
    np.testing.assert_array_equal(pyramid.values(90, 150), values[90:150].T)
