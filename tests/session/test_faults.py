"""Errors nobody caught reach the window's thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, Signal, Slot
from pytestqt.qtbot import QtBot

from deltaglow.session.faults import Faults


@pytest.fixture
def faults(qapp: object, capsys: pytest.CaptureFixture[str]) -> Iterator[Faults]:
    made = Faults()
    yield made
    made.release()


class Careless(QObject):
    happened = Signal()

    @Slot()
    def fail(self) -> None:
        raise RuntimeError("in a slot")


def test_an_exception_in_a_slot_is_caught(faults: Faults, qtbot: QtBot) -> None:
    careless = Careless()
    careless.happened.connect(careless.fail)
    with qtbot.waitSignal(faults.caught) as told:
        careless.happened.emit()
    assert "RuntimeError: in a slot" in told.args[0]


def test_an_exception_in_a_thread_arrives_on_this_one(faults: Faults, qtbot: QtBot) -> None:
    arrived: list[int] = []
    receiver = Receiver(arrived)
    faults.caught.connect(receiver.note)

    def fail() -> None:
        raise ValueError("in a thread")

    thread = threading.Thread(target=fail)
    with qtbot.waitSignal(faults.caught) as told:
        thread.start()
        thread.join()
    assert "ValueError: in a thread" in told.args[0]
    assert arrived == [threading.get_ident()]


class Receiver(QObject):
    def __init__(self, arrived: list[int]) -> None:
        super().__init__()
        self._arrived = arrived

    @Slot(str)
    def note(self, text: str) -> None:
        self._arrived.append(threading.get_ident())
