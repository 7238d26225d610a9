"""Float types and devices that a run can be made on, and the backend for each."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from deltaglow.engine.backend import HOST, ArrayModule, Backend
from deltaglow.engine.blas import Blas, mkl, numpys_own
from deltaglow.engine.half import MixedBackend


@dataclass(frozen=True)
class Precision:
    """How exactly a run computes. epsilon: the gap between 1 and the next number of its coarsest type.

    make: the backend on an array module, with a BLAS or without. `help` says what it does, without a full
    stop.
    """

    name: str
    label: str
    help: str
    epsilon: float
    make: Callable[[ArrayModule, Blas | None], Backend]

    @property
    def coarseness(self) -> float:
        """How many times as much every rounding takes away as with float64."""
        return self.epsilon / float(np.finfo(np.float64).eps)

    @property
    def tolerance(self) -> float:
        """Up to which relative difference a number that came through a whole network, with a rounding at each
        step, counts as right: 64 roundings, and never less than 1e-6.
        """
        return max(1e-6, 64 * self.epsilon)

    def resolution(self, beside: npt.ArrayLike) -> float:
        """What rounding leaves undecided of a number that is made of such as those `beside` it: 16 roundings
        of the largest. 0 for float64, whose roundings are far below what differences can tell.
        """
        numbers = np.abs(beside)
        return 0.0 if self.coarseness == 1.0 or not numbers.size else 16 * self.epsilon * float(numbers.max())


def _double(xp: ArrayModule, blas: Blas | None) -> Backend:
    return HOST if (xp, blas) == (HOST.xp, HOST.blas) else Backend(xp, blas=blas)


def _mixed(xp: ArrayModule, blas: Blas | None) -> Backend:
    return MixedBackend(xp, blas=blas)


def _single(xp: ArrayModule, blas: Blas | None) -> Backend:
    return Backend(xp, np.float32, "float32", blas)


PRECISIONS = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            Precision(
                "float64",
                "float64",
                "Every number has 64 bits: 15 to 16 digits",
                float(np.finfo(np.float64).eps),
                _double,
            ),
            Precision(
                "float32",
                "float32",
                "Every number has 32 bits: 6 to 7 digits, half the memory, quicker where matrices are large",
                float(np.finfo(np.float32).eps),
                _single,
            ),
            Precision(
                "mixed",
                "mixed 16/32",
                "Activations and errors have 16 bits, 3 to 4 digits, and a quarter of the memory; sums, the "
                "loss and parameters have 32. Errors are scaled up on their way, so that small ones stay",
                float(np.finfo(np.float16).eps),
                _mixed,
            ),
        )
    }
)
DEVICES = MappingProxyType(
    {
        "cpu": "NumPy on the processor",
        "mkl": "NumPy, and Intel's MKL for large matrix products",
        "cuda": "CuPy on a graphics card by NVIDIA",
    }
)
"""What can compute: the name in a project, and what that is."""


class NoDevice(RuntimeError):
    """What was asked for is not on this machine; the message is one line that says what is missing."""


def missing(device: str) -> str:
    """Why a run cannot be made on this device: one line; empty if it can."""
    try:
        _found(device)
    except NoDevice as reason:
        return str(reason)
    return ""


def backend(precision: str = "float64", device: str = "cpu") -> Backend:
    """The backend of these names, keys of PRECISIONS and DEVICES. Raises NoDevice."""
    return PRECISIONS[precision].make(*_found(device))


def _found(device: str) -> tuple[ArrayModule, Blas | None]:
    """What computes there: the array module, and a BLAS beside it."""
    if device == "cpu":
        return np, numpys_own()
    return (np, _mkl()) if device == "mkl" else (_cupy(), None)


def _mkl() -> Blas:
    try:
        found = mkl()
    except (OSError, ValueError) as error:
        raise NoDevice(f"MKL cannot be used: {' '.join(str(error).split())}") from error
    if found is None:
        raise NoDevice('MKL is not installed: pip install "deltaglow[mkl]"')
    return found


def _cupy() -> ArrayModule:
    if importlib.util.find_spec("cupy") is None:
        raise NoDevice('CuPy is not installed: pip install "deltaglow[cuda]"')
    try:
        cupy: Any = importlib.import_module("cupy")
        found = int(cupy.cuda.runtime.getDeviceCount())
    except (ImportError, RuntimeError) as error:
        # CuPy's own CUDARuntimeError is a RuntimeError.
        reason = " ".join(str(error).split()) or type(error).__name__
        raise NoDevice(f"CuPy finds no graphics card: {reason}") from error
    if not found:
        raise NoDevice("CuPy finds no graphics card")
    return cupy
