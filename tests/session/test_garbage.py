"""Cyclic garbage, and the thread on which it is collected."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from deltaglow.model import examples
from deltaglow.session.lab import Lab


class Loop:
    """Garbage as soon as nobody else knows it, and only ever gone by a collection."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def labs(qapp: object) -> Iterator[tuple[Lab, Lab]]:
    made = Lab(examples.load("xor")), Lab(examples.load("worked-example"))
    yield made
    for lab in made:
        lab.close()


@pytest.fixture
def collectors() -> Iterator[set[int]]:
    """The threads on which collections began, with Python as eager to collect as can be."""
    found: set[int] = set()

    def note(phase: str, info: dict[str, int]) -> None:
        found.add(threading.get_ident())

    before = gc.get_threshold()
    gc.set_threshold(1)
    gc.callbacks.append(note)
    yield found
    gc.callbacks.remove(note)
    gc.set_threshold(*before)


def train(lab: Lab, qtbot: QtBot) -> None:
    wanted = lab.history.length + 20
    lab.train()
    qtbot.waitUntil(lambda: lab.history.length >= wanted)


def test_only_the_thread_of_the_window_collects(
    labs: tuple[Lab, Lab], collectors: set[int], qtbot: QtBot
) -> None:
    lab, _ = labs
    for _ in range(40):
        train(lab, qtbot)
        lab.pause()
        assert not lab.runner.thread_.isRunning()  # so that it cannot once Python collects by itself again
        assert gc.isenabled()
    assert collectors == {threading.get_ident()}


def test_what_becomes_garbage_during_a_run_is_gone_before_its_end(
    labs: tuple[Lab, Lab], collectors: set[int], qtbot: QtBot
) -> None:
    lab, _ = labs
    lab.train()
    loop = weakref.ref(Loop())
    qtbot.waitUntil(lambda: loop() is None)
    assert lab.running and not gc.isenabled()
    lab.pause()


def test_python_collects_by_itself_again_when_the_last_of_two_runs_has_ended(labs: tuple[Lab, Lab]) -> None:
    for lab in labs:
        lab.train()
    labs[0].pause()
    assert not gc.isenabled()
    labs[1].pause()
    assert gc.isenabled() and not gc.get_freeze_count()
