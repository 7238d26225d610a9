"""Keeps a draft of what is not saved, every now and then, on a thread of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter

from PySide6.QtCore import QObject, QThread, QTimer, Signal, Slot

from deltaglow.model.errors import ProjectError
from deltaglow.model.project import Project
from deltaglow.session.drafts import Drafts

FIRST_MS, INTERVAL_MS = 3_000, 20_000
"""Milliseconds from a change to its draft: to the first one, and to those that follow."""
LEAST_REST, MOST_REST_MS = 20, 120_000
"""A draft that takes long to write is written less often: after so many times that, two minutes at most."""


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What is to be kept of a document at one moment."""

    project: Project
    name: str
    path: Path | None
    summary: str
    picture: Callable[[], bytes]
    """Makes a small PNG of the diagram, on the writer's thread."""
    more: bool
    """Whether it goes on changing by itself."""


class Autosave(QObject):
    """Keeps a draft of a document that is modified: 20 seconds after a change, later if that took long; the
    first a few seconds after the first change, when nothing is kept yet.

    `touch` it at every change; it asks for the snapshot when it is due, and writes it while the window goes
    on. `clear` it when there is nothing to lose any more.
    """

    failed = Signal(str)
    """A draft could not be written, for the first time since one could."""
    kept = Signal()
    """A draft was written."""

    def __init__(
        self, drafts: Drafts, snapshot: Callable[[], Snapshot | None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._drafts = drafts
        self._snapshot = snapshot
        self._said = False
        self.key = ""
        """Of the draft, if there is one."""
        self.times = 0
        """How often it was written."""
        self._writer, self._writes = _Writer(self), False
        self._writer.finished.connect(self._on_finished)
        self._begun = 0.0
        self._more = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self._begin)

    @Slot()
    def touch(self) -> None:
        """There was a change."""
        if not self._timer.isActive():
            self._timer.start(self._timer.interval() if self.key else FIRST_MS)

    def keep(self) -> None:
        """Write a draft now, if there is anything that is not saved, and return when it is written."""
        self._wait()
        self._begin()
        self._wait()

    def clear(self) -> None:
        """All is saved, or given up: remove the draft."""
        self._wait()
        self._timer.stop()
        if self.key:
            self._drafts.discard(self.key)
            self.key, self.times = "", 0

    @Slot()
    def _begin(self) -> None:
        """Have a draft written, if there is anything that is not saved."""
        self._wait()
        self._timer.stop()
        self._begun = perf_counter()
        found = self._snapshot()
        if found is None:
            return
        self._more = found.more
        try:
            self.key = self.key or self._drafts.begin()
        except OSError as error:
            self._ended(_said(error))
            return
        self._writer.work = partial(self._write, self.key, found)
        self._writes = True
        self._writer.start()

    def _write(self, key: str, found: Snapshot) -> str:
        """On the writer's thread. What went wrong, "" if nothing did."""
        try:
            self._drafts.write(key, found.project, found.name, found.path, found.summary, found.picture())
        except ProjectError as error:
            return str(error)
        except OSError as error:
            return _said(error)
        return ""

    @Slot()
    def _on_finished(self) -> None:
        if self._writer.isFinished():  # else another draft is being written already
            self._wait()

    def _wait(self) -> None:
        """Until the draft that is being written is."""
        if self._writes:
            self._writes = False
            self._writer.wait()
            self._ended(self._writer.problem)

    def _ended(self, problem: str) -> None:
        if problem and not self._said:
            self.failed.emit(f"Unsaved changes cannot be kept in case of a crash: {problem}")
        self._said = bool(problem)
        rest = min(round((perf_counter() - self._begun) * 1000 * LEAST_REST), MOST_REST_MS)
        self._timer.setInterval(max(INTERVAL_MS, rest))
        if self._more:
            self.touch()
        if not problem:
            self.times += 1
            self.kept.emit()


class _Writer(QThread):
    """Does one piece of work after the other, each when it is started for it."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.setObjectName("draft writer")
        self.work: Callable[[], str] = str
        self.problem = ""

    def run(self) -> None:
        """Do it."""
        self.problem = self.work()


def _said(error: OSError) -> str:
    return f"{error.filename}: {error.strerror or error}"
