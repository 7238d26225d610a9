"""Uses of one kind in one layer: how many there are is known without making an address for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from deltaglow.engine import Frame
from deltaglow.engine.layers import Conv1dShape
from deltaglow.explain import chain
from deltaglow.model.quantity import Quantity

Place = tuple[int, ...]
"""The indices of a quantity."""


@dataclass(frozen=True)
class Uses:
    """Quantities of one kind in one layer, or in none. count: how many; places: their indices, in order."""

    kind: str
    layer: int | None
    count: int
    places: Iterable[Place]
    mark: int | None = None

    def __iter__(self) -> Iterator[Quantity]:
        return (Quantity(self.kind, self.layer, place, self.mark) for place in self.places)


@dataclass(frozen=True)
class Seen:
    """A frame, seen from a row of its batch; mark: that row if addresses name it, else None."""

    frame: Frame
    mark: int | None
    row: int

    @property
    def depth(self) -> int:
        """Layers, and so the number of the output layer."""
        return len(self.frame.layers)

    @property
    def outputs(self) -> range:
        """The indices of the outputs."""
        return range(self.frame.y.shape[1])


Finder = Callable[[Seen, Quantity], Iterator[Uses]]


def at(kind: str, layer: int | None, places: Sequence[Place], mark: int | None = None) -> Uses:
    """Uses at places that are there to be counted."""
    return Uses(kind, layer, len(places), places, mark)


def one(kind: str, layer: int | None = None, place: Place = (), mark: int | None = None) -> Uses:
    """A single use."""
    return Uses(kind, layer, 1, (place,), mark)


def units(frame: Frame, k: int, i: int) -> list[int]:
    """The units of layer k that unit i before it is connected to."""
    layer = frame.layers[k - 1]
    every = range(len(layer.b))
    found: list[int] = list(every) if layer.mask is None else np.flatnonzero(layer.mask[:, i]).tolist()
    return found


def sources(frame: Frame, k: int, j: int) -> list[int]:
    """The units before layer k that its unit j is connected to."""
    layer = frame.layers[k - 1]
    every = range(layer.W.shape[1])
    found: list[int] = list(every) if layer.mask is None else np.flatnonzero(layer.mask[j]).tolist()
    return found


def gradients(frame: Frame, k: int, places: Sequence[Place], part: str = "W") -> Uses:
    """The gradients that the errors make of parameters of layer k, wherever it shares them."""
    data = part != "b" and chain.penalised(frame, k)
    return at(f"d{part}_data" if data else f"d{part}", k, _shared(frame, k, places))


def sampled(seen: Seen, k: int, places: Sequence[Place], part: str = "W") -> Iterator[Uses]:
    """What one sample asks of these parameters of layer k, and of those that share them."""
    if seen.frame.samples > 1 and seen.frame.layers[k - 1].kind != "dropout":
        yield at(f"d{part}_sample", k, _shared(seen.frame, k, places), seen.mark)


def backwards(k: int, found: Sequence[int], mark: int | None) -> Iterator[Uses]:
    """δ and ∂L/∂a of units before layer k, unless those are the inputs."""
    if k > 1:
        places = [(i,) for i in found]
        yield from (at(kind, k - 1, places, mark) for kind in ("delta", "back"))


def _shared(frame: Frame, k: int, places: Sequence[Place]) -> Sequence[Place]:
    shape = frame.architecture.layers[k - 1]
    if not isinstance(shape, Conv1dShape):
        return places
    return list(dict.fromkeys(twin for place in places for twin in shape.twins(place)))
