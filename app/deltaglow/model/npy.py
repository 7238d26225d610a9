"""NumPy's .npy files, read with suspicion: the header is matched, never evaluated, and believed only in part.

Format: NumPy Enhancement Proposal 1, https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

from __future__ import annotations

import math
import re
from typing import IO, NamedTuple

import numpy as np
import numpy.typing as npt

from deltaglow.model.errors import ProjectError, printable
from deltaglow.model.rules import MAX_DATA_NUMBERS, MAX_PARAMETERS, RULES

_MAX_HEADER = 4096
_HEADER = re.compile(
    r"\{'descr': (?P<descr>.{1,500}), 'fortran_order': (?P<order>True|False), "
    r"'shape': \((?P<shape>(?:[0-9]{1,12}, ?)*[0-9]{0,12})\), ?\} *\n"
)
_REAL = re.compile(r"'((?:[<>|=])(?:f[248]|[iu][1248]|b1))'")


class _Header(NamedTuple):
    shape: tuple[int, ...]
    columns_first: bool
    descr: str
    start: int


def numbers(
    content: IO[bytes], size: int, shape: tuple[int | None, ...], where: str, entry: str
) -> npt.NDArray[np.float64]:
    """The real numbers (or truth values) in a .npy file of `size` bytes and exactly this shape (None: any
    length). No more than its header is read unless that fits.

    Raises ProjectError, saying what is wrong with `entry`, the file that the document names at `where`.
    """
    header = _header(content)
    if header is None:
        raise ProjectError(where, f"{entry} is not a NumPy array file of version 1 or 2")
    real = _REAL.fullmatch(header.descr)
    if real is None:
        raise ProjectError(where, f"{entry} holds {printable(header.descr, 30)}, must hold 64-bit floats")
    _check_shape(header.shape, shape, where, entry)
    dtype = np.dtype(real[1])
    given, expected = size - header.start, math.prod(header.shape) * dtype.itemsize
    data = content.read(expected + 1) if given == expected else b""
    if len(data) != expected:
        raise ProjectError(where, f"{entry} has {given} bytes of numbers, must have {expected}")
    flat = np.frombuffer(data, dtype=dtype)
    array = flat.reshape(header.shape[::-1]).T if header.columns_first else flat.reshape(header.shape)
    return np.array(array, dtype=np.float64, order="C")


def _header(content: IO[bytes]) -> _Header | None:
    """What the file says of itself, or None when it does not say it as NumPy does."""
    width = {b"\x93NUMPY\x01\x00": 2, b"\x93NUMPY\x02\x00": 4}.get(content.read(8))
    if width is None:
        return None
    length = int.from_bytes(content.read(width), "little")
    text = content.read(length) if length <= _MAX_HEADER else b""
    if not text or len(text) < length:
        return None
    match = _HEADER.fullmatch(text.decode("latin-1"))
    if match is None:
        return None
    shape = tuple(int(n) for n in match["shape"].split(",") if n.strip())
    return _Header(shape, match["order"] == "True", match["descr"], 8 + width + length)


def _check_shape(found: tuple[int, ...], expected: tuple[int | None, ...], where: str, entry: str) -> None:
    fits = len(found) == len(expected) and all(b in (None, a) for a, b in zip(found, expected, strict=True))
    if not fits:
        given = printable(" × ".join(map(str, found)), 60) or "a single number"
        wanted = " × ".join("any" if n is None else str(n) for n in expected)
        raise ProjectError(where, f"{entry} is {given}, must be {wanted}")
    limit = int(RULES["samples"].maximum or 0)
    if expected[0] is None and not 1 <= found[0] <= limit:
        raise ProjectError(where, f"{entry} has {found[0]} rows, must have from 1 to {limit}")
    if math.prod(found) > max(MAX_PARAMETERS, MAX_DATA_NUMBERS):
        raise ProjectError(where, f"{entry} holds {math.prod(found):,} numbers, more than any project has")
