"""A step is a tape: a list of NumPy calls bound, once, to arrays that live as long as the run.

Building the calls when the network is built leaves nothing to do in a step but to make them: no allocation,
no attribute look-ups, no view creation. The length of the tape is the number of NumPy calls a step costs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
Op = Callable[[], Any]
Tape = list[Op]


SMALL = 8192
"""Numbers up to which a call costs more than the work in it."""
CHUNK = 8192
"""Numbers that stay in a processor's nearest memory from one call to the next."""


def op(function: Callable[..., Any], *arguments: Any, **named: Any) -> Op:
    """The call `function(*arguments, **named)`, to be made later. A ufunc's last argument is its output."""
    return partial(function, *arguments, **named)


def product(a: Array, b: Array, out: Array) -> Op:
    """The matrix product a b into `out`, later. On small matrices an array's own method is twice as quick as
    the ufunc, but it writes only into contiguous arrays.
    """
    return op(a.dot, b, out) if out.flags.c_contiguous else op(np.matmul, a, b, out)


def spread(value: Array, size: int) -> Array:
    """A one-element array seen as a vector: what is in it can still change, and NumPy's shortest loop takes
    it, which a scalar or a length of one does not get.
    """
    return np.broadcast_to(value, (size,))


def run(tape: Iterable[Op]) -> None:
    """Make every call on the tape, in order."""
    for call in tape:
        call()


def frozen(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A read-only, C-ordered copy: what may leave the engine."""
    copy = np.array(array, order="C", copy=True)
    copy.flags.writeable = False
    return copy
