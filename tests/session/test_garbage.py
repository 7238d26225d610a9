"""Cyclic garbage: when it is collected, and on which thread."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from deltaglow.model import examples
from deltaglow.session import garbage
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
def collections(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[int, int]]]:
    """The thread and the generation of each collection that begins, with one due at any time."""
    found: list[tuple[int, int]] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            found.append((threading.get_ident(), info["generation"]))

    monkeypatch.setattr(garbage, "SHARE", 1e-6)
    gc.callbacks.append(note)
    yield found
    gc.callbacks.remove(note)


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
    assert set(collections) == {(threading.get_ident(), 2)}, "everything is gone through"
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


def test_it_is_collected_when_there_is_much_more_than_there_was(qapp: QCoreApplication) -> None:
    one = Garbage.of(qapp)
    gc.collect()
    one._lasting = len(gc.get_objects())
    loop = weakref.ref(Loop())
    one.collect()
    assert loop() is not None, "not much: it can wait"
    held = [Loop() for _ in range(int(0.26 * one._lasting))]
    one.collect()
    assert loop() is None and len(held) < one._lasting
