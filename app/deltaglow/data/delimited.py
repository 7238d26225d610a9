"""Reading tables of delimited text: CSV, TSV and their relatives, as people and programs write them.

Every complaint names the line. Nothing is guessed silently: what was found out about a file is in its Format,
and a column that is not numbers says which cell made it so.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
import numpy.typing as npt

MAX_ROWS = 1_000_000
MAX_COLUMNS = 4097
DELIMITERS = (",", ";", "\t", "|", " ")
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "?", "-", "."})
"""How files write a value that is not there, in small letters."""

_LOOKED_AT = 200
"""Lines from which the format is found out."""
_HEAD = 2**20
"""Characters that are looked at for it."""
_CHUNK = 10_000
_COMMA_NUMBER = re.compile(r"[+-]?\d+,\d+([eE][+-]?\d+)?")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

Progress = Callable[[float], bool]
"""Is told which share of the file is read, and says whether to go on."""


class TableError(ValueError):
    """A file that cannot be read. str() is one line: where, and why. line: from 1, or 0 for all."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}" if line else reason)
        self.line = line
        self.reason = reason


class Cancelled(Exception):
    """Somebody asked to stop reading."""


@dataclass(frozen=True)
class Format:
    """How a file is written. decimal: "." or ",". header: whether the first row names the columns."""

    delimiter: str = ","
    encoding: str = "utf-8"
    decimal: str = "."
    header: bool = True


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


def decoded(data: bytes) -> tuple[str, str]:
    """The text of a file, and its encoding: by its first bytes, or UTF-8, or else Windows' Western European.

    Raises TableError if it is none of them, or no text at all.
    """
    for start, encoding in _BOMS:
        if data.startswith(start):
            return _text(data, encoding), encoding
    if b"\0" in data[:4096]:
        raise TableError(0, "is no text: it holds null bytes")
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _text(data, "cp1252"), "cp1252"


def _text(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise TableError(line, f"is not {encoding}: {error.reason} at byte {error.start:,}") from None
    except LookupError:
        raise TableError(0, f"is in an encoding that is not known, {encoding}") from None


def found_format(text: str, encoding: str = "utf-8") -> Format:
    """How a text is written, found out from its first lines."""
    lines = _first_lines(text)
    delimiter = max(DELIMITERS, key=lambda d: (_fits(lines, d), -DELIMITERS.index(d)))
    if _fits(lines, delimiter) <= 1.0:
        delimiter = ","
    rows = _some_rows(lines, delimiter)
    cells = [cell.strip() for row in rows for cell in row]
    commas = delimiter != "," and any(map(_COMMA_NUMBER.fullmatch, cells))
    found = Format(delimiter, encoding, "," if commas else ".")
    return replace(found, header=_has_header(rows, found))


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
        text, encoding = _text(data, form.encoding), form.encoding
    text = text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
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
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=form.delimiter,
        skipinitialspace=form.delimiter == " ",
        strict=True,
    )
    line = 1
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
        line = reader.line_num + 1


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
            found = _numbers(cells, self._decimal)
            if found is not None:
                self._parts.append(found)
            return found is not None
        self._codes.append(np.fromiter(map(self._code, cells), np.intp, len(cells)))
        if self._first_text is None:
            for line, cell in zip(lines, cells, strict=True):
                if _number(cell, self._decimal) is None:
                    self._first_text = line, cell.strip()
                    break
        return True

    def _code(self, cell: str) -> int:
        word = cell.strip()
        if word.lower() in MISSING:
            return -1
        return self._known.setdefault(word, len(self._known))

    def column(self) -> Column:
        if not self._words:
            return Column(self._name, np.concatenate(self._parts))
        return Column(self._name, None, tuple(self._known), np.concatenate(self._codes), self._first_text)


def _numbers(cells: Sequence[str], decimal: str) -> npt.NDArray[np.float64] | None:
    """The cells as numbers, if they all are."""
    if decimal == "." and "_" not in "".join(cells):
        try:
            found = np.array(list(map(float, cells)))
        except ValueError:
            pass
        else:
            return found if np.isfinite(found).all() else _one_by_one(cells, decimal)
    return _one_by_one(cells, decimal)


def _one_by_one(cells: Sequence[str], decimal: str) -> npt.NDArray[np.float64] | None:
    made = np.empty(len(cells))
    for k, cell in enumerate(cells):
        number = _number(cell, decimal)
        if number is None:
            return None
        made[k] = number
    return made


def _number(cell: str, decimal: str) -> float | None:
    """The number that a cell holds: NaN if it is missing, None if it is none, or none that is finite."""
    word = cell.strip()
    if word.lower() in MISSING:
        return float("nan")
    if "_" in word or (decimal == "," and "." in word):
        return None
    try:
        found = float(word.replace(decimal, "."))
    except ValueError:
        return None
    return found if np.isfinite(found) else None


def _first_lines(text: str) -> list[str]:
    """So many lines, or as many as there are whole in the first characters."""
    lines = list(islice(io.StringIO(text[:_HEAD], newline=None), _LOOKED_AT))
    cut = len(text) > _HEAD and 1 < len(lines) < _LOOKED_AT
    return lines[:-1] if cut else lines


def _some_rows(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    """Rows of the first lines, as far as they can be read: the last may be cut within a quoted field."""
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=delimiter == " ")
    rows: list[list[str]] = []
    with contextlib.suppress(csv.Error):
        rows.extend(row for row in reader if any(map(str.strip, row)))
    return rows


def _fits(lines: Sequence[str], delimiter: str) -> float:
    """How well a delimiter fits: the number of columns, if nearly all rows have it; else little."""
    widths = [len(row) for row in _some_rows(lines, delimiter)]
    if not widths:
        return 0.0
    usual = max(set(widths), key=widths.count)
    share = widths.count(usual) / len(widths)
    return usual * share if share > 0.9 else share


def _has_header(rows: Sequence[Sequence[str]], form: Format) -> bool:
    """Whether the first row names the columns: no cell of it is a number or missing, and below there are
    numbers; or, where there are none, no cell of it comes again.
    """
    if len(rows) < 2:
        return False
    first, rest = rows[0], [row for row in rows[1:] if len(row) == len(rows[0])]
    if any(_number(cell, form.decimal) is not None for cell in first):
        return False
    columns = list(zip(*rest, strict=True))
    numbers = any(
        _numbers(column, form.decimal) is not None and any(map(str.strip, column)) for column in columns
    )
    return numbers or all(name not in column for name, column in zip(first, columns, strict=False))


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
