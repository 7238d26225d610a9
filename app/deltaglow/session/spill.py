"""A temporary file without a name, for numbers that are seldom looked at: memory does not grow with a run."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections import defaultdict, deque
from io import FileIO
from pathlib import Path
from threading import Lock

BOUND = 8 * 2**30
"""Bytes that the file may take."""
RESERVE = 2**29
"""Bytes that it leaves free on the disk."""
LASTING = Path("/var/tmp")  # noqa: S108  (the file has no name there)


class Spill:
    """Keeps blocks of bytes in places of a file that vanishes with the program, however that ends: it has no
    name, or goes when it is closed. What is looked at again comes from the system's cache of files.

    Used by several threads. Where the disk has no room, `put` says so, and `trouble` why.
    """

    def __init__(self, bound: int = BOUND, folder: Path | None = None) -> None:
        self.bound = bound
        self.nbytes = 0
        """Bytes that the file takes."""
        self.trouble = ""
        """Why the last block found no room; empty if it did."""
        self._folder = folder
        self._file: FileIO | None = None
        self._lock = Lock()
        self._free: defaultdict[int, deque[int]] = defaultdict(deque)

    @property
    def where(self) -> Path:
        """The folder whose disk it is on."""
        if self._folder is None:
            self._folder = _folder()
        return self._folder

    @property
    def said(self) -> str:
        """The trouble, as people are told of it."""
        return (
            f"The curves of past steps stay in memory, as the file in {self.where} takes no more of them:"
            f" {self.trouble}"
        )

    def put(self, data: memoryview, place: int | None = None) -> int | None:
        """Keep these bytes: where they were before, or at a new place, which is answered. None if there is no
        room.
        """
        with self._lock:
            try:
                if self._file is None:
                    self._file = self._open()
                    weakref.finalize(self, self._file.close)
                if place is None:
                    place = self._room(data.nbytes)
                self._write(self._file, data.cast("B"), place)
            except OSError as error:
                self.trouble = error.strerror or str(error)
                return None
            self.trouble = ""
            self.nbytes = max(self.nbytes, place + data.nbytes)
            return place

    def get(self, place: int, into: memoryview) -> bool:
        """Fill `into` with the bytes from this place of the file on; False if they cannot be read."""
        with self._lock:
            try:
                self._read(place, into.cast("B"))
            except OSError as error:
                self.trouble = error.strerror or str(error)
                return False
        return True

    def release(self, place: int, size: int) -> None:
        """The block of this size is not needed any more. May be called at any time, from any thread."""
        self._free[size].append(place)

    def _open(self) -> FileIO:
        return tempfile.TemporaryFile(buffering=0, dir=self.where, prefix="deltaglow-")

    def _room(self, size: int) -> int:
        """A place for so many bytes. Raises OSError if there is none."""
        if self._free[size]:
            return self._free[size].pop()
        if self.nbytes + size > self.bound:
            raise OSError("it is as long as it may be")
        if shutil.disk_usage(self.where).free < RESERVE + size:
            raise OSError("the disk is nearly full")
        return self.nbytes

    def _read(self, place: int, into: memoryview) -> None:
        assert self._file is not None
        self._file.seek(place)
        while into.nbytes:
            count = self._file.readinto(into)
            if not count:
                raise OSError("the temporary file is shorter than it was")
            into = into[count:]

    @staticmethod
    def _write(file: FileIO, data: memoryview, place: int) -> None:
        file.seek(place)
        while data.nbytes:
            data = data[file.write(data) :]


def _folder() -> Path:
    """On a disk: /tmp is often kept in memory. Where people say which folder they want, there."""
    asked = any(os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP"))
    return LASTING if not asked and os.access(LASTING, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())
