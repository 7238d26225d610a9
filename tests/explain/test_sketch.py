"""Histograms that can be put side by side: exact when their range widens, and true counts of the numbers."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltaglow.explain.sketch import BINS, histogram, sketch
from deltaglow.model import build, examples


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50), st.integers(0, 6))
def test_a_wider_range_counts_the_same_numbers(values: list[float], more: int) -> None:
    array = np.array(values)
    narrow = histogram(array)
    wide = narrow.reaching(narrow.power + more)
    edges = np.linspace(-(2.0**wide.power), 2.0**wide.power, BINS + 1)
    assert wide.counts.sum() == len(values)
    for n in range(BINS):
        inside = (array >= edges[n]) & ((array < edges[n + 1]) | (n == BINS - 1))
        # Numbers within rounding of an edge may stand on either side of it.
        room = 1e-12 * 2.0**wide.power
        near = (np.abs(array - edges[n]) < room) | (np.abs(array - edges[n + 1]) < room)
        assert abs(int(wide.counts[n]) - int(inside.sum())) <= int(near.sum())


def test_the_middle_share_lies_between_the_bounds() -> None:
    values = np.random.default_rng(0).normal(size=10_000)
    low, high = histogram(values).between(0.9)
    inside = ((values >= low) & (values <= high)).mean()
    assert 0.9 <= inside < 0.97 and low < 0 < high


def test_what_is_not_finite_is_left_out_and_nothing_is_no_error() -> None:
    assert histogram(np.array([np.nan, 1.0, np.inf])).counts.sum() == 1
    assert histogram(np.zeros(5)).counts.sum() == 5
    low, high = histogram(np.array([np.nan])).between(0.9)
    assert np.isnan(low) and np.isnan(high)
    low, high = histogram(np.full(3, np.finfo(np.float64).max)).between(0.9)
    assert 0.0 < low < high and np.isfinite(high)


def test_a_frame_is_counted_kind_by_kind_and_layer_by_layer() -> None:
    frame = build.trainer(examples.open_project("@moons")).preview()
    made = sketch(frame)
    for k, layer in enumerate(frame.layers, start=1):
        for kind in ("W", "dW", "z", "a", "delta"):
            assert made.histograms[kind, k].counts.sum() == getattr(layer, kind).size
    assert made.units == tuple(layer.z.shape[1] for layer in frame.layers)


def test_dead_and_saturated_units_are_counted() -> None:
    project = examples.open_project("@worked-example")  # sigmoid, then identity
    first, last = project.network.layers
    assert sketch(build.trainer(project).preview()).saturated == (0, 0)
    stuck = replace(first, b=np.array([50.0, 0.5]))
    project = replace(project, network=replace(project.network, layers=(stuck, last)))
    made = sketch(build.trainer(project).preview())
    assert (made.saturated, made.dead) == ((1, 0), (0, 0))
    dead = replace(first, activation="relu", b=np.array([-50.0, 1.5]))
    project = replace(project, network=replace(project.network, layers=(dead, last)))
    assert sketch(build.trainer(project).preview()).dead == (1, 0)


@pytest.mark.parametrize("name", ["@batch-norm", "@dropout", "@residual", "@convolution", "@regression"])
def test_every_kind_of_layer_has_a_sketch(name: str) -> None:
    frame = build.trainer(examples.open_project(name)).preview()
    made = sketch(frame)
    assert len(made.dead) == len(frame.layers) and made.histograms
