"""Rows of numbers that grow without end, of which memory holds only the page that is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from deltaglow.session.spill import Spill

PAGE = 8192
"""Rows of a page, unless it says otherwise."""
COARSE = 512
"""Rows of which the least and the greatest are left where there is no room at all."""
HELD = 2**27
"""Bytes of full pages that stay in memory, where the file has no room for them."""

Rows = npt.NDArray[np.floating[Any]]


class Page:
    """So many rows of a `Paged`: in memory, in a file, or coarse."""

    __slots__ = ("_coarse", "_place", "_spill", "count", "dtype", "rows", "width")

    def __init__(self, rows: Rows) -> None:
        self.rows: Rows | None = rows
        """None while they are elsewhere."""
        (self.count, self.width), self.dtype = rows.shape, rows.dtype
        self._spill: Spill | None = None
        self._place: int | None = None
        self._coarse: Rows | None = None

    @property
    def nbytes(self) -> int:
        """The bytes of memory that it takes. Rows that nobody may write to are one row, over and over."""
        kept = self.rows if self.rows is not None else self._coarse
        return 0 if kept is None or not kept.flags.writeable else kept.nbytes

    def read(self, start: int, stop: int) -> Rows:
        """Some of its rows, not to be written to; NaN where the file cannot be read any more."""
        rows = self.rows  # once: whoever writes may put them away meanwhile
        if rows is not None:
            return rows[start:stop]
        if self._spill is None or self._place is None:
            assert self._coarse is not None
            return np.repeat(self._coarse, COARSE // 2, axis=0)[start:stop]
        made = np.empty((stop - start, self.width), dtype=self.dtype)
        if not self._spill.get(self._place + start * self.width * self.dtype.itemsize, made.data):
            made.fill(np.nan)
        return made

    def open(self) -> Rows:
        """Its rows, to be written to."""
        rows = self.read(0, self.count)
        if not rows.flags.writeable:
            rows = rows.copy()
        self.rows = rows
        return rows

    def put_away(self, spill: Spill) -> bool:
        """Into the file with it. False if that has no room: then memory still has it."""
        rows = self.rows
        if rows is None or not rows.flags.writeable:
            return True
        place = spill.put(rows.data, self._place)
        if place is None:
            return False
        self._spill, self._place = spill, place
        self.rows = None
        return True

    def thin(self) -> None:
        """Of every COARSE rows keep the least and the greatest numbers, in place of the first half and the
        second: a curve over many steps looks as it did.
        """
        if self.rows is not None:
            blocks = self.rows.reshape(-1, COARSE, self.width)
            ends = [np.fmin.reduce(blocks, axis=1), np.fmax.reduce(blocks, axis=1)]
            self._coarse = np.stack(ends, axis=1).reshape(-1, self.width)
            self.rows = None

    def __del__(self) -> None:
        if self._spill is not None and self._place is not None:
            self._spill.release(self._place, self.count * self.width * self.dtype.itemsize)


class Paged:
    """Rows of `width` numbers. Full pages go to `spill`, where there is one.

    Rows are written before the length is raised, and what a page holds is the same wherever it is, so that a
    reader in another thread sees only whole rows.
    """

    page = PAGE
    """Rows of a page: a multiple of COARSE."""

    def __init__(self, width: int, dtype: type[np.floating[Any]] = np.float32, spill: Spill | None = None):
        self.width, self.dtype, self.spill = width, dtype, spill
        self.length = 0
        self._longest = 0
        self._pages: list[Page] = []
        self._held: list[Page] = []
        """Full ones for which the file had no room."""
        self._open: Page | None = None
        self._rows: Rows = np.empty((0, width), dtype=dtype)
        """Of the page that is written."""

    @property
    def nbytes(self) -> int:
        """The bytes of memory that it takes, those included that it shares with others."""
        return sum(page.nbytes for page in self._pages)

    def extend(self, rows: Rows) -> None:
        """Add many rows."""
        at = 0
        while at < len(rows):
            place = self.length % self.page
            if place == 0:
                self._turn_to(self.length)
            count = min(self.page - place, len(rows) - at)
            self._rows[place : place + count] = rows[at : at + count]
            self.length += count
            at += count

    def go_to(self, length: int) -> None:
        """End after `length` rows, fewer or more of those that were ever written. Only while nobody else
        writes.
        """
        self._longest = max(self._longest, self.length)
        self._stand_at(min(length, self._longest))

    def read(self, start: int, stop: int, picked: Sequence[int] | None = None) -> Rows:
        """The rows from one up to another, of the `picked` columns (all): a copy, (rows, columns)."""
        return self._read(max(start, 0), min(stop, self.length), picked)

    def _read(self, start: int, stop: int, picked: Sequence[int] | None) -> Rows:
        """The same of all rows that were ever written."""
        result = np.empty((max(stop - start, 0), self.width if picked is None else len(picked)), self.dtype)
        at = start
        while at < stop:
            number, place = divmod(at, self.page)
            count = min(self.page - place, stop - at)
            rows = self._pages[number].read(place, place + count)
            result[at - start : at - start + count] = rows if picked is None else rows[:, picked]
            at += count
        return result

    def _turn_to(self, length: int) -> None:
        """The page that row number `length` goes to is the one that is written."""
        if length == len(self._pages) * self.page:
            self._pages.append(Page(np.empty((self.page, self.width), dtype=self.dtype)))
        left, self._open = self._open, self._pages[length // self.page]
        self._rows = self._open.open()
        if left is not None and left is not self._open:
            self._put_away(left)

    def _put_away(self, page: Page) -> None:
        if self.spill is None or page.put_away(self.spill):
            return
        self._held = [kept for kept in self._held if kept.rows is not None and kept is not page]
        self._held.append(page)
        while sum(kept.nbytes for kept in self._held) > HELD:
            self._held.pop(0).thin()

    def _stand_at(self, length: int) -> None:
        self.length = length
        if length % self.page:
            self._turn_to(length)
