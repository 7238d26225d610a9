"""The band of several runs: of every step the least, the median and the greatest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from deltaglow.explain.band import Run, band
from deltaglow.model import examples

PROJECT = examples.load("spirals")


@pytest.mark.parametrize("count", [1, 2, 5, 6])
def test_least_median_and_greatest_are_numpys(count: int) -> None:
    runs = [np.random.default_rng(k).normal(size=(40, 3)).astype(np.float32) for k in range(count)]
    found, every = band(PROJECT, range(count), ("a", "b", "c"), list(map(Run, runs))), np.array(runs)
    assert np.array_equal(found.low, every.min(axis=0)) and np.array_equal(found.high, every.max(axis=0))
    assert np.allclose(found.middle, np.median(every, axis=0), rtol=1e-6)
    assert found.words.startswith(f"{count} seed")


def test_runs_of_other_lengths_and_numbers_that_are_not_finite() -> None:
    runs = [np.array([[1.0], [np.nan], [np.nan]]), np.array([[3.0], [4.0]]), np.array([[np.inf], [6.0]])]
    found = band(PROJECT, (1, 2, 3), ("a",), [Run(run.astype(np.float32)) for run in runs])
    assert np.array_equal(found.middle[:, 0], [2.0, 5.0, np.nan], equal_nan=True)
    assert np.array_equal(found.high[:, 0], [3.0, 6.0, np.nan], equal_nan=True)


def test_it_fits_a_project_whatever_its_seed() -> None:
    found = band(PROJECT, (1,), ("a",), [Run(np.zeros((2, 1), np.float32))])
    training = PROJECT.training
    assert found.fits(replace(PROJECT, training=replace(training, seed=99), title="Other"))
    assert not found.fits(replace(PROJECT, training=replace(training, batch_size=3)))
