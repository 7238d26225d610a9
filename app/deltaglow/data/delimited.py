"""Reading tables of delimited text: CSV, TSV and their relatives, as people and programs write them.

Every complaint names the line. Nothing is guessed silently: what was found out about a file is in its Format,
and a column that is not numbers says which cell made it so.
"""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt

from deltaglow.data.cells import MISSING, looks_like_a_number, number_of, numbers_of
from deltaglow.data.written import Format, TableError, decoded, found_format, text_of

__all__ = [
    "Cancelled",
    "Column",
    "Format",
    "Table",
    "TableError",
    "column_names",
    "decoded",
    "first_rows",
    "found_format",
    "opened",
    "parsed",
    "read",
]

MAX_ROWS = 1_000_000
MAX_COLUMNS = 4097
MOSTLY = 0.8
"""The share of numbers from which a column of words was probably meant to be numbers."""
_CHUNK = 10_000
Progress = Callable[[float], bool]
"""Is told which share of the file is read, and says whether to go on."""


class Cancelled(Exception):
    """Somebody asked to stop reading."""


@dataclass(frozen=True, eq=False)
class Column:
    """One column of N cells.

    numbers (N,): the cells as numbers, NaN where one is missing; None if some cell is no number. labels: the
    different texts in the order in which they first come, of a column that is not numbers; codes (N,): which
    of them each cell is, −1 where it is missing. first_text: line and text of the first cell that is no
    number.
    """

    name: str
    numbers: npt.NDArray[np.float64] | None
    labels: tuple[str, ...] = ()
    codes: npt.NDArray[np.intp] | None = None
    first_text: tuple[int, str] | None = None

    @property
    def misread(self) -> tuple[int, str] | None:
        """Line and text of the first cell that is no number, of a column in which most cells are numbers."""
        if self.first_text is None or self.codes is None:
            return None
        written_so = np.array([looks_like_a_number(label) for label in self.labels])
        known = self.codes[self.codes >= 0]
        return self.first_text if written_so[known].mean() >= MOSTLY else None

    @property
    def missing(self) -> npt.NDArray[np.bool_]:
        """Which cells are missing, (N,)."""
        if self.numbers is not None:
            return np.isnan(self.numbers)
        assert self.codes is not None
        return self.codes < 0


@dataclass(frozen=True, eq=False)
class Table:
    """A file that was read: its columns, all of the same length, and how it is written."""

    columns: tuple[Column, ...]
    rows: int
    format: Format


def read(data: bytes | str, form: Format | None = None, progress: Progress | None = None) -> Table:
    """The table in a file's bytes, or in a text. form: how it is written; found out, if not given.

    Raises TableError, which says in which line and why, and Cancelled if `progress` says so.
    """
    return parsed(*opened(data, form), progress)


def opened(data: bytes | str, form: Format | None = None) -> tuple[str, Format]:
    """The text of a file, and how it is written; found out, if not given. Raises TableError."""
    if isinstance(data, str):
        text, encoding = data, "utf-8"
    elif form is None:
        text, encoding = decoded(data)
    else:
        text, encoding = text_of(data, form.encoding), form.encoding
    text = text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    null = text.find("\0")
    if null >= 0:
        raise TableError(text.count("\n", 0, null) + 1, "holds a null character: it is no text")
    return text, found_format(text, encoding) if form is None else form


def parsed(text: str, form: Format, progress: Progress | None = None) -> Table:
    """The table in a text that is written so. Raises as `read` does."""
    words: frozenset[int] = frozenset()
    while True:
        try:
            return _read(text, form, words, progress)
        except _NotNumbers as found:
            # Cells before were already made numbers: once more from the start, as words.
            words = words | found.columns


def first_rows(text: str, form: Format, count: int) -> list[tuple[int, list[str]]]:
    """The first rows as they are written, each with its line, up to one that cannot be read."""
    rows: list[tuple[int, list[str]]] = []
    with contextlib.suppress(TableError):
        rows.extend(islice(_rows(text, form), count))
    return rows


def column_names(cells: Sequence[str], form: Format) -> list[str]:
    """What the columns are called, of which the first row has these cells."""
    return _names(cells) if form.header else [f"column {k + 1}" for k in range(len(cells))]


class _NotNumbers(Exception):
    """Columns that turned out to hold words."""

    def __init__(self, columns: frozenset[int]) -> None:
        super().__init__()
        self.columns = columns


