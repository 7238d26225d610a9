"""The array backend: where the engine's arrays come from, and the few calls in which array modules differ.

Everything a step touches is allocated by a `Backend` and computed by functions of its module `xp`: NumPy's,
or those of a module with the same names, CuPy's, on a graphics card. The functions are looked up when a tape
is made, so that the choice costs a step nothing. What is shown, kept or written leaves through `ops.host`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from deltaglow.engine.blas import Blas, numpys_own
from deltaglow.engine.ops import Array, ArrayModule, IntArray, Tape, host, op
from deltaglow.engine.scratch import Scratch

__all__ = ["HOST", "ArrayModule", "Backend"]


@dataclass(frozen=True, eq=False)
class Backend:
    """xp: the array module. dtype: the float type of parameters, gradients, optimisers and losses.
    precision: what the whole is called, a key of `engine.precision.PRECISIONS`. blas: what large products and
    updates are made with, if that is not left to the array module.
    """

    xp: ArrayModule = np
    dtype: npt.DTypeLike = np.float64
    precision: str = "float64"
    blas: Blas | None = None

    @property
    def on_host(self) -> bool:
        """Whether the arrays are NumPy's own."""
        return self.xp is np

    @property
    def half(self) -> bool:
        """Whether layers keep float16, see `engine.half`."""
        return False

    @property
    def storing(self) -> Backend:
        """The backend of what goes into the first layer."""
        return self

    @property
    def wider(self) -> Backend:
        """The backend that sums are made with."""
        return self

    @property
    def computing(self) -> dict[str, Any]:
        """What is added to a call whose operands must be widened before it computes."""
        return {}

    def lent(self, rows: int, widest: int) -> int:
        """How many numbers a piece of scratch memory should have room for."""
        return rows * widest

    def in_layers(self, scratch: Scratch) -> Backend:
        """The backend of what the layers of a network write in a step; they share `scratch`."""
        del scratch
        return self

    def rounding(self, theta: Array, rounded: Array) -> Tape:
        """The calls that write what the products of a step are made with, where that is not `theta`."""
        del theta, rounded
        return []

    def zeros(self, shape: int | tuple[int, ...]) -> Array:
        """Zeros of the float type."""
        made: Array = self.xp.zeros(shape, self.dtype)
        return made

    def ones(self, shape: int | tuple[int, ...]) -> Array:
        """Ones of the float type."""
        made: Array = self.xp.ones(shape, self.dtype)
        return made

    def full(self, shape: int | tuple[int, ...], value: float) -> Array:
        """One value of the float type, everywhere."""
        made: Array = self.xp.full(shape, value, self.dtype)
        return made

    def array(self, values: npt.ArrayLike) -> Array:
        """A copy of these numbers, which lie on the host or with the backend already, in the float type. What
        is too large for it becomes infinite, and stops the run where it is first met.
        """
        with np.errstate(over="ignore"):
            made: Array = self.xp.array(values, self.dtype, order="C")
        return made

    def integers(self, values: npt.ArrayLike) -> IntArray:
        """A copy of these whole numbers."""
        made: IntArray = self.xp.array(values, np.intp, order="C")
        return made

    def flags(self, shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
        """Truth values, all false."""
        made: npt.NDArray[np.bool_] = self.xp.zeros(shape, np.bool_)
        return made

    @property
    def unchecked(self) -> tuple[str, ...]:
        """What `take` is told after `out`, for indices that are known to be good: NumPy then looks less."""
        return ("clip",) if self.on_host else ()

    @property
    def by_column(self) -> bool:
        """Whether small arrays are better laid out column by column: see `columns`."""
        return self.on_host

    def columns(self, array: Array) -> Array:
        """The same numbers laid out column by column. Without its last column such an array is still one
        piece of memory, which NumPy's shortest loops take; row by row it has gaps.
        """
        if 0 in array.strides:
            return array
        made: Array = self.xp.asfortranarray(array)
        return made

    def put(self, target: Array, values: npt.ArrayLike) -> None:
        """Copy numbers from the host into `target`, now."""
        target[...] = values if self.on_host else self.xp.asarray(values, target.dtype)

    def product(self, a: Array, b: Array, out: Array, share: float = 1.0) -> Tape:
        """The matrix product a b into `out`, times `share`. On small matrices NumPy's own method is twice as
        quick as the ufunc, but it writes only into contiguous arrays.
        """
        if self.blas is not None and (call := self.blas.product(a, b, out, share)) is not None:
            return [call]
        scale = [] if share == 1.0 else [op(self.xp.multiply, out, share, out)]
        if self.on_host and out.flags.c_contiguous:
            return [op(a.dot, b, out), *scale]
        if self.on_host and out.flags.f_contiguous:
            return [op(b.T.dot, a.T, out.T), *scale]
        return [op(self.xp.matmul, a, b, out), *scale]

    def added(self, rate: Array, x: Array, y: Array, scratch: Array) -> Tape:
        """y ← y + `rate` · x, vectors all; `rate` (1,) can still change. scratch: at least as long as y."""
        if self.blas is not None and (call := self.blas.added(rate, x, y)) is not None:
            return [call]
        return [
            op(self.xp.multiply, x, self.spread(rate, len(x)), scratch[: len(x)]),
            op(self.xp.add, y, scratch[: len(x)], y),
        ]

    def column_sums(self, a: Array, out: Array, share: float = 1.0) -> Tape:
        """The sums down the first axis, times `share`."""
        return self.product(self.full(len(a), share), a, out)

    def bent(self, bend: Callable[..., Tape], scratch: Scratch, *arrays: Array) -> Tape:
        """`bend(xp, *arrays)`: the calls of a function that takes number by number and writes the last array;
        what they borrow comes from `scratch`.
        """
        return bend(scratch.borrow(), *arrays)

    def strided(self, array: Array, shape: tuple[int, ...], strides: tuple[int, ...]) -> Array:
        """The same memory seen with another shape; only to be read."""
        seen: Array = self.xp.lib.stride_tricks.as_strided(array, shape, strides)
        return seen

    def spread(self, value: Array, size: int) -> Array:
        """A one-element array seen as a vector: what is in it can still change, and NumPy's shortest loop
        takes it, which a scalar or a length of one does not get.
        """
        seen: Array = self.xp.broadcast_to(value, (size,))
        return seen

    def row_sums(self, a: Array, out: Array, keep: bool = False) -> Tape:
        """The sums along the last axis; `keep` that axis, with a length of one."""
        if self.on_host:
            return [op(np.add.reduce, a, -1, None, out, keep)]
        return [op(self.xp.sum, a, axis=-1, out=out, keepdims=keep)]

    def row_all(self, a: npt.NDArray[np.bool_], out: Array) -> Tape:
        """1.0 where all of a row is true, else 0.0."""
        if self.on_host:
            return [op(np.logical_and.reduce, a, -1, None, out)]
        return [op(_into, self.xp, out, self.xp.all, a, -1)]

    def row_products(self, a: Array, b: Array, out: Array) -> Tape:
        """The scalar product of each row of `a` with that of `b`; two vectors into an array without axes."""
        if self.on_host:
            return [op(np.vecdot, a, b, out)]
        return [op(_row_products, self.xp, a, b, out)]

    def drawn(self, draw: Callable[..., Any], out: Array) -> Tape:
        """Random numbers into `out`. draw: a method of a NumPy generator that fills a float64 array given as
        `out`: the same numbers whatever the backend.
        """
        if self.on_host and out.dtype == np.float64:
            return [op(draw, out=out)]
        staged = np.zeros(out.shape)
        return [op(draw, out=staged), op(self.put, out, staged)]

    def report(self, found: Array, to: npt.NDArray[np.float64]) -> Tape:
        """The calls that copy numbers to the host's array `to`."""
        return [op(np.copyto, to, found)] if self.on_host else [op(_report, found, to)]

    def shares_memory_with_host(self) -> bool:
        """Whether a step can write its scalars where the host reads them."""
        return self.on_host and self.dtype == np.float64


HOST = Backend(blas=numpys_own())
"""NumPy, float64."""


def _into(xp: ArrayModule, out: Array, function: Callable[..., Any], *arguments: Any) -> None:
    xp.copyto(out, function(*arguments))


def _row_products(xp: ArrayModule, a: Array, b: Array, out: Array) -> None:
    xp.sum(a * b, axis=-1, out=out)


def _report(found: Array, to: npt.NDArray[np.float64]) -> None:
    to[...] = host(found)
