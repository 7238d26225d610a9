"""Gradient checkpointing: which of a network's arrays are kept, and which take turns in the same memory.

Chen, Xu, Zhang and Guestrin 2016, "Training deep nets with sublinear memory cost". The layers are cut into
segments of about equal length. On the way forward a segment's numbers are written over those of the segment
before; what stays is what the segments say to each other. On the way back each segment but the last is run
forward once more before its errors are worked out. So n layers in √n segments need memory for about 2 √n of
them, and a step costs about one forward pass more. The numbers are the very same: the same calls find them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import isqrt
from typing import Any

import numpy as np

from deltaglow.engine.activations import ACTIVATIONS
from deltaglow.engine.backend import ArrayModule
from deltaglow.engine.frame import Architecture
from deltaglow.engine.layers import LayerBuffers
from deltaglow.engine.ops import Array

AUTO_SEGMENTS = "auto"
"""In the place of a number of segments: the square root of the number of layers."""
ALIGNMENT = 64
"""Every array begins at a multiple of so many bytes: a line of a processor's nearest memory."""


def segment_count(chosen: int | str, layers: int) -> int:
    """How many segments so many layers get for a chosen number, or "auto": at most one for each."""
    if chosen != AUTO_SEGMENTS:
        return min(int(chosen), layers)
    root = isqrt(layers)
    return root if layers - root * root <= root else root + 1


@dataclass(frozen=True, eq=False)
class Segments:
    """The layers 1 … n of a network in `count` segments; one segment means that every number is kept."""

    architecture: Architecture
    count: int

    @cached_property
    def bounds(self) -> list[tuple[int, int]]:
        """First and last layer of each segment."""
        ends = [len(self.architecture.layers) * s // self.count for s in range(self.count + 1)]
        return [(ends[s] + 1, ends[s + 1]) for s in range(self.count)]

    @cached_property
    def borders(self) -> set[int]:
        """The layers that end a segment which another one follows."""
        return {last for _, last in self.bounds[:-1]}

    @cached_property
    def lasting(self) -> dict[int, set[str]]:
        """Of each layer, the arrays of its buffers that others need after its segment has given way.

        What a segment's last layer says starts the next segment, on the way forward and again on the way
        back. A skip into another segment needs what its source said; and its own δ until errors have come
        back to the source from the layer after it, because Sᵀδ is added to these.
        """
        of = {k: s for s, (first, last) in enumerate(self.bounds) for k in range(first, last + 1)}
        found: dict[int, set[str]] = {k: {"outputs"} if k in self.borders else set() for k in of}
        for k, shape in enumerate(self.architecture.layers, start=1):
            if shape.skip is None or shape.skip.source == 0:
                continue
            source = shape.skip.source
            if of[source] != of[k]:
                found[source].add("outputs")
            if of[source + 1] != of[k]:
                found[k] |= {"back" if ACTIVATIONS[shape.activation].in_place else "delta", "_around"}
        return found


class Arena:
    """A piece of memory in which arrays are laid out one after the other, over and over again.

    Until `settle` makes the memory, arrays stay where they are and it is only found how much they need.
    """

    def __init__(self) -> None:
        self._next = self._needed = 0
        self._memory: Any = None

    def begin(self) -> None:
        """Go back to the first place."""
        self._next = 0

    def settle(self, xp: ArrayModule) -> None:
        """Make as much memory as was needed so far."""
        self._memory = xp.zeros(self._needed, np.uint8)

    def like(self, array: Array) -> Array:
        """An array of the same shape and type in the next free place."""
        start = self._next
        self._next += -(-array.nbytes // ALIGNMENT) * ALIGNMENT
        self._needed = max(self._needed, self._next)
        if self._memory is None:
            return array
        lent = self._memory[start : start + array.nbytes].view(array.dtype)
        rows_first: Array = lent.reshape(array.shape)
        columns_first: Array = lent.reshape(array.shape[::-1]).T
        return rows_first if array.flags.c_contiguous else columns_first


def shared_buffers(
    segments: Segments, make: Callable[[int], LayerBuffers], xp: ArrayModule
) -> list[LayerBuffers]:
    """The buffers of all layers, in memory that the segments share but for what must last.

    make(k) gives those of layer k in memory of their own. What comes back to the last layer of a segment is
    written while the numbers of the segment after are still needed: it has a place apart, of which there are
    two, because segments of a single layer write it while they read their own.
    """
    arena, crossing = Arena(), (Arena(), Arena())

    def lay_out() -> list[LayerBuffers]:
        made = []
        for s, (first, last) in enumerate(segments.bounds):
            for one in (arena, crossing[s % 2]):
                one.begin()
            for k in range(first, last + 1):
                layer = make(k)
                stays = segments.lasting[k] | set(layer.kept)
                apart = crossing[s % 2] if k in segments.borders else arena

                def place(name: str, array: Array, stays: set[str] = stays, apart: Arena = apart) -> Array:
                    if name in stays or 0 in array.strides:
                        return array
                    return (apart if name == "back" else arena).like(array)

                layer.replace(place)
                made.append(layer)
        return made

    lay_out()
    for one in (arena, *crossing):
        one.settle(xp)
    return lay_out()
