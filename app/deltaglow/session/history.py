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
        self._chunks: list[npt.NDArray[np.float32]] = []

    def append(self, row: npt.NDArray[np.float64]) -> None:
        """Add the scalars of the next step, in the order of `names`; beyond float32 they become infinite.

        Called with NumPy's overflow warnings off.
        """
        place = self.length % CHUNK
        if place == 0 and self.length == len(self._chunks) * CHUNK:
            self._chunks.append(np.empty((CHUNK, len(self.names)), dtype=np.float32))
        self._chunks[self.length // CHUNK][place] = row
        self.length += 1

    def truncate(self, length: int) -> None:
        """Forget the rows from `length` on. Only while nobody appends."""
        self.length = min(self.length, length)
        del self._chunks[-(-self.length // CHUNK) :]

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
