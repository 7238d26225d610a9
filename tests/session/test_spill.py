"""Curves that have grown long are in a file without a name: exact, given back, told of where it cannot be."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from deltaglow.session import paged
from deltaglow.session.history import History
from deltaglow.session.paged import PAGE, Paged
from deltaglow.session.spill import Spill


@pytest.fixture
def spill(tmp_path: Path) -> Spill:
    return Spill(folder=tmp_path)


def filled(length: int, spill: Spill) -> History:
    history = History(("loss", "accuracy"), spill)
    for step in range(0, length, 500):
        rows = np.arange(step, min(step + 500, length), dtype=np.float32)
        history.extend(np.column_stack([rows, -rows]))
    return history


def test_memory_has_the_page_that_is_written_and_every_number_comes_back(spill: Spill) -> None:
    history = filled(5 * PAGE + 100, spill)
    assert history.nbytes == PAGE * 2 * 4 and spill.nbytes == 5 * PAGE * 2 * 4
    rows = np.arange(5 * PAGE + 100)
    np.testing.assert_array_equal(history.columns(["accuracy"])[:, 0], -rows)
    np.testing.assert_array_equal(
        history.columns(["loss"], PAGE - 3, 3 * PAGE + 7)[:, 0], rows[PAGE - 3 : 3 * PAGE + 7]
    )
    assert not list(spill.where.iterdir()), "the file has no name"


def test_going_back_and_on_again_writes_the_same_and_takes_no_more_room(spill: Spill) -> None:
    history = filled(4 * PAGE, spill)
    branch = history.branch(2 * PAGE + 7, history.names)
    taken = spill.nbytes
    history.go_to(PAGE + 5)
    for step in range(PAGE + 5, 3 * PAGE):
        history.append(np.array([step, -step], dtype=np.float64))
    history.go_to(4 * PAGE)
    np.testing.assert_array_equal(history.columns(["loss"])[:, 0], np.arange(4 * PAGE))
    np.testing.assert_array_equal(branch.columns(["loss"])[:, 0], np.arange(2 * PAGE + 7))
    assert branch.common(history) == 2 * PAGE
    assert spill.nbytes <= taken + PAGE * 2 * 4 and history.nbytes <= 2 * PAGE * 2 * 4


def test_what_nobody_needs_any_more_makes_room(spill: Spill) -> None:
    for _ in range(5):
        filled(4 * PAGE, spill)
    assert spill.nbytes == 3 * PAGE * 2 * 4


def test_the_file_has_a_bound_and_then_memory_has_one(spill: Spill, monkeypatch: pytest.MonkeyPatch) -> None:
    size = PAGE * 2 * 4
    spill.bound = 2 * size
    monkeypatch.setattr(paged, "HELD", 2 * size)
    history = filled(8 * PAGE, spill)
    assert spill.nbytes == 2 * size and "as long as it may be" in spill.trouble
    assert history.nbytes <= 3 * size + 3 * size // 256 + 1
    rows = np.arange(8 * PAGE)
    loss = history.columns(["loss"])[:, 0]
    exact = loss == rows
    assert exact[: 2 * PAGE].all() and exact[5 * PAGE :].all()
    thin = loss[2 * PAGE : 5 * PAGE].reshape(-1, paged.COARSE)
    kept = rows[2 * PAGE : 5 * PAGE].reshape(-1, paged.COARSE)
    np.testing.assert_array_equal(thin.min(axis=1), kept[:, 0])
    np.testing.assert_array_equal(thin.max(axis=1), kept[:, -1])


@pytest.fixture
def small_files() -> Iterator[None]:
    """No file may be longer than a page: as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (PAGE * 2 * 4 + 1000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("small_files")
def test_a_full_disk_is_told_of_and_loses_nothing(spill: Spill) -> None:
    history = filled(3 * PAGE, spill)
    assert spill.trouble == "File too large"
    np.testing.assert_array_equal(history.columns(["loss"])[:, 0], np.arange(3 * PAGE))


def test_a_folder_that_is_not_there_is_told_of_and_loses_nothing(tmp_path: Path) -> None:
    spill = Spill(folder=tmp_path / "gone")
    history = filled(2 * PAGE + 1, spill)
    assert spill.trouble == "No such file or directory"
    np.testing.assert_array_equal(history.columns(["loss"])[:, 0], np.arange(2 * PAGE + 1))


def test_nothing_is_left_of_a_program_that_was_killed(tmp_path: Path) -> None:
    script = (
        "import os, signal, numpy as np\n"
        "from deltaglow.session.paged import Paged, PAGE\n"
        "from deltaglow.session.spill import Spill\n"
        "rows = Paged(3, spill=Spill())\n"
        "rows.extend(np.ones((3 * PAGE, 3), dtype=np.float32))\n"
        "assert rows.spill.nbytes and not rows.spill.trouble\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=os.environ | {"TMPDIR": str(tmp_path)}, check=False
    )
    assert done.returncode == -9 and not list(tmp_path.iterdir())


@pytest.mark.parametrize("length", [0, 1, PAGE, 2 * PAGE + 3])
def test_rows_added_at_once_and_one_by_one_are_the_same(length: int) -> None:
    one, other = Paged(1), Paged(1)
    values = np.random.default_rng(length).normal(size=(length, 1)).astype(np.float32)
    one.extend(values)
    for row in values:
        other.extend(row[None])
    np.testing.assert_array_equal(one.read(0, length), values)
    np.testing.assert_array_equal(other.read(0, length), values)
