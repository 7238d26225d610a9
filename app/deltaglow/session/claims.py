"""Which window has which file, so that two windows on one file know of each other."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QLockFile

from deltaglow.model import atomic

_WAIT_MS = 2000


@dataclass(frozen=True)
class Holder:
    """The window that has a file: its process, on a machine."""

    token: str
    pid: int
    started: str
    host: str

    @property
    def alive(self) -> bool:
        """Whether that process still runs, as far as can be known from here."""
        return self.host != socket.gethostname() or _started(self.pid) == self.started != ""


class Claim:
    """One window's claim on one file at a time, kept in a folder that all windows of a user share.

    Nothing is written beside the file itself, which may lie where nothing can be written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        pid = os.getpid()
        self._me = Holder(secrets.token_hex(8), pid, _started(pid), socket.gethostname())
        self.record: Path | None = None
        """The file that says who holds the claimed one."""

    def take(self, path: Path, force: bool = False) -> Holder | None:
        """Claim a file in place of the one claimed before. Gives who else has it, and then nothing is
        claimed; with `force`, it is taken from them. Raises OSError where no record can be kept.
        """
        self.release()
        self._folder.mkdir(parents=True, exist_ok=True)
        record = self._folder / f"{hashlib.sha256(os.fsencode(os.path.realpath(path))).hexdigest()[:32]}.json"
        lock = QLockFile(str(record.with_suffix(".lock")))
        if not lock.tryLock(_WAIT_MS):
            raise OSError(11, "Another window is just opening it", str(path))
        try:
            holder = _holder(record)
            if holder is not None and holder.alive and holder != self._me and not force:
                return holder
            atomic.write(record, json.dumps(vars(self._me)).encode())
            self.record = record
            return None
        finally:
            lock.unlock()

    @property
    def held(self) -> bool:
        """Whether the claim stands: nobody has taken the file over."""
        return self.record is not None and _holder(self.record) == self._me

    def release(self) -> None:
        """Give the file free."""
        if self.held and self.record is not None:
            with contextlib.suppress(OSError):
                self.record.unlink()
        self.record = None


def _holder(record: Path) -> Holder | None:
    """Who wrote a record, if one can be read."""
    try:
        found = json.loads(record.read_bytes())
        return Holder(str(found["token"]), int(found["pid"]), str(found["started"]), str(found["host"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _started(pid: int) -> str:
    """When a process began, in the kernel's ticks: with the number it names one process for good."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""
