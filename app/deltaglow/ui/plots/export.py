"""A plot's numbers as others read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isnan

Cell = str | int | float


@dataclass(frozen=True, eq=False)
class Table:
    """What a plot shows, as numbers: the names of the columns, and the rows."""

    names: Sequence[str]
    rows: Iterable[Sequence[Cell]]

    def csv(self) -> bytes:
        """As comma-separated values in UTF-8, at full precision. Words are quoted. A NaN, which is a number
        that was not taken or is not finite, leaves its place empty.
        """
        lines = [",".join(map(_cell, row)) for row in (self.names, *self.rows)]
        return "\n".join([*lines, ""]).encode("utf-8")


def _cell(value: Cell) -> str:
    if isinstance(value, str):
        doubled = value.replace('"', '""')
        return f'"{doubled}"'
    return "" if isnan(value) else repr(value)