def _read(text: str, form: Format, words: frozenset[int], progress: Progress | None) -> Table:
    rows = _rows(text, form)
    first = next(rows, None)
    if first is None:
        raise TableError(0, "is empty")
    line, cells = first
    width = len(cells)
    if width > MAX_COLUMNS:
        raise TableError(line, f"has {width:,} columns, at most {MAX_COLUMNS:,} are read")
    builders = [_Builder(name, form.decimal, k in words) for k, name in enumerate(column_names(cells, form))]
    pending: Iterable[tuple[int, list[str]]] = rows if form.header else _chained(first, rows)
    count, source, lines_there_are = 0, iter(pending), max(1, text.count("\n"))
    while chunk := list(islice(source, _CHUNK)):
        for line, cells in chunk:
            if len(cells) == width + 1 and not cells[-1].strip():
                cells.pop()  # a delimiter behind the last field
            if len(cells) != width:
                raise TableError(line, f"has {_fields(len(cells))}, the first row has {width}")
        count += len(chunk)
        if count > MAX_ROWS:
            raise TableError(chunk[-1][0], f"is beyond the {MAX_ROWS:,} rows that are read at most")
        lines = [line for line, _ in chunk]
        columns = zip(*(cells for _, cells in chunk), strict=True)
        turned = {k for k, cells_ in enumerate(columns) if not builders[k].add(cells_, lines)}
        if turned:
            raise _NotNumbers(frozenset(turned))
        if progress is not None and not progress(min(1.0, lines[-1] / lines_there_are)):
            raise Cancelled
    if count == 0:
        raise TableError(line, "has the names of the columns, and no row follows")
    return Table(tuple(builder.column() for builder in builders), count, form)


def _fields(count: int) -> str:
    return f"{count} field{'s' * (count != 1)}"


def _chained(
    first: tuple[int, list[str]], rest: Iterator[tuple[int, list[str]]]
) -> Iterator[tuple[int, list[str]]]:
    yield first
    yield from rest


def _rows(text: str, form: Format) -> Iterator[tuple[int, list[str]]]:
    """Every row that is not blank, with the line in which it begins."""
    stream = io.StringIO(text, newline="")
    for _ in range(form.skip):
        stream.readline()
    reader = csv.reader(
        stream,
        delimiter=form.delimiter,
        quotechar=form.quote,
        skipinitialspace=form.delimiter == " ",
        strict=True,
    )
    line = form.skip + 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise TableError(line, _why(error)) from None
        if form.delimiter == " " and cells and cells[-1] == "":
            cells.pop()
        if any(map(str.strip, cells)):
            yield line, cells
        line = form.skip + reader.line_num + 1


def _why(error: csv.Error) -> str:
    said = str(error)
    if "unexpected end" in said:
        return "opens a quoted field that is never closed"
    if "expected after" in said:
        return "goes on after a closing quote; a quote within a quoted field is written twice"
    if "field larger" in said:
        return f"has a field of more than {csv.field_size_limit():,} characters"
    return said


class _Builder:
    """Collects the cells of a column, chunk by chunk."""

    def __init__(self, name: str, decimal: str, words: bool) -> None:
        self._name, self._decimal = name, decimal
        self._words = words
        self._parts: list[npt.NDArray[np.float64]] = []
        self._codes: list[npt.NDArray[np.intp]] = []
        self._known: dict[str, int] = {}
        self._first_text: tuple[int, str] | None = None

    def add(self, cells: Sequence[str], lines: Sequence[int]) -> bool:
        """Take more cells; False if they are no numbers, as they were taken to be."""
        if not self._words:
            found = numbers_of(cells, self._decimal)
            if found is not None:
                self._parts.append(found)
            return found is not None
        self._codes.append(np.fromiter(map(self._code, cells), np.intp, len(cells)))
        if self._first_text is None:
            for line, cell in zip(lines, cells, strict=True):
                if number_of(cell, self._decimal) is None:
                    self._first_text = line, cell.strip()
                    break
        return True

    def _code(self, cell: str) -> int:
        word = cell.strip()
        small = word.lower()
        if small in MISSING:
            return -1
        if small in ("true", "false"):
            word = small  # programs differ in how they write them, and one file may be of several
        return self._known.setdefault(word, len(self._known))

    def column(self) -> Column:
        if not self._words:
            return Column(self._name, np.concatenate(self._parts))
        return Column(self._name, None, tuple(self._known), np.concatenate(self._codes), self._first_text)


def _names(cells: Sequence[str]) -> list[str]:
    """The names of the columns, made different where they are not."""
    found: list[str] = []
    for k, cell in enumerate(cells):
        name = " ".join(cell.split()) or f"column {k + 1}"
        base, number = name, 2
        while name in found:
            name, number = f"{base} ({number})", number + 1
        found.append(name)
    return found
