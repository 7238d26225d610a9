"""1-D convolution as parameter sharing: a small dense layer that slides along the input.

The units before are seen as `length` positions of `in_channels` channels, channel-last: unit
t · in_channels + c is channel c at position t. At every stop p of the kernel the same weights look at the
kernel · in_channels numbers from position p · stride on, so each weight is one parameter whose gradient is
the sum over the stops (LeCun et al. 1989). As in PyTorch the kernel is not flipped; there is no padding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from deltaglow.engine.initializers import Start, draw
from deltaglow.engine.layers.base import Circumstances, Columns, LayerBuffers, LayerShape, LayerSpec, Place
from deltaglow.engine.ops import Array, Tape, frozen, op


@dataclass(frozen=True, eq=False)
class Conv1d(LayerSpec):
    """What a convolution is built from.

    channels: how many it gives; kernel: positions it looks at; stride: positions from stop to stop.
    in_channels: how many channels the layer before is seen as; None for as many as it has (1 for the input
    and for dense layers). `W` (channels, kernel · in_channels), the numbers in the order of the units it
    looks at, and `b` (channels,) are given, or W is drawn by the rule `init` and b is zero.
    """

    channels: int
    kernel: int
    stride: int = 1
    activation: str = "identity"
    W: Array | None = None
    b: Array | None = None
    init: str | Start = "xavier_normal"
    in_channels: int | None = None

    def shape(self, before: Columns) -> Conv1dShape:
        """The layer behind these columns. Raises ValueError if the kernel or an array does not fit."""
        n_in = before.widths[-1]
        c = before.channels[-1] if self.in_channels is None else self.in_channels
        if n_in % c:
            raise ValueError(f"{n_in} units do not fall into {c} channels")
        stops = (n_in // c - self.kernel) // self.stride + 1
        if stops < 1:
            raise ValueError(f"a kernel of {self.kernel} does not fit into {n_in // c} positions")
        for name, array, size in (
            ("W", self.W, (self.channels, self.kernel * c)),
            ("b", self.b, (self.channels,)),
        ):
            if array is not None and np.shape(array) != size:
                raise ValueError(f"{name} has shape {np.shape(array)}, not {size}")
        units = stops * self.channels
        return Conv1dShape(n_in, units, self.activation, self.channels, self.kernel, self.stride, c, stops)

    def fill(self, shape: LayerShape, block: Array, statistics: Array, rng: np.random.Generator) -> None:
        """W and b as given or drawn. A unit listens to kernel · in_channels numbers, and of a channel before
        each number is heard, away from the ends and with a stride of 1, by kernel · channels units: n_in and
        n_out of the rules, as in PyTorch (`nn.init._calculate_fan_in_and_fan_out`).
        """
        n_in, behind = len(block) - 1, self.kernel * self.channels
        W = draw(self.init, self.activation, rng, self.channels, n_in, behind) if self.W is None else self.W
        block[:-1] = np.asarray(W).T
        block[-1] = 0.0 if self.b is None else self.b


@dataclass(frozen=True, eq=False)
class Conv1dShape(LayerShape):
    """A convolution without its numbers. Its block is [Wᵀ; b], (kernel · in_channels + 1, out channels).

    Seen as a dense layer it is a matrix in which every shared weight stands once for each of the `stops`.
    """

    kind: ClassVar[str] = "conv1d"
    label: ClassVar[str] = "Conv"

    out: int = 1
    kernel: int = 1
    stride: int = 1
    in_channels: int = 1
    stops: int = 1

    @property
    def channels(self) -> int:
        return self.out

    @property
    def span(self) -> int:
        """How many units before the kernel looks at in one stop."""
        return self.kernel * self.in_channels

    @property
    def hop(self) -> int:
        """How many units before lie between two stops."""
        return self.stride * self.in_channels

    @cached_property
    def mask(self) -> Array | None:
        return frozen(self._spread(np.ones((self.out, self.span), dtype=np.bool_)))

    @property
    def block_shape(self) -> Place:
        return (self.span + 1, self.out)

    @property
    def weight_rows(self) -> int:
        return self.span

    def W(self, block: Array) -> Array:
        return frozen(self._spread(block[:-1].T))

    def b(self, block: Array) -> Array:
        return frozen(np.tile(block[-1], self.stops))

    def named(self, block: Array) -> dict[str, Array]:
        return {"W": block[:-1].T, "b": block[-1]}

    def place(self, name: str, index: tuple[int, ...]) -> Place:
        stop, o = divmod(index[0], self.out)
        if name == "b":
            return self.span, o
        offset = index[1] - stop * self.hop
        if not 0 <= offset < self.span:
            raise IndexError(f"unit {index[0]} does not look at unit {index[1]}")
        return offset, o

    def twins(self, index: tuple[int, ...]) -> list[tuple[int, ...]]:
        """Where in the dense matrix, or among its biases, the parameter at W[j, i] or b[j] stands."""
        stop, o = divmod(index[0], self.out)
        units = [p * self.out + o for p in range(self.stops)]
        if len(index) == 1:
            return [(j,) for j in units]
        offset = index[1] - stop * self.hop
        return [(j, p * self.hop + offset) for p, j in enumerate(units)]

    def parameters(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        for index in np.ndindex(self.out, self.span):
            yield "W", index
        for o in range(self.out):
            yield "b", (o,)

    def buffers(self, where: Circumstances) -> Conv1dBuffers:
        return Conv1dBuffers(self, where)

    def _spread(self, kernel: np.ndarray) -> np.ndarray:
        found = np.zeros((self.units, self.n_in), dtype=kernel.dtype)
        for stop in range(self.stops):
            start = stop * self.hop
            found[stop * self.out : (stop + 1) * self.out, start : start + self.span] = kernel
        return found


class Conv1dBuffers(LayerBuffers):
    """The arrays of a convolution. `windows` (rows, stops, span + 1) holds what the kernel sees at each stop,
    with a last column of ones for the bias: all stops of all samples are the rows of one matrix product.
    """

    by_row = ("windows", "_returning")

    def __init__(self, shape: Conv1dShape, where: Circumstances) -> None:
        super().__init__(shape, where, apart=True)
        self._shape = shape
        self.windows = where.backend.ones((where.rows, shape.stops, shape.span + 1))
        self._returning = where.backend.zeros((where.rows, shape.stops, shape.span))

    def renew(self) -> Tape:
        """The columns of ones."""
        return [*super().renew(), op(self.windows[:, :, -1].fill, 1.0)]

    def weigh(self, inputs: Array, block: Array) -> Tape:
        """z = windows · [Wᵀ; b]."""
        shape = self._shape
        down, across = inputs.strides
        sizes, steps = (len(inputs), shape.stops, shape.span), (down, shape.hop * across, across)
        seen = self.backend.strided(inputs, sizes, steps)
        return [
            op(self.xp.copyto, self.windows[:, :, :-1], seen),
            *self.backend.product(self._rows(self.windows), block, self.z.reshape(-1, shape.out)),
        ]

    def gather(self, inputs: Array, block_gradient: Array) -> Tape:
        """[dWᵀ; db], summed over the batch and over the stops."""
        errors = self.delta.reshape(-1, self._shape.out)
        return self.backend.product(self._rows(self.windows).T, errors, block_gradient)

    def send_back(self, block: Array, before: LayerBuffers) -> Tape:
        """Each unit before gathers from every stop that looked at it: one strided sum per kernel offset."""
        shape = self._shape
        c = shape.in_channels
        errors = self.delta.reshape(-1, shape.out)
        tape: Tape = [
            *self.backend.product(errors, block[:-1].T, self._rows(self._returning)),
            op(before.back.fill, 0.0),
        ]
        places = before.back.reshape(len(before.back), shape.n_in // c, c)
        end = shape.stride * (shape.stops - 1) + 1
        for t in range(shape.kernel):
            target = places[:, t : t + end : shape.stride]
            tape.append(op(self.xp.add, target, self._returning[:, :, t * c : (t + 1) * c], target))
        return tape

    @staticmethod
    def _rows(array: Array) -> Array:
        return array.reshape(-1, array.shape[-1])
