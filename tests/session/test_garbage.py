"""Cyclic garbage: when it is collected, and on which thread."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from deltaglow.model import examples
from deltaglow.session.garbage import Garbage
from deltaglow.session.lab import Lab


class Loop:
    """Garbage as soon as nobody else knows it, and only ever gone by a collection."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def lab(qapp: object) -> Iterator[Lab]:
    made = Lab(examples.load("xor"))
    yield made
    made.close()


@pytest.fixture
def collections() -> Iterator[list[tuple[int, int]]]:
    """The thread and the generation of each collection that begins, with one due at any time."""
    found: list[tuple[int, int]] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            found.append((threading.get_ident(), info["generation"]))

    before = gc.get_threshold()
    gc.set_threshold(1)
    gc.callbacks.append(note)
    yield found
    gc.callbacks.remove(note)
    gc.set_threshold(*before)


def test_there_is_one_for_all_windows(qapp: QCoreApplication) -> None:
    assert Garbage.of(qapp) is Garbage.of(qapp) and not gc.isenabled()


def test_only_the_thread_of_the_window_collects_and_only_between_events(
    lab: Lab, collections: list[tuple[int, int]], qtbot: QtBot
) -> None:
    for _ in range(5):
        wanted = lab.history.length + 20
        lab.train()
        qtbot.waitUntil(lambda wanted=wanted: lab.history.length >= wanted)
        lab.pause()
    qtbot.waitUntil(lambda: bool(collections))
    assert {thread for thread, _ in collections} == {threading.get_ident()}
    seen = len(collections)
    made = [Loop() for _ in range(10_000)]
    assert len(made) == 10_000 and len(collections) == seen


def test_what_becomes_garbage_during_a_run_is_gone_before_its_end(
    lab: Lab, collections: list[tuple[int, int]], qtbot: QtBot
) -> None:
    lab.train()
    loop = weakref.ref(Loop())
    qtbot.waitUntil(lambda: loop() is None)
    assert lab.running and collections
    lab.pause()


OLD = """
import gc, weakref
from PySide6.QtCore import QCoreApplication
from deltaglow.session.garbage import Garbage

class Loop:
    def __init__(self):
        self.itself = self

app = QCoreApplication([])
garbage = Garbage.of(app)
lasting = [Loop() for _ in range(20_000)]
garbage.collect()
assert gc.get_freeze_count() > 20_000, "what the program is built of is not gone through"
gc.set_threshold(1, 1, 1)

def work():
    for _ in range(30):
        made = [Loop() for _ in range(10)]
        garbage.collect()

old = weakref.ref(lasting.pop())
work()
assert old() is not None, "not much more than there was: old garbage can wait"
lasting += [Loop() for _ in range(gc.get_freeze_count())]
work()
assert old() is None, "much more: all is gone through"
young = weakref.ref(Loop())
work()
assert young() is None
"""


def test_old_garbage_is_looked_for_when_there_is_much_more_than_there_was() -> None:
    done = subprocess.run([sys.executable, "-c", OLD], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
