"""Writes a plot's numbers to a file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from math import isnan
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def write_csv(target: Path, columns: Sequence[str], rows: NDArray[np.float64]) -> None:
    """Writes `rows` (n, columns) with a leading step number to `target`, atomically and at full precision.
    A NaN, which is a number that was not taken or is not finite, leaves its place empty.

    Raises OSError when the file cannot be written; what stood there before is then still there.
    """
    draft = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with draft.open("w", encoding="utf-8", newline="\n") as file:
            file.write(",".join(["step", *(f'"{name}"' for name in columns)]) + "\n")
            for step, row in enumerate(rows.tolist()):
                written = ("" if isnan(number) else repr(number) for number in row)
                file.write(",".join([str(step), *written]) + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
