"""Principal axes of what there is little of, and of very large numbers."""

from __future__ import annotations

import numpy as np
import pytest

from deltaglow.explain.projection import principal


@pytest.mark.parametrize("shape", [(0, 3), (1, 3), (5, 1), (2, 7), (4, 4)])
def test_any_number_of_samples_and_units(shape: tuple[int, int]) -> None:
    found = principal(np.random.default_rng(0).standard_normal(shape))
    assert found.places.shape == (shape[0], 3) and found.directions.shape == (3, shape[1])
    assert np.isfinite(found.places).all() and found.shares.sum() <= 1.0 + 1e-12


def test_samples_that_are_all_alike_have_no_variance_to_show() -> None:
    found = principal(np.ones((6, 4)))
    assert not found.shares.any() and not found.places.any()


def test_numbers_whose_squares_are_too_large() -> None:
    x = np.random.default_rng(0).standard_normal((20, 3))
    np.testing.assert_allclose(principal(1e200 * x).shares, principal(x).shares, rtol=1e-9)


def test_a_number_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="not finite"):
        principal(np.array([[1.0, np.nan]]))
