"""A plot's numbers as others read them."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from math import isnan
from pathlib import Path

from deltaglow.model import atomic

Cell = str | int | float
PIECE = 500
"""Rows that are written at once: about a millisecond's work."""


@dataclass(frozen=True, eq=False)
class Table:
    """What a plot shows, as numbers: the names of the columns, and the rows, `count` of them if that is
    known.
    """

    names: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    count: int = 0

    def csv(self) -> bytes:
        """As comma-separated values in UTF-8, at full precision. Words are quoted. A NaN, which is a number
        that was not taken or is not finite, leaves its place empty.
        """
        return b"".join(self.pieces())

    def pieces(self) -> Iterator[bytes]:
        """The same, PIECE rows at a time."""
        yield _lines([self.names])
        rows = iter(self.rows)
        while some := list(islice(rows, PIECE)):
            yield _lines(some)

    def writing(self, target: Path) -> Generator[float, None, str]:
        """Writes it as CSV to a file, and gives how much is done, 0 to 1; returns what went wrong, if
        anything did. Until all of it is there, and if it is closed before, the file is as it was.
        """
        try:
            for number in atomic.write_pieces(target, self.pieces()):
                yield min(number * PIECE / max(self.count, 1), 1.0)
        except OSError as error:
            return f"{target}: {error.strerror or error}"
        return ""


def _lines(rows: Sequence[Sequence[Cell]]) -> bytes:
    return "".join(f"{','.join(map(_cell, row))}\n" for row in rows).encode("utf-8")


def _cell(value: Cell) -> str:
    if isinstance(value, str):
        doubled = value.replace('"', '""')
        return f'"{doubled}"'
    return "" if isnan(value) else repr(value)
