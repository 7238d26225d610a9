"""Seconds of training by step: noted now and then, read between, without pauses."""

from __future__ import annotations

import numpy as np
import pytest

from deltaglow.session import pace as module
from deltaglow.session.pace import Pace


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(module, "perf_counter", lambda: now[0])
    return now


def test_pauses_do_not_count_and_steps_between_notes_are_shared_out(clock: list[float]) -> None:
    pace = Pace()
    pace.begin(0)
    for step in range(10, 110, 10):
        clock[0] += 0.1
        pace.note(step)
    pace.end(100)
    assert pace.at(np.array([0, 50, 55, 100])) == pytest.approx([0.0, 0.5, 0.55, 1.0])
    clock[0] += 1000.0
    pace.begin(100)
    clock[0] += 2.0
    pace.end(120)
    assert pace.at(np.array([100, 110, 120])) == pytest.approx([1.0, 2.0, 3.0])
    assert pace.step_at(np.array([0.5, 2.0])) == pytest.approx([50, 110])
    pace.add(121, 0.5)
    assert pace.at(np.array([121]))[0] == pytest.approx(3.5)


def test_going_back_times_what_comes_anew_and_a_branch_has_the_steps_in_common(clock: list[float]) -> None:
    pace = Pace()
    pace.begin(0)
    clock[0] += 4.0
    pace.end(40)
    branch = pace.branch(20)
    pace.begin(10)
    clock[0] += 6.0
    pace.end(40)
    assert pace.at(np.array([10, 40])) == pytest.approx([1.0, 7.0])
    assert branch.at(np.array([10, 20, 30])) == pytest.approx([1.0, 2.0, 2.0])


def test_few_notes_are_kept(clock: list[float]) -> None:
    pace = Pace()
    pace.begin(0)
    for step in range(1, 1001):
        clock[0] += 0.02
        pace.note(step)
    assert len(pace._steps) < 90
    assert pace.at(np.arange(0, 1001, 100)) == pytest.approx(np.arange(11) * 2.0)
