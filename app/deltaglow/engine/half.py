"""Mixed precision: what a layer says and hears is kept in float16, all sums are made in float32.

Micikevicius et al. 2018, "Mixed precision training" (arXiv:1710.03740): parameters, their gradients and the
optimiser are float32 (the "master" weights); a step rounds the weights to float16, keeps activations and
errors in float16, and adds up the products of float16 numbers in float32, as graphics cards do. The loss and
softmax are float32 throughout. Errors are multiplied by a loss scale on their way (`engine.loss_scale`).

NumPy adds float16 numbers up in float16, one after the other, and BLAS knows none. So a matrix product, and
a function of activations, widens its operands piece by piece into scratch memory, works in float32 there, and
rounds what it found once. Widening is exact.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from deltaglow.engine.backend import Backend
from deltaglow.engine.ops import Array, ArrayModule, Tape, op
from deltaglow.engine.scratch import Scratch

PIECES = 8
"""Into how many pieces a batch falls on its way through the widest layer."""
LEAST = 256
"""Numbers that a piece of scratch memory has room for at least."""
ROUNDED = 65536
"""Parameters rounded at a time."""


def _narrow(xp: ArrayModule, narrow: Array, wide: Array) -> Tape:
    """`wide` rounded into `narrow`."""
    return [op(xp.copyto, narrow, wide, casting="same_kind")]


@dataclass(frozen=True, eq=False)
class MixedBackend(Backend):
    """The backend of a network in mixed precision: float32 for all that is not a layer's."""

    dtype: npt.DTypeLike = np.float32
    precision: str = "mixed"

    @property
    def half(self) -> bool:
        return True

    @property
    def by_column(self) -> bool:
        return False

    @property
    def storing(self) -> Backend:
        return Backend(self.xp, np.float16, self.precision)

    def lent(self, rows: int, widest: int) -> int:
        """Half of what is widened at a time, since scratch memory counts in float64."""
        return max(LEAST, -(-rows // PIECES) * (widest + 1)) // 2 + 1

    def in_layers(self, scratch: Scratch) -> HalfBackend:
        return HalfBackend(self.xp, scratch=scratch, wide=self)

    def rounding(self, theta: Array, rounded: Array) -> Tape:
        """The calls that round parameters to float16; `rounded` holds float16's numbers in float32."""
        short = self.storing.zeros(min(len(theta), ROUNDED))
        tape: Tape = []
        for start in range(0, len(theta), ROUNDED):
            part, into = theta[start : start + ROUNDED], rounded[start : start + ROUNDED]
            tape += _narrow(self.xp, short[: len(part)], part)
            tape.append(op(self.xp.copyto, into, short[: len(part)]))
        return tape


@dataclass(frozen=True, eq=False)
class HalfBackend(Backend):
    """The backend of the layers of a network in mixed precision: float16 arrays.

    scratch: room to widen numbers in. wide: the network's backend, float32.
    """

    dtype: npt.DTypeLike = np.float16
    precision: str = "mixed"
    scratch: Scratch = field(kw_only=True)
    wide: Backend = field(kw_only=True)

    @property
    def half(self) -> bool:
        return True

    @property
    def wider(self) -> Backend:
        return self.wide

    @property
    def computing(self) -> dict[str, Any]:
        return {"dtype": np.float32}

    def product(self, a: Array, b: Array, out: Array, share: float = 1.0) -> Tape:
        """The matrix product: of float16 numbers, added up in float32."""
        make = self._rows if out.dtype == np.float16 else self._sums
        return make(a, b, out, share)

    def column_sums(self, a: Array, out: Array, share: float = 1.0) -> Tape:
        """In float32, whatever `a` is."""
        tape: Tape = [op(self.xp.sum, a, axis=0, dtype=np.float32, out=out)]
        return tape if share == 1.0 else [*tape, op(self.xp.multiply, out, share, out)]

    def bent(self, bend: Callable[..., Tape], scratch: Scratch, *arrays: Array) -> Tape:
        """In float32, of float16's numbers, and rounded once."""
        tape: Tape = []
        out = arrays[-1]
        for part in self._parts(len(out), prod(out.shape[1:])):
            room = scratch.borrow()
            wide = [room.empty(array[part].shape, np.float32) for array in arrays]
            tape += [
                op(self.xp.copyto, into, array[part]) for into, array in zip(wide, arrays[:-1], strict=False)
            ]
            tape += [*bend(room, *wide), *_narrow(self.xp, out[part], wide[-1])]
        return tape

    def _parts(self, length: int, width: int) -> list[slice]:
        """Pieces of an array of so many rows, such that one fits into scratch memory."""
        rows = max(1, self.scratch.numbers * 2 // max(width, 1))
        return [slice(start, min(start + rows, length)) for start in range(0, length, rows)]

    def _rows(self, a: Array, b: Array, out: Array, share: float) -> Tape:
        """a (rows, n) in float16, b (n, m) in float32, out (rows, m) in float16."""
        tape: Tape = []
        for part in self._parts(len(a), max(a.shape[1], b.shape[1])):
            room = self.scratch.borrow()
            wide, found = (room.empty(shape, np.float32) for shape in (a[part].shape, out[part].shape))
            tape += [
                op(self.xp.copyto, wide, a[part]),
                *self.wide.product(wide, b, found, share),
                *_narrow(self.xp, out[part], found),
            ]
        return tape

    def _sums(self, a: Array, b: Array, out: Array, share: float) -> Tape:
        """a (n, rows), b (rows, m) in float16, out (n, m) in float32: tile by tile, each sum in one go."""
        tape: Tape = []
        downs, acrosses = (self._parts(length, len(b)) for length in out.shape)
        for across in acrosses:
            room = self.scratch.borrow()
            wide_b = room.empty(b[:, across].shape, np.float32)
            wide_a = room.empty(a[downs[0]].T.shape, np.float32)
            tape.append(op(self.xp.copyto, wide_b, b[:, across]))
            for down in downs:
                piece = wide_a[:, : down.stop - down.start]
                tape.append(op(self.xp.copyto, piece, a[down].T))
                tape += self.wide.product(piece.T, wide_b, out[down, across], share)
        return tape
