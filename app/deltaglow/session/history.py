"""The scalars of every step, append-only: written by the worker, read by the window, without a lock."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from deltaglow.session.pace import Pace
from deltaglow.session.paged import PAGE, Page, Paged
from deltaglow.session.spill import Spill


class History(Paged):
    """One row per completed step: row number = step number.

    Stored as float32: six digits are more than a plot shows. spill: where full pages of it go.
    """

    def __init__(self, names: Sequence[str], spill: Spill | None = None) -> None:
        super().__init__(len(names), np.float32, spill)
        self.names = tuple(names)
        self.pace = Pace()
        """When its steps were made."""

    @classmethod
    def unknown(cls, names: Sequence[str], length: int, spill: Spill | None = None) -> History:
        """A history whose first `length` rows nobody kept: they are NaN, and take no room."""
        made = cls(names, spill)
        blank = Page(np.broadcast_to(np.float32(np.nan), (PAGE, len(names))))
        whole, rest = divmod(length, PAGE)
        made._pages = [blank] * whole
        made.length = whole * PAGE
        made.extend(np.full((rest, len(names)), np.nan, dtype=np.float32))
        return made

    @classmethod
    def of(
        cls,
        names: Sequence[str],
        known: Sequence[str],
        rows: npt.NDArray[np.float32],
        spill: Spill | None = None,
    ) -> History:
        """A history whose first rows are these, of the columns `known`; NaN in others that it has."""
        made = cls(names, spill)
        made._take(known, rows)
        return made

    def append(self, row: npt.NDArray[np.float64]) -> None:
        """Add the scalars of the next step, in the order of `names`; beyond float32 they become infinite.

        Called with NumPy's overflow warnings off.
        """
        length = self.length
        place = length % PAGE
        if place == 0:
            self._turn_to(length)
        self._rows[place] = row
        self.length = length + 1

    def branch(self, length: int, names: Sequence[str]) -> History:
        """A history that begins with the first `length` rows that were ever written of this one; columns
        that are new are NaN there. Full pages are shared where the names are the same.
        """
        made = History(names, self.spill)
        made.pace = self.pace.branch(length)
        whole = length // PAGE if made.names == self.names else 0
        made._pages = self._pages[:whole]
        made.length = whole * PAGE
        known = [name for name in made.names if name in self.names]
        sources = [self.names.index(name) for name in known]
        for start in range(made.length, length, PAGE):
            made._take(known, self._read(start, min(start + PAGE, length), sources))
        return made

    def common(self, other: History) -> int:
        """How many rows are known to be the same in another history."""
        if other is self:
            return min(self.length, other.length)
        same = 0
        for mine, theirs in zip(self._pages, other._pages, strict=False):
            if mine is not theirs:
                break
            same += PAGE
        return min(same, self.length, other.length)

    def columns(
        self, names: Sequence[str], start: int = 0, stop: int | None = None
    ) -> npt.NDArray[np.float32]:
        """The rows from `start` to `stop` (all there are), of the named columns: a copy of shape (rows,
        names).
        """
        stop = self.length if stop is None else stop
        return self.read(start, stop, [self.names.index(name) for name in names])

    def _take(self, known: Sequence[str], rows: npt.NDArray[np.float32]) -> None:
        """Add rows of the columns `known`."""
        there = [name for name in self.names if name in known]
        places, sources = [self.names.index(name) for name in there], [known.index(name) for name in there]
        for start in range(0, len(rows), PAGE):
            part = rows[start : start + PAGE]
            made = np.full((len(part), len(self.names)), np.nan, dtype=np.float32)
            made[:, places] = part[:, sources]
            self.extend(made)
