"""A min/max pyramid: series that grow step by step, ready to be drawn at any width without losing a peak.

Level 0 holds every value; level k holds, of each block of FACTOR**k values, the least, the greatest, the sum
and how many are finite.
Appending costs a constant amount per value, cutting a view out of a million values reads a few thousand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deltaglow.session.paged import Paged
from deltaglow.session.spill import Spill

FACTOR = 32
_FIRST_CAPACITY = 1024
_BULK = 4096

Array = NDArray[np.float64]
Source = Callable[[int, int], NDArray[np.floating[Any]]]


@dataclass(frozen=True, slots=True)
class View:
    """What to draw: positions `x` (n,) in steps and, per column, values `y` (columns, n). NaN is a gap.

    When `per_bucket` is 1 these are the very values; otherwise each stretch of `per_bucket` steps gives two
    points, its least and its greatest value.
    """

    x: Array
    y: Array
    per_bucket: int


@dataclass(frozen=True, slots=True)
class _Blocks:
    """Of each block and column (columns, blocks): the least and the greatest value, the sum of those that are
    finite and their number.
    """

    low: Array
    high: Array
    total: Array
    count: Array

    @classmethod
    def of(cls, values: Array) -> _Blocks:
        """Every value as a block of its own."""
        finite = np.isfinite(values)
        return cls(values, values, np.where(finite, values, 0.0), finite.astype(np.float64))

    def summed(self, factor: int) -> _Blocks:
        """Each `factor` neighbouring blocks as one."""
        low, high, total, count = (
            each.reshape(each.shape[0], -1, factor) for each in (self.low, self.high, self.total, self.count)
        )
        return _Blocks(
            np.fmin.reduce(low, axis=2),
            np.fmax.reduce(high, axis=2),
            np.add.reduce(total, axis=2),
            np.add.reduce(count, axis=2),
        )

    def and_then(self, other: _Blocks) -> _Blocks:
        """These blocks, then others."""
        pairs = zip(self.parts, other.parts, strict=True)
        return _Blocks(*(np.concatenate(pair, axis=1) for pair in pairs))

    @property
    def parts(self) -> tuple[Array, Array, Array, Array]:
        """All four."""
        return self.low, self.high, self.total, self.count


class _Level(Paged):
    """Blocks one after the other, a row each: all that has grown long is in the file."""

    page = 1024

    def __init__(self, columns: int, spill: Spill | None) -> None:
        super().__init__(4 * columns, np.float64, spill)

    def renew(self, first: int, blocks: _Blocks) -> None:
        """From block number `first` on, these."""
        self.go_to(first)
        self.extend(np.concatenate(blocks.parts).T)

    def cut(self, first: int, last: int) -> _Blocks:
        """The blocks from one up to another."""
        rows = np.ascontiguousarray(self.read(first, last).T, dtype=np.float64)
        return _Blocks(*np.split(rows, 4))


class Pyramid:
    """`columns` series of equal length, indexed by step. Values that are not finite are kept as gaps.

    source: where the values are known, (n, columns) of the steps from one up to another; then they are asked
    for there. Without it the pyramid keeps them itself. spill: where the summaries go that have grown long.
    """

    def __init__(self, columns: int, source: Source | None = None, spill: Spill | None = None) -> None:
        self.columns = columns
        self._spill = spill
        self.source = source
        """May be replaced by one that has the same values."""
        self._length = 0
        self._values: Array = np.empty((columns, _FIRST_CAPACITY if source is None else 0))
        self._levels: list[_Level] = []

    def __len__(self) -> int:
        return self._length

    def append(self, rows: NDArray[np.floating[Any]]) -> None:
        """Adds `rows` (n, columns) after the last step."""
        count = rows.shape[0]
        if count == 0:
            return
        start, stop = self._length, self._length + count
        self._values = _grown(self._values, stop, start)
        block = self._values[:, start:stop]
        block[...] = rows.T
        block[~np.isfinite(block)] = np.nan
        self._length = stop
        self._summarise(start)

    def reach(self, length: int) -> None:
        """Takes in what its source has up to this many steps."""
        start, self._length = self._length, max(length, self._length)
        self._summarise(start)

    def truncate(self, length: int) -> None:
        """Forgets every step from `length` on."""
        self._length = min(self._length, max(length, 0))

    def values(self, start: int, stop: int) -> Array:
        """Every value of the steps from `start` up to `stop`, (columns, n), read-only."""
        start, stop = max(start, 0), min(stop, self._length)
        if self.source is None:
            cut = self._values[:, start:stop]
        else:
            # A run may have been taken back since the last look: what is gone is a gap until it is truncated.
            cut = np.full((self.columns, max(stop - start, 0)), np.nan)
            known = self.source(start, max(stop, start)).T
            cut[:, : known.shape[1]] = known
            cut[~np.isfinite(cut)] = np.nan
        cut.flags.writeable = False
        return cut

    def view(self, start: int, stop: int, buckets: int) -> View:
        """The steps from `start` up to `stop`, in at most about `buckets` stretches of equal length.

        Stretches begin at multiples of their length, so that a curve does not shimmer while it grows.
        """
        start, stop = max(start, 0), min(stop, self._length)
        buckets = max(buckets, 1)
        count = stop - start
        if count <= 2 * buckets:
            return View(np.arange(start, max(stop, start), dtype=float), self.values(start, stop).copy(), 1)
        size, low, high, _ = self._summary(start, stop, buckets)
        first = start // size
        x = np.empty(2 * low.shape[1])
        x[0::2] = np.arange(first, first + low.shape[1], dtype=float) * size
        x[1::2] = x[0::2] + size / 2
        y = np.empty((self.columns, x.size))
        y[:, 0::2], y[:, 1::2] = low, high
        return View(x, y, size)

    def means(self, start: int, stop: int, buckets: int) -> View:
        """The mean of the finite values in each of at most about `buckets` stretches, at their middles."""
        start, stop = max(start, 0), min(stop, self._length)
        if stop - start <= max(buckets, 1):
            return self.view(start, stop, stop - start)
        size, _, _, mean = self._summary(start, stop, max(buckets, 1))
        first = start // size
        x = (np.arange(first, first + mean.shape[1], dtype=float) + 0.5) * size
        x[-1] = min(x[-1], stop - 1)
        return View(x, mean, size)

    def extremes(self, start: int, stop: int) -> tuple[Array, Array]:
        """The least and greatest finite value of each column in the steps from `start` up to `stop`."""
        seen = self.view(start, stop, 64).y
        if seen.shape[1] == 0:
            gaps = np.full(self.columns, np.nan)
            return gaps, gaps
        return np.fmin.reduce(seen, axis=1), np.fmax.reduce(seen, axis=1)

    def _summary(self, start: int, stop: int, buckets: int) -> tuple[int, Array, Array, Array]:
        """(steps in a stretch, least, greatest, mean of each stretch) of a span that is not empty."""
        size = -(-(stop - start) // buckets)
        level, unit = 0, 1
        while unit * FACTOR <= size and level < len(self._levels):
            level, unit = level + 1, unit * FACTOR
        size = -(-size // unit) * unit
        first, full = start // size * (size // unit), stop // unit
        tail = self.values(full * unit, stop)
        blocks = self._blocks(level, first, full)
        if tail.shape[1]:
            blocks = blocks.and_then(_Blocks.of(tail).summed(tail.shape[1]))
        low, high, total, count = blocks.parts
        cuts = np.arange(0, low.shape[1], size // unit)
        sums, counts = np.add.reduceat(total, cuts, axis=1), np.add.reduceat(count, cuts, axis=1)
        mean = np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)
        return size, np.fmin.reduceat(low, cuts, axis=1), np.fmax.reduceat(high, cuts, axis=1), mean

    def _blocks(self, level: int, first: int, last: int) -> _Blocks:
        """The blocks of a level from one up to another; of level 0 those are the values."""
        return self._levels[level - 1].cut(first, last) if level else _Blocks.of(self.values(first, last))

    def _summarise(self, start: int) -> None:
        """Brings every level up to date with the values from step `start` on."""
        below, level = self._length, 0
        while below >= FACTOR:
            first, last = start // FACTOR, below // FACTOR
            if level == len(self._levels):
                self._levels.append(_Level(self.columns, self._spill))
            if last > first:
                found = self._blocks(level, first * FACTOR, last * FACTOR).summed(FACTOR)
                self._levels[level].renew(first, found)
            start, below, level = first, last, level + 1


def bulk(pyramids: Sequence[Pyramid]) -> Array:
    """Between which numbers the middle nine tenths of all finite ones lie (2,): outliers are left out, as by
    TensorBoard. Of very long series those of the means of short stretches. Empty where there are none.
    """
    seen = [each.means(0, len(each), _BULK).y.ravel() for each in pyramids if len(each)]
    found: Array = np.concatenate([np.empty(0), *seen])
    found = found[np.isfinite(found)]
    return np.percentile(found, [5.0, 95.0]) if found.size else found


def _grown(array: Array, needed: int, used: int) -> Array:
    """`array` (columns, capacity) with room for `needed` values, its first `used` ones kept."""
    capacity = array.shape[1]
    if needed <= capacity:
        return array
    while capacity < needed:
        capacity *= 2
    bigger = np.empty((array.shape[0], capacity))
    bigger[:, :used] = array[:, :used]
    return bigger
