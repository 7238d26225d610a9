"""CBLAS, called directly: for what NumPy does not pass on, and for a library other than NumPy's.

NumPy's products have no factor, so a share of a gradient costs a pass of its own, and y ← y + α x costs two,
and a temporary. BLAS has both, and NumPy's wheels bring one along (`numpys_own`). Intel's MKL makes large
products in less time on Intel's processors; it is taken where the device "mkl" is asked for (see
`engine.precision`), from the optional extra of that name.

A call is bound to its arrays when a tape is made, and lets go of the interpreter while it runs. All libraries
compute with one thread (`engine.team` shares large layers out), and find the same bits for the same numbers,
wherever these lie: OpenBLAS by the way it works, MKL since it is told to (its "conditional numerical
reproducibility"; otherwise the last digit may depend on addresses, and so a replay on fresh arrays).
"""

from __future__ import annotations

import ctypes
import site
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from deltaglow.engine.ops import Array, Op

_ROWS, _AS_IT_IS, _TRANSPOSED = 101, 111, 112
"""CBLAS's names for row-major order and for the two ways to take a factor."""
_TYPES = {np.dtype(np.float64): ("d", ctypes.c_double), np.dtype(np.float32): ("s", ctypes.c_float)}
_SEQUENTIAL, _REPRODUCIBLE = 1, 2
"""MKL_THREADING_SEQUENTIAL and MKL_CBWR_AUTO."""
MKL_WORTH = 2**19
"""Multiplications from which MKL makes a product in less time than NumPy, the call included."""


@dataclass(frozen=True)
class Call:
    """A call on a tape of a function that was given addresses: it keeps the arrays that lie there."""

    function: Callable[[], Any]
    arrays: tuple[Array, ...]

    def __call__(self) -> None:
        self.function()


@dataclass(frozen=True)
class Blas:
    """A library with CBLAS's functions. symbol: how it names them, `{}` being "dgemm" and the like; integer:
    its type of sizes; worth: multiplications from which a product is better made by it than by NumPy, inf if
    NumPy calls the same library.
    """

    name: str
    library: ctypes.CDLL
    symbol: str
    integer: type[ctypes.c_int | ctypes.c_int64]
    worth: float = inf

    def product(self, a: Array, b: Array, out: Array, share: float = 1.0) -> Op | None:
        """The call that writes share · a b into `out`; None where NumPy is the better choice, or the only
        one: for other types, and for arrays with gaps between the numbers of both rows and columns.
        """
        work = a.size * out.shape[-1]
        if not work or (share == 1.0 and work < self.worth):
            return None
        if not a.ndim == b.ndim == out.ndim == 2 or not _one_type(a, b, out):
            return None
        if not _by_row(out):
            return self.product(b.T, a.T, out.T, share) if _by_row(out.T) else None
        left, right = _taken(a), _taken(b)
        if left is None or right is None:
            return None
        kind, real = _TYPES[out.dtype]
        sizes = (self.integer(size) for size in (*out.shape, len(b)))
        call = partial(
            self._function(kind + "gemm"),
            *(_ROWS, left[0], right[0], *sizes, real(share)),
            *(*self._matrix(a, left[1]), *self._matrix(b, right[1])),
            *(real(0.0), *self._matrix(out, _gap(out))),
        )
        return Call(call, (a, b, out))

    def added(self, factor: Array, x: Array, y: Array) -> Op | None:
        """The call of y ← y + factor · x, with each number rounded once or twice, as the library has it;
        factor (1,) is read when the call is made. None as with `product`, and for x and y with gaps.
        """
        if not _one_type(factor, x, y) or not x.flags.c_contiguous or not y.flags.c_contiguous:
            return None
        kind, real = _TYPES[y.dtype]
        one = self.integer(1)
        live = real.from_buffer(factor)  # type: ignore[arg-type]
        function = self._function(kind + "axpy")
        call = partial(function, self.integer(y.size), live, _address(x), one, _address(y), one)
        return Call(call, (factor, x, y))

    def _function(self, name: str) -> Any:
        found = getattr(self.library, self.symbol.format(name))
        found.restype = None
        return found

    def _matrix(self, array: Array, gap: int) -> tuple[ctypes.c_void_p, ctypes.c_int | ctypes.c_int64]:
        return _address(array), self.integer(gap)


@cache
def numpys_own() -> Blas | None:
    """The OpenBLAS of NumPy's wheels; None where NumPy was built with another BLAS."""
    package = Path(np.__file__).parent
    found = sorted((package.parent / "numpy.libs").glob("libscipy_openblas64_*.so*"))
    try:
        library = ctypes.CDLL(str(found[0])) if found else None
    except OSError:
        return None
    return None if library is None else Blas("OpenBLAS", library, "scipy_cblas_{}64_", ctypes.c_int64)


@cache
def mkl() -> Blas | None:
    """Intel's MKL, set to one thread and to the same bits for the same numbers; None where it is not
    installed. Raises OSError if it is and does not load, ValueError if it would not be set.
    """
    homes = [Path(home) / "lib" for home in (sys.prefix, site.getuserbase())]
    found = [path for home in homes for path in sorted(home.glob("libmkl_rt.so*"))]
    if not found:
        return None
    library = ctypes.CDLL(str(found[0]))
    library.MKL_Set_Threading_Layer(_SEQUENTIAL)
    if library.MKL_CBWR_Set(_REPRODUCIBLE):
        raise ValueError("MKL was used before it could be set to repeat its results")
    return Blas("MKL", library, "cblas_{}", ctypes.c_int, MKL_WORTH)


def _one_type(*arrays: npt.NDArray[Any]) -> bool:
    kinds = {array.dtype for array in arrays}
    return len(kinds) == 1 and kinds <= _TYPES.keys()


def _gap(matrix: Array) -> int:
    """How many numbers lie between the beginnings of two rows."""
    return matrix.strides[0] // matrix.itemsize


def _by_row(matrix: Array) -> bool:
    """Whether rows lie one behind the other, each in one piece."""
    step = matrix.itemsize
    down, across = matrix.strides
    return across == step and down >= matrix.shape[1] * step and not down % step


def _taken(matrix: Array) -> tuple[int, int] | None:
    """How a factor is to be taken, and the gap between its rows, or columns; None if it cannot be."""
    if _by_row(matrix):
        return _AS_IT_IS, _gap(matrix)
    return (_TRANSPOSED, _gap(matrix.T)) if _by_row(matrix.T) else None


def _address(array: Array) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)
