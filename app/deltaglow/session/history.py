"""The scalars of every step, append-only: written by the worker, read by the window, without a lock."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

CHUNK = 8192


class History:
    """One row per completed step: row number = step number.

    Rows are written before the length is raised, and chunks never move, so a reader in another thread sees
    only whole rows. Stored as float32: six digits are more than a plot shows.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self.length = 0
        self._longest = 0
        self._chunks: list[npt.NDArray[np.float32]] = []
        self._rows: npt.NDArray[np.float32] = np.empty((0, len(self.names)), dtype=np.float32)
        """The chunk that is written."""

    @classmethod
    def unknown(cls, names: Sequence[str], length: int) -> History:
        """A history whose first `length` rows nobody kept: they are NaN, and take no room."""
        made, blank = cls(names), np.full((CHUNK, len(names)), np.nan, dtype=np.float32)
        whole, rest = divmod(length, CHUNK)
        made._chunks = [blank] * whole + [blank.copy()] * bool(rest)
        made._stand_at(length)
        return made

    @classmethod
    def of(cls, names: Sequence[str], known: Sequence[str], rows: npt.NDArray[np.float32]) -> History:
        """A history whose first rows are these, of the columns `known`; NaN in others that it has."""
        made = cls(names)
        there = [name for name in names if name in known]
        places, sources = [names.index(name) for name in there], [known.index(name) for name in there]
        for start in range(0, len(rows), CHUNK):
            chunk = np.full((CHUNK, len(names)), np.nan, dtype=np.float32)
            part = rows[start : start + CHUNK]
            chunk[: len(part), places] = part[:, sources]
            made._chunks.append(chunk)
        made._stand_at(len(rows))
        return made

    def append(self, row: npt.NDArray[np.float64]) -> None:
        """Add the scalars of the next step, in the order of `names`; beyond float32 they become infinite.

        Called with NumPy's overflow warnings off.
        """
        length = self.length
        place = length % CHUNK
        if place == 0:
            self._turn_to(length)
        self._rows[place] = row
        self.length = length + 1

    def _turn_to(self, length: int) -> None:
        """The chunk that row number `length` goes to is the one that is written."""
        if length == len(self._chunks) * CHUNK:
            self._chunks.append(np.empty((CHUNK, len(self.names)), dtype=np.float32))
        self._rows = self._chunks[length // CHUNK]

    def _stand_at(self, length: int) -> None:
        self.length = length
        if length % CHUNK:
            self._turn_to(length)

    def go_to(self, length: int) -> None:
        """End after `length` rows, fewer or more of those that were ever written: what comes again is the
        same. Only while nobody appends.
        """
        self._longest = max(self._longest, self.length)
        self._stand_at(min(length, self._longest))

    def branch(self, length: int, names: Sequence[str]) -> History:
        """A history that begins with the first `length` rows of this one; columns that are new are NaN
        there. Full chunks are shared where the names are the same.
        """
        made = History(names)
        if made.names == self.names:
            shared, rest = divmod(length, CHUNK)
            made._chunks = self._chunks[:shared]
            made._chunks += [chunk.copy() for chunk in self._chunks[shared : shared + bool(rest)]]
        else:
            known = [name for name in made.names if name in self.names]
            places = [made.names.index(name) for name in known]
            for start in range(0, length, CHUNK):
                chunk = np.full((CHUNK, len(made.names)), np.nan, dtype=np.float32)
                rows = self.columns(known, start, min(start + CHUNK, length))
                chunk[: len(rows), places] = rows
                made._chunks.append(chunk)
        made._stand_at(length)
        return made

    @property
    def nbytes(self) -> int:
        """The bytes that its rows take, those of other histories that it shares them with included."""
        return sum(chunk.nbytes for chunk in self._chunks)

    def common(self, other: History) -> int:
        """How many rows are known to be the same in another history."""
        if other is self:
            return min(self.length, other.length)
        same = 0
        for mine, theirs in zip(self._chunks, other._chunks, strict=False):
            if mine is not theirs:
                break
            same += CHUNK
        return min(same, self.length, other.length)

    def columns(
        self, names: Sequence[str], start: int = 0, stop: int | None = None
    ) -> npt.NDArray[np.float32]:
        """The rows from `start` to `stop` (all there are), of the named columns: a copy of shape (rows,
        names).
        """
        stop = self.length if stop is None else min(stop, self.length)
        picked = [self.names.index(name) for name in names]
        result = np.empty((max(stop - start, 0), len(picked)), dtype=np.float32)
        at = start
        while at < stop:
            chunk, place = divmod(at, CHUNK)
            count = min(CHUNK - place, stop - at)
            result[at - start : at - start + count] = self._chunks[chunk][place : place + count][:, picked]
            at += count
        return result
