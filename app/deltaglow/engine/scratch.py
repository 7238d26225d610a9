"""Scratch memory: for numbers that are done with before the next layer's calls. All layers share it."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from deltaglow.engine.ops import Array, ArrayModule


class Scratch:
    """Lends memory to the tapes of layers, of which one runs at a time.

    numbers: how many float64 a piece has room for at least.
    """

    def __init__(self, xp: ArrayModule, numbers: int) -> None:
        self._xp = xp
        self.numbers = numbers
        self._bytes = 8 * numbers
        self._pieces: list[Any] = []

    def borrow(self) -> ArrayModule:
        """The array module, but its `empty` and `empty_like` give memory that is lent: different arrays as
        long as this one object is asked, the same memory again after the next `borrow`.
        """
        return _Lender(self, self._xp)

    def piece(self, number: int, shape: tuple[int, ...], dtype: npt.DTypeLike) -> Array:
        """Piece `number` as an array; what it holds is undefined."""
        size = prod(shape) * np.dtype(dtype).itemsize
        if number == len(self._pieces):
            self._pieces.append(self._xp.empty(max(size, self._bytes), np.uint8))
        elif size > self._pieces[number].nbytes:
            self._pieces[number] = self._xp.empty(size, np.uint8)
        lent: Array = self._pieces[number][:size].view(dtype).reshape(shape)
        return lent


class _Lender:
    def __init__(self, scratch: Scratch, xp: ArrayModule) -> None:
        self._scratch, self._xp = scratch, xp
        self._lent = 0

    def empty(self, shape: int | tuple[int, ...], dtype: npt.DTypeLike = np.float64) -> Array:
        lent = self._scratch.piece(self._lent, (shape,) if isinstance(shape, int) else shape, dtype)
        self._lent += 1
        return lent

    def empty_like(self, array: Array) -> Array:
        return self.empty(array.shape, array.dtype)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._xp, name)
