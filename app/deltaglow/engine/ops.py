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
"""Numbers as the engine computes with them: of this type in all that leaves it, and within it unless a
`Backend` of another float type or array module is asked for.
"""
ArrayModule = Any
"""NumPy, or a module whose arrays and functions go by the same names."""
IntArray = npt.NDArray[np.intp]
Op = Callable[[], Any]
Tape = list[Op]


SMALL = 8192
"""Numbers up to which a call costs more than the work in it."""
CHUNK = 2**16
"""Numbers that stay in a processor's nearer memory from one call to the next."""


def op(function: Callable[..., Any], *arguments: Any, **named: Any) -> Op:
    """The call `function(*arguments, **named)`, to be made later. A ufunc's last argument is its output."""
    return partial(function, *arguments, **named)


def in_line(*arrays: Array) -> tuple[Array, ...]:
    """The arrays, all of one shape, as vectors of the same memory if each is one piece of it, laid out alike;
    else as they are. For element by element work a vector is the quickest to go through.
    """
    if all(array.flags.c_contiguous for array in arrays):
        return tuple(array.reshape(-1) for array in arrays)
    if all(array.flags.f_contiguous for array in arrays):
        return tuple(array.T.reshape(-1) for array in arrays)
    return arrays


def run(tape: Iterable[Op]) -> None:
    """Make every call on the tape, in order."""
    for call in tape:
        call()


def host(array: Any) -> npt.NDArray[Any]:
    """The array itself if it is NumPy's, else a copy of it in NumPy's memory."""
    if isinstance(array, np.ndarray):
        return array
    found: npt.NDArray[Any] = array.get()
    return found


def kept(array: Any) -> npt.NDArray[Any]:
    """A read-only, C-ordered copy in NumPy's memory."""
    copy = np.array(host(array), order="C", copy=True)
    copy.flags.writeable = False
    return copy


def frozen(array: Any) -> npt.NDArray[Any]:
    """A read-only copy in NumPy's memory, without gaps, laid out as it was; of shorter floats in float64,
    which changes none of them: what is shown and explained, so that sums and products made of it do not
    round once more.
    """
    found = host(array)
    if found.dtype.kind == "f" and found.dtype != np.float64:
        copy: npt.NDArray[Any] = found.astype(np.float64)
    else:
        copy = found.copy("K")
    copy.setflags(write=False)
    return copy
