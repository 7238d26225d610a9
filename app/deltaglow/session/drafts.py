"""Work that is not saved yet, kept beside the user's data: a crash takes no more than seconds of it."""

from __future__ import annotations

import contextlib
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QLockFile, QStandardPaths

from deltaglow.model import atomic, fileformat
from deltaglow.model.project import Project


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
            self._raise_why(key)
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

    def _raise_why(self, key: str) -> None:
        """Raise what the system says against a file there; a lock only says that there is none."""
        tried = self.folder / f"{key}.lock"
        try:
            tried.write_bytes(b" " * 64)
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self.folder)) from None
        finally:
            with contextlib.suppress(OSError):
                tried.unlink(missing_ok=True)
        raise PermissionError(13, "Permission denied", str(self.folder))

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
