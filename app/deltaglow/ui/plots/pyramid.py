"""A min/max pyramid: series that grow step by step, ready to be drawn at any width without losing a peak.

Level 0 holds every value; level k holds the least and the greatest of each block of FACTOR**k values.
Appending costs a constant amount per value, cutting a view out of a million values reads a few thousand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FACTOR = 8
_FIRST_CAPACITY = 1024

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class View:
    """What to draw: positions `x` (n,) in steps and, per column, values `y` (columns, n). NaN is a gap.

    When `per_bucket` is 1 these are the very values; otherwise each stretch of `per_bucket` steps gives two
    points, its least and its greatest value.
    """

    x: Array
    y: Array
    per_bucket: int


class Pyramid:
    """`columns` series of equal length, indexed by step. Values that are not finite are kept as gaps."""

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self._length = 0
        self._values: Array = np.empty((columns, _FIRST_CAPACITY))
        self._low: list[Array] = []
        self._high: list[Array] = []

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

    def truncate(self, length: int) -> None:
        """Forgets every step from `length` on."""
        self._length = min(self._length, max(length, 0))

    def values(self, start: int, stop: int) -> Array:
        """Every value of the steps from `start` up to `stop`, (columns, n), as a read-only view."""
        cut = self._values[:, max(start, 0) : min(stop, self._length)]
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
        size = -(-count // buckets)
        level, unit = 0, 1
        while unit * FACTOR <= size and level < len(self._low):
            level, unit = level + 1, unit * FACTOR
        size = -(-size // unit) * unit
        first, last = start // size, -(-stop // size)
        edges = np.arange(first, last) * (size // unit)
        low, high = self._stretches(level, unit, edges, stop)
        x = np.repeat(np.arange(first, last, dtype=float) * size, 2)
        x[1::2] += size / 2
        y = np.empty((self.columns, 2 * len(edges)))
        y[:, 0::2], y[:, 1::2] = low, high
        return View(x, y, size)

    def extremes(self, start: int, stop: int) -> tuple[Array, Array]:
        """The least and greatest finite value of each column in the steps from `start` up to `stop`."""
        seen = self.view(start, stop, 64).y
        if seen.shape[1] == 0:
            gaps = np.full(self.columns, np.nan)
            return gaps, gaps
        return np.fmin.reduce(seen, axis=1), np.fmax.reduce(seen, axis=1)

    def _stretches(self, level: int, unit: int, edges: NDArray[np.int64], stop: int) -> tuple[Array, Array]:
        """Least and greatest value between the `edges` (in blocks of `level`) up to step `stop`."""
        full = stop // unit
        offset = int(edges[0])
        low_source = self._low[level - 1] if level else self._values
        high_source = self._high[level - 1] if level else self._values
        low, high = low_source[:, offset:full], high_source[:, offset:full]
        tail = self._values[:, full * unit : stop]
        if tail.shape[1]:
            low = np.concatenate([low, np.fmin.reduce(tail, axis=1)[:, None]], axis=1)
            high = np.concatenate([high, np.fmax.reduce(tail, axis=1)[:, None]], axis=1)
        cuts = edges - offset
        return np.fmin.reduceat(low, cuts, axis=1), np.fmax.reduceat(high, cuts, axis=1)

    def _summarise(self, start: int) -> None:
        """Brings every level up to date with the values from step `start` on."""
        low = high = self._values
        below, level = self._length, 0
        while below >= FACTOR:
            first = start // FACTOR
            last = below // FACTOR
            if level == len(self._low):
                self._low.append(np.empty((self.columns, _FIRST_CAPACITY)))
                self._high.append(np.empty((self.columns, _FIRST_CAPACITY)))
            self._low[level] = _grown(self._low[level], last, first)
            self._high[level] = _grown(self._high[level], last, first)
            if last > first:
                span = slice(first * FACTOR, last * FACTOR)
                shape = (self.columns, last - first, FACTOR)
                np.fmin.reduce(low[:, span].reshape(shape), axis=2, out=self._low[level][:, first:last])
                np.fmax.reduce(high[:, span].reshape(shape), axis=2, out=self._high[level][:, first:last])
            low, high = self._low[level], self._high[level]
            start, below, level = first, last, level + 1


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
