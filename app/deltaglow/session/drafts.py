"""Work that is not saved yet, kept beside the user's data: a crash takes no more than seconds of it."""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from PySide6.QtCore import QLockFile, QObject, QStandardPaths, QTimer, Signal, Slot

from deltaglow.model import atomic, fileformat
from deltaglow.model.errors import ProjectError
from deltaglow.model.project import Project

INTERVAL_MS = 20_000
"""Milliseconds from a change to its draft."""
LEAST_REST, MOST_REST_MS = 20, 120_000
"""A draft that takes long to write is written less often: after so many times that, two minutes at most."""


def data_folder() -> Path:
    """The folder for what the program itself keeps, as the platform has it."""
    place = QStandardPaths.StandardLocation.GenericDataLocation
    return Path(QStandardPaths.writableLocation(place)) / "deltaglow"


@dataclass(frozen=True)
class Draft:
    """What was kept of a document. path: the file it belongs to, None if it never had one. when: UTC."""

    key: str
    folder: Path
    name: str
    path: Path | None
    when: datetime
    summary: str

    @property
    def file(self) -> Path:
        """The project."""
        return self.folder / f"{self.key}.dglow"

    @property
    def picture(self) -> Path:
        """A picture of the diagram, if there is one."""
        return self.folder / f"{self.key}.png"


class Drafts:
    """The drafts in a folder. Each is locked by the process that writes it, as long as that lives."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._locks: dict[str, QLockFile] = {}

    def begin(self) -> str:
        """A key for a draft of one's own. Raises OSError if the folder cannot be written."""
        self.folder.mkdir(parents=True, exist_ok=True)
        key = secrets.token_hex(8)
        if not self._lock(key):
            raise PermissionError(13, "Permission denied", str(self.folder))
        return key

    def write(
        self, key: str, project: Project, name: str, path: Path | None, summary: str, picture: bytes
    ) -> None:
        """Put this in the draft's place. Raises ProjectError or OSError, and then the last one stays."""
        draft = Draft(key, self.folder, name, path, datetime.now(UTC), summary)
        fileformat.write(project, draft.file)
        if picture:
            atomic.write(draft.picture, picture)
        told = {
            "name": name,
            "path": None if path is None else str(path),
            "when": draft.when.isoformat(),
            "summary": summary,
        }
        atomic.write(self._about(key), json.dumps(told).encode())

    def left(self) -> list[Draft]:
        """Those whose programs have ended without removing them, the newest first. They become one's own:
        no other window is offered them as long as this one has not let go of them.
        """
        found = []
        for about in self.folder.glob("*.json"):
            draft = self._read(about)
            if draft is not None and draft.file.exists() and self._lock(draft.key):
                found.append(draft)
        return sorted(found, key=lambda draft: draft.when, reverse=True)

    def discard(self, key: str) -> None:
        """Remove a draft."""
        for suffix in (".json", ".dglow", ".png"):
            with contextlib.suppress(OSError):
                (self.folder / (key + suffix)).unlink(missing_ok=True)
        self.let_go(key)

    def let_go(self, key: str) -> None:
        """Leave a draft for a later start."""
        lock = self._locks.pop(key, None)
        if lock is not None:
            lock.unlock()

    def _lock(self, key: str) -> bool:
        lock = QLockFile(str(self.folder / f"{key}.lock"))
        lock.setStaleLockTime(0)
        if not lock.tryLock(0):
            return False
        self._locks[key] = lock
        return True

    def _about(self, key: str) -> Path:
        return self.folder / f"{key}.json"

    def _read(self, about: Path) -> Draft | None:
        try:
            told = json.loads(about.read_bytes())
            path, when = told["path"], datetime.fromisoformat(told["when"])
            kept = None if path is None else Path(path)
            return Draft(about.stem, self.folder, str(told["name"]), kept, when, str(told["summary"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None


@dataclass(frozen=True)
class Snapshot:
    """What is to be kept of a document at one moment."""

    project: Project
    name: str
    path: Path | None
    summary: str
    picture: bytes
    more: bool
    """Whether it goes on changing by itself."""


class Autosave(QObject):
    """Keeps a draft of a document that is modified: 20 seconds after a change, later if that took long.

    `touch` it at every change; it asks for the snapshot when it is due. `clear` it when there is nothing to
    lose any more. It works on the window's thread: on another, Python might collect the window's garbage.
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
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self.keep)

    @Slot()
    def touch(self) -> None:
        """There was a change."""
        if not self._timer.isActive():
            self._timer.start()

    @Slot()
    def keep(self) -> None:
        """Write a draft now, if there is anything that is not saved."""
        self._timer.stop()
        begun = perf_counter()
        found = self._snapshot()
        if found is None:
            return
        try:
            self.key = self.key or self._drafts.begin()
            self._drafts.write(self.key, found.project, found.name, found.path, found.summary, found.picture)
        except ProjectError as error:
            self._complain(str(error))
        except OSError as error:
            self._complain(f"{error.filename}: {error.strerror or error}")
        else:
            self._said = False
            self.kept.emit()
        rest = min(round((perf_counter() - begun) * 1000 * LEAST_REST), MOST_REST_MS)
        self._timer.setInterval(max(INTERVAL_MS, rest))
        if found.more:
            self.touch()

    def clear(self) -> None:
        """All is saved, or given up: remove the draft."""
        self._timer.stop()
        if self.key:
            self._drafts.discard(self.key)
            self.key = ""

    def _complain(self, problem: str) -> None:
        if not self._said:
            self.failed.emit(f"Unsaved changes cannot be kept in case of a crash: {problem}")
        self._said = True
