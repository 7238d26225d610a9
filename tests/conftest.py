"""What every test stands on: no display, one BLAS thread, repeatable examples, and nothing left behind."""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

# Before NumPy and Qt are first imported: both read these once.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from hypothesis import settings
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QSettings, QThread, QTimer
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import getCppPointer, isValid

from deltaglow.session.garbage import Garbage

settings.register_profile("repeatable", derandomize=True, database=None, deadline=None)
settings.load_profile("repeatable")

GRACE_S = 1.0  # how long a thread that was told to stop may take to do so


class HoldingQtBot(QtBot):
    """Holds on to the widgets that are given to it until it has closed them.

    The original knows them weakly. Where a test's function has returned they may then be garbage that is
    still on the screen, and a collection in the midst of their painting destroys what is being painted.
    """

    def __init__(self, request: pytest.FixtureRequest) -> None:
        super().__init__(request)
        self.held: list[QWidget] = []

    def addWidget(self, widget: QWidget, **options: Any) -> None:
        """Closes it at the end of the test; until then it lives."""
        super().addWidget(widget, **options)
        self.held.append(widget)


@pytest.fixture(scope="session")
def qapp(qapp: QApplication) -> QApplication:
    """As in the program: Python collects nothing by itself."""
    Garbage.of(qapp)
    return qapp


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    return HoldingQtBot(request)


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings, caches and state of the person who runs the tests stay out of reach."""
    for variable in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / variable.lower()))
    for kind in (QSettings.Format.NativeFormat, QSettings.Format.IniFormat):
        QSettings.setPath(kind, QSettings.Scope.UserScope, str(tmp_path / "settings"))


@pytest.fixture(autouse=True)
def nothing_left_behind(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fails the test that leaves a thread, a running timer or a window behind, and says where it came from.

    Runs last at teardown (it is set up first), so after qtbot has closed the widgets that were given to it.
    """
    threads_before = set(threading.enumerate())
    widgets_before = set(map(address, top_level_widgets()))
    started_threads = record_starts(monkeypatch, QThread)
    started_timers = record_starts(monkeypatch, QTimer)
    yield
    flush_deletions()

    def leaks(grace_s: float) -> list[str]:
        return [
            *(f"threading.Thread {t.name!r} still runs" for t in new_threads(threads_before, grace_s)),
            *(
                f"{described(q, where)} still runs"
                for q, where in alive(started_threads)
                if running(q, grace_s)
            ),
            *(f"{described(q, where)} is active" for q, where in alive(started_timers) if ticking(q)),
            *(f"top-level widget {described(w)} is left" for w in new_widgets(widgets_before)),
        ]

    found = leaks(GRACE_S)
    if found:
        gc.collect()  # only now, since it costs more than most tests
        flush_deletions()
        found = leaks(0.0)
    if found:
        stop_the_rest(started_threads, started_timers, new_widgets(widgets_before))
        pytest.fail("left behind:\n  " + "\n  ".join(found), pytrace=False)
    app = QCoreApplication.instance()
    if app is not None:
        Garbage.of(app).collect()


Started = dict[int, tuple["weakref.ref[QObject]", str]]
"""By the object's `id`, so that one that is started for ever takes no more room."""


def record_starts(monkeypatch: pytest.MonkeyPatch, kind: type[QThread | QTimer]) -> Started:
    """Notes for each of that class that is started from here on the line that started it last."""
    starts: Started = {}
    original: Callable[..., None] = kind.start

    def start(self: QObject, *arguments: object) -> None:
        starts[id(self)] = weakref.ref(self), caller_of_start()
        original(self, *arguments)

    monkeypatch.setattr(kind, "start", start)
    return starts


def caller_of_start() -> str:
    frame = sys._getframe(2)
    return f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"


def alive(started: Started) -> Iterator[tuple[QObject, str]]:
    for reference, where in list(started.values()):
        thing = reference()
        if thing is not None and isValid(thing):
            yield thing, where


def ticking(timer: QObject) -> bool:
    assert isinstance(timer, QTimer)
    return timer.isActive()


def running(thread: QObject, grace_s: float) -> bool:
    assert isinstance(thread, QThread)
    return thread.isRunning() and not thread.wait(int(grace_s * 1000))


def new_threads(before: set[threading.Thread], grace_s: float) -> list[threading.Thread]:
    deadline = time.monotonic() + grace_s
    # A QThread that runs Python shows up as a dummy thread; it is named as a QThread.
    new = [t for t in threading.enumerate() if t not in before and not isinstance(t, threading._DummyThread)]
    for thread in new:
        thread.join(max(0.0, deadline - time.monotonic()))
    return [t for t in new if t.is_alive()]


def top_level_widgets() -> list[QWidget]:
    return QApplication.topLevelWidgets() if isinstance(QApplication.instance(), QApplication) else []


def address(thing: QObject) -> int:
    """Stands for the C++ object: the Python object around it may be a new one each time it is asked for."""
    return getCppPointer(thing)[0]


def new_widgets(before: set[int]) -> list[QWidget]:
    """Windows that were made since and are shown or are the program's own.

    pyqtgraph keeps hidden parentless menus as long as their plot lives; they end with it.
    """
    return [
        w
        for w in top_level_widgets()
        if address(w) not in before and (w.isVisible() or type(w).__module__.startswith("deltaglow"))
    ]


def flush_deletions() -> None:
    """deleteLater() deletes nothing outside a running event loop."""
    if QCoreApplication.instance() is not None:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        QCoreApplication.processEvents()


def described(thing: QObject, where: str = "") -> str:
    name = f" {thing.objectName()!r}" if thing.objectName() else ""
    return f"{type(thing).__name__}{name}" + (f" started at {where}" if where else "")


def stop_the_rest(threads: Started, timers: Started, widgets: list[QWidget]) -> None:
    """So that one leak fails one test, not every test after it."""
    for timer, _ in alive(timers):
        assert isinstance(timer, QTimer)
        timer.stop()
    for thread, _ in alive(threads):
        assert isinstance(thread, QThread)
        thread.quit()
        thread.wait(int(GRACE_S * 1000))
    for widget in widgets:
        widget.close()
        widget.deleteLater()
    flush_deletions()
