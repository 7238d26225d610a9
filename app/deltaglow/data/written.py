"""How tables are written: encoding, delimiter, decimal mark, header, found out from how they begin."""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from deltaglow.data.alphabets import alphabet
from deltaglow.data.cells import COMMA_NUMBER, GROUPED, SIGNS, number_of, numbers_of

DELIMITERS = (",", ";", "\t", "|", " ")
_LOOKED_AT = 200
"""Lines from which the format is found out."""
_HEAD = 2**20
"""Characters that are looked at for it."""
_SEPARATOR = re.compile(r"sep=(.)\s*", re.IGNORECASE)
"""The line by which Excel is told of the delimiter."""
_MOST_SKIPPED = 20
"""Lines that may stand before a table."""
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_REMARKS = ("#", "%", "//")
"""What lines of remarks begin with, before a table."""
_NO_TEXT = "is no text: it holds null bytes"
_OTHERS = (
    (b"PK\x03\x04", "is a workbook or an archive, no text: save its table as CSV first"),
    (b"\xd0\xcf\x11\xe0", "is an old workbook, no text: save its table as CSV first"),
    (b"\x1f\x8b", "is compressed (gzip): unpack it first"),
    (b"%PDF", "is a PDF, no table"),
    (b"\x89PNG", "is a picture, no table"),
)
"""What is opened by mistake, by how it begins."""
_MARKED_UP = re.compile(r"\s*(?:<(?:!doctype|html|\?xml|table)\b|\{\s*\"|\[\s*[\[{])", re.IGNORECASE)
"""How HTML, XML and JSON begin."""
_FEW = 0.01
"""The share of null bytes up to which they are single places that are broken."""


