"""What a layer of a project has beyond a dense one's units, weights and activation. Values only."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def frozen(values: Any, dtype: type) -> npt.NDArray[Any]:
    """A read-only, C-ordered array of its own; one that already is all that is kept as it is."""
    if (
        isinstance(values, np.ndarray)
        and values.dtype == dtype
        and not values.flags.writeable
        and values.base is None
    ):
        return values
    array: npt.NDArray[Any] = np.array(values, dtype=dtype, order="C", copy=True)
    array.flags.writeable = False
    return array


def same(a: npt.NDArray[Any] | None, b: npt.NDArray[Any] | None) -> bool:
    """Whether two optional arrays have the same shape and values (a NaN equals a NaN)."""
    if a is b or a is None or b is None:
        return a is b
    if a.shape != b.shape:
        return False
    other = a != b
    if a.dtype.kind == b.dtype.kind == "f" and other.any():
        other &= (a == a) | (b == b)  # a NaN is no number, itself neither
    return not other.any()


class _Values:
    """Compares and hashes a frozen dataclass of which some fields are arrays, and freezes those."""

    arrays: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in self.arrays:
            values = getattr(self, name)
            if values is not None:
                object.__setattr__(self, name, frozen(values, np.float64))

    def _plain(self) -> tuple[object, ...]:
        named = fields(self)  # type: ignore[arg-type]
        return tuple(getattr(self, field.name) for field in named if field.name not in self.arrays)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        assert isinstance(other, _Values)
        return self._plain() == other._plain() and all(
            same(getattr(self, name), getattr(other, name)) for name in self.arrays
        )

    def __hash__(self) -> int:
        return hash((type(self), self._plain()))


@dataclass(frozen=True, eq=False)
class Skip(_Values):
    """A connection around layers: z gets + S a of layer `source`, counted from 1, 0 being the input.

    S is the identity, or with `projection` a trainable matrix P (units, units of the source), given or drawn.
    """

    arrays = ("P",)

    source: int
    projection: bool = False
    P: Array | None = None


@dataclass(frozen=True, eq=False)
class BatchNorm(_Values):
    """Batch normalisation. gamma, beta and the running averages are (units,), or None for how they start.

    eps is added to the variance; momentum is how far a step moves the running averages.
    """

    arrays = ("gamma", "beta", "running_mean", "running_var")

    eps: float = 1e-5
    momentum: float = 0.1
    gamma: Array | None = None
    beta: Array | None = None
    running_mean: Array | None = None
    running_var: Array | None = None


@dataclass(frozen=True, eq=False)
class Dropout(_Values):
    """Dropout: a unit is silenced with probability `rate`."""

    rate: float = 0.5


@dataclass(frozen=True, eq=False)
class Conv1d(_Values):
    """A 1-D convolution to `channels` channels with a kernel of `kernel` positions.

    The layer's W is (channels, kernel · in_channels) and its b (channels,). in_channels None means as many as
    the layer before has.
    """

    channels: int
    kernel: int
    stride: int = 1
    in_channels: int | None = None


Part = BatchNorm | Dropout | Conv1d
