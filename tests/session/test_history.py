"""The scalars of every step."""

from __future__ import annotations

import numpy as np
import pytest

from deltaglow.session.history import History
from deltaglow.session.paged import PAGE as CHUNK


def filled(length: int) -> History:
    history = History(("loss", "accuracy"))
    for step in range(length):
        history.append(np.array([step, -step], dtype=np.float64))
    return history


@pytest.mark.parametrize("length", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 5])
def test_every_row_comes_back_across_chunks(length: int) -> None:
    history = filled(length)
    assert history.length == length
    np.testing.assert_array_equal(history.columns(["accuracy"])[:, 0], -np.arange(length))


def test_columns_are_picked_by_name_and_range() -> None:
    rows = filled(CHUNK + 10).columns(["accuracy", "loss"], CHUNK - 2, CHUNK + 2)
    np.testing.assert_array_equal(rows[:, 1], np.arange(CHUNK - 2, CHUNK + 2))
    np.testing.assert_array_equal(rows[:, 0], -rows[:, 1])


def test_columns_beyond_the_end_are_empty() -> None:
    assert filled(3).columns(["loss"], 3, 9).shape == (0, 1)
    assert filled(3).columns(["loss"], 5).shape == (0, 1)


@pytest.mark.parametrize("length", [0, 1, CHUNK, CHUNK + 3])
def test_shorter_and_longer_again(length: int) -> None:
    history = filled(CHUNK + 5)
    history.go_to(length)
    assert history.length == length
    history.append(np.array([7.0, 8.0]))
    assert history.columns(["loss"])[-1, 0] == 7.0
    assert history.length == length + 1
    history.go_to(CHUNK + 5)
    assert history.length == CHUNK + 5
    assert history.columns(["loss"])[-1, 0] == CHUNK + 4


@pytest.mark.parametrize("length", [0, 5, CHUNK, CHUNK + 3])
def test_a_branch_begins_alike_and_goes_its_own_way(length: int) -> None:
    history = filled(CHUNK + 9)
    branch = history.branch(length, history.names)
    branch.append(np.array([-1.0, -2.0]))
    assert branch.length == length + 1 and branch.columns(["loss"])[-1, 0] == -1.0
    np.testing.assert_array_equal(branch.columns(["loss"], 0, length), history.columns(["loss"], 0, length))
    np.testing.assert_array_equal(history.columns(["loss"])[:, 0], np.arange(CHUNK + 9))
    assert branch.common(history) == history.common(branch) == length // CHUNK * CHUNK


def test_a_branch_has_the_rows_that_were_gone_back_over() -> None:
    history = filled(CHUNK + 9)
    history.go_to(3)
    branch = history.branch(CHUNK + 7, history.names)
    np.testing.assert_array_equal(branch.columns(["loss"])[:, 0], np.arange(CHUNK + 7))
    other = history.branch(CHUNK + 7, ("loss",))
    np.testing.assert_array_equal(other.columns(["loss"])[:, 0], np.arange(CHUNK + 7))


def test_a_branch_with_other_columns_has_nothing_of_those_before() -> None:
    branch = filled(CHUNK + 2).branch(CHUNK + 1, ("update", "loss"))
    branch.append(np.array([3.0, 4.0]))
    rows = branch.columns(["loss", "update"])
    np.testing.assert_array_equal(rows[:, 0], [*range(CHUNK + 1), 4.0])
    assert np.isnan(rows[:-1, 1]).all() and rows[-1, 1] == 3.0
