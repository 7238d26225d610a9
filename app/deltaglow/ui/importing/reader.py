"""The thread that reads a table while the window goes on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from threading import Event

from PySide6.QtCore import QObject, QThread, Signal

from deltaglow.data.delimited import Cancelled, Format, TableError, first_rows, opened, parsed
from deltaglow.model import fileformat
from deltaglow.model.errors import ProjectError

LOOKED_AT = 100
"""Rows that are shown of a table."""

Source = Path | bytes | str
"""A file, what was in one, or a text."""


@dataclass(frozen=True, eq=False)
class Look:
    """The first rows of a table, each with its line; how it is written; and all of it, to be read again."""

    rows: list[tuple[int, list[str]]]
    format: Format
    source: bytes | str


class Reader(QThread):
    """Reads a table once. Every signal carries the reader's number first: readers may follow each other."""

    looked = Signal(int, object)
    """The first rows are there: a Look."""
    advanced = Signal(int, float)
    """This share of the table is read."""
    done = Signal(int, object)
    """All of it is: a Table."""
    failed = Signal(int, int, str)
    """It cannot be read: in which line, 0 for all of it, and why."""

    def __init__(self, number: int, source: Source, form: Format | None, parent: QObject) -> None:
        super().__init__(parent)
        self.setObjectName("table reader")
        self._number, self._source, self._form = number, source, form
        self._stopped = Event()

    def stop(self) -> None:
        """Give up as soon as possible, and return when that is so."""
        self._stopped.set()
        self.wait()

    def run(self) -> None:
        """Read."""
        number, source = self._number, self._source
        try:
            if isinstance(source, Path):
                source = fileformat.table_bytes(source)
            text, form = opened(source, self._form)
            self.looked.emit(number, Look(first_rows(text, form, LOOKED_AT), form, source))
            self.done.emit(number, parsed(text, form, self._progress))
        except TableError as error:
            self.failed.emit(number, error.line, error.reason)
        except ProjectError as error:
            self.failed.emit(number, 0, error.what)
        except Cancelled:
            return

    def _progress(self, share: float) -> bool:
        self.advanced.emit(self._number, share)
        return not self._stopped.is_set()