class TableError(ValueError):
    """A file that cannot be read. str() is one line: where, and why. line: from 1, or 0 for all."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}" if line else reason)
        self.line = line
        self.reason = reason


@dataclass(frozen=True)
class Format:
    """How a file is written. decimal: "." or ",". header: whether the first row names the columns. skip:
    lines before the table that are no part of it. quote: what fields are quoted with, where they are.
    """

    delimiter: str = ","
    encoding: str = "utf-8"
    decimal: str = "."
    header: bool = True
    skip: int = 0
    quote: str = '"'


def decoded(data: bytes) -> tuple[str, str]:
    """The text of a file, and its encoding: by its first bytes, or UTF-8, or else an older alphabet.

    Raises TableError if it is none of them, or no text at all; a file that is UTF-8 up to a broken place is
    not taken for anything else.
    """
    for start, reason in _OTHERS:
        if data.startswith(start):
            raise TableError(0, reason)
    for start, encoding in _BOMS:
        if data.startswith(start):
            return text_of(data, encoding), encoding
    if b"\0" in data[:4096]:
        encoding = _wide(data)
        return text_of(data, encoding), encoding
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        if not data[: error.start].isascii():
            return text_of(data, "utf-8"), "utf-8"
        found = alphabet(data)
        if not found:
            reason = "is neither UTF-8 nor in an alphabet that is recognised: its encoding must be chosen"
            line = data.count(b"\n", 0, error.start) + 1
            raise TableError(line, f"{reason}; byte {error.start:,} is 0x{data[error.start]:02x}") from None
        return data.decode(found), found


def _wide(data: bytes) -> str:
    """UTF-16 by where its null bytes are: half of its bytes, if it is mostly Latin. Raises TableError."""
    head = data[:4096]
    whole = data.rstrip(b"\0")
    if whole and b"\0" not in whole:
        line = whole.count(b"\n") + 1
        raise TableError(
            line, f"ends in {len(data) - len(whole):,} null bytes: it was not written to its end"
        )
    if head.count(0) <= max(_FEW * len(head), 1):
        raise TableError(data.count(b"\n", 0, data.find(0)) + 1, "holds a null character: it is no text")
    if len(data) % 2:
        raise TableError(0, _NO_TEXT)
    nulls = head[0::2].count(0), head[1::2].count(0)
    many = 0.4 * len(head) / 2
    if nulls[0] == 0 and nulls[1] >= many:
        return "utf-16-le"
    if nulls[1] == 0 and nulls[0] >= many:
        return "utf-16-be"
    raise TableError(0, _NO_TEXT)


def text_of(data: bytes, encoding: str) -> str:
    """The text of a file in this encoding. Raises TableError, in the line that is not."""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise TableError(line, f"is not {encoding}: {error.reason} at byte {error.start:,}") from None
    except LookupError:
        raise TableError(0, f"is in an encoding that is not known, {encoding}") from None


def found_format(text: str, encoding: str = "utf-8") -> Format:
    """How a text is written, found out from its first lines. Raises TableError if it is no table at all."""
    if _MARKED_UP.match(text):
        raise TableError(1, "begins as HTML, XML or JSON do, which are no tables of delimited text")
    lines = _first_lines(text)
    if "'" in text[:_HEAD] and '"' not in text[:_HEAD]:
        found = found_format(text[:_HEAD].replace("'", '"'), encoding)
        if _quoted(lines, found.delimiter):
            return replace(found, quote="'")
    told = _SEPARATOR.fullmatch(lines[0]) if lines else None
    if told and told[1] in DELIMITERS:
        delimiter, skip = told[1], 1
    else:
        delimiter, skip = _divided(lines)
    rows = _some_rows(lines[skip:], delimiter)
    cells = [cell.strip().strip(SIGNS).strip() for row in rows for cell in row]
    found = Format(delimiter, encoding, "," if _has_commas(cells, delimiter) else ".", skip=skip)
    return replace(found, header=_has_header(rows, found))


def _quoted(lines: Sequence[str], delimiter: str) -> bool:
    """Whether fields stand between apostrophes: some do, and no other begins with one."""
    edge = re.escape(delimiter)
    whole = re.compile(rf"(?<![^{edge}])'(?:[^']|'')*'(?![^{edge}])")
    begun = re.compile(rf"(?<![^{edge}])'")
    rests = [(line, whole.sub("", line)) for line in (line.strip("\r\n") for line in lines)]
    return any(line != rest for line, rest in rests) and not any(begun.search(rest) for _, rest in rests)


def _divided(lines: Sequence[str]) -> tuple[str, int]:
    """The delimiter, and how many lines stand before the table.

    The first row decides between several that fit: decimal commas divide all but the names of the columns.
    """
    if remarks := _remarks(lines):
        delimiter, skip = _divided(lines[remarks:])
        return delimiter, remarks + skip
    fits = {(d, 0): _fits(lines, d) for d in DELIMITERS if _begins_so(lines, d)}
    if not any(fit > 1.0 for fit in fits.values()):
        skips = ((d, _preamble(lines, d)) for d in DELIMITERS)
        fits = {(d, skip): _fits(lines[skip:], d) for d, skip in skips}
    best = max(fits, key=lambda way: (fits[way], -way[1], -DELIMITERS.index(way[0])))
    return best if fits[best] > 1.0 else (",", 0)


def _remarks(lines: Sequence[str]) -> int:
    """How many lines at the start are remarks by their first sign; names of the columns may have it, too,
    and then have as many fields as the line after them.
    """
    count = 0
    while count < len(lines) and lines[count].lstrip().startswith(_REMARKS):
        count += 1
    if not count or count == len(lines):
        return 0
    pairs = [(_cells(lines[count - 1], d), _cells(lines[count], d)) for d in DELIMITERS]
    return count - any(
        len(last) == len(first) > 1 and last[0].strip() not in _REMARKS for last, first in pairs
    )


def _begins_so(lines: Sequence[str], delimiter: str) -> bool:
    """Whether the first row has as many fields as most."""
    widths = [len(row) for row in _some_rows(lines, delimiter)]
    return bool(widths) and widths.count(widths[0]) > len(widths) / 2


def _has_commas(cells: Sequence[str], delimiter: str) -> bool:
    """Whether numbers have decimal commas. Between commas, in quotes, they may be groups of three digits."""
    found = [cell for cell in cells if COMMA_NUMBER.fullmatch(cell)]
    if delimiter != ",":
        return bool(found)
    return any(not GROUPED["."].fullmatch(cell) for cell in found)


def _preamble(lines: Sequence[str], delimiter: str) -> int:
    """How many lines stand before the table: a title, remarks, blanks, each a single field, where nearly all
    that follows has the same number of fields, and more of them.
    """
    count = 0
    for line in lines[:_MOST_SKIPPED]:
        if len(_cells(line, delimiter)) > 1:
            break
        count += 1
    rest = lines[count:]
    return (
        count if count and len(rest) > 1 and _fits(rest, delimiter) > 1.0 and _agree(rest, delimiter) else 0
    )


def _cells(line: str, delimiter: str) -> list[str]:
    rows = _some_rows([line], delimiter)
    return rows[0] if rows else []


def _agree(lines: Sequence[str], delimiter: str) -> bool:
    """Whether the first two rows have as many fields as each other."""
    rows = _some_rows(lines, delimiter)
    return len(rows) > 1 and len(rows[0]) == len(rows[1])


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
    """Whether the first row names the columns: no cell of it is a number or missing, and below one of them
    there are numbers; or, where there are none, no cell of it comes again. Some may have no name, where most
    have one. A row of several words that stands alone is names.
    """
    if not rows:
        return False
    first = rows[0]
    rest = [row for row in rows[1:] if len(row) == len(first) and row != first]
    named = [bool(cell.strip()) for cell in first]
    if any(number_of(cell, form.decimal) is not None for cell in first if cell.strip()) or not any(named):
        return False
    if len(rows) == 1:
        return len(first) > 1 and all(named)
    columns = list(zip(*rest, strict=True))
    numbers = any(
        is_named and numbers_of(column, form.decimal) is not None and any(map(str.strip, column))
        for is_named, column in zip(named, columns, strict=False)
    )
    if not all(named):
        return numbers and sum(named) >= len(named) / 2
    return numbers or all(name not in column for name, column in zip(first, columns, strict=False))
