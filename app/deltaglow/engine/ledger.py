"""The memory ledger: how many bytes a run holds, and what for: counted by looking up every array."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from deltaglow.engine.layers import LayerBuffers
from deltaglow.engine.ops import Array


@dataclass(frozen=True)
class Ledger:
    """Bytes by what they are for; each byte counts once.

    parameters: with what layers remember from batch to batch. gradients: also gathered, clipped, and those of
    micro-batches. optimizer: what it keeps, the update, and room to work it out. layers: what every layer
    writes in a step, in memory of its own. shared: the same, in memory that segments of layers take turns in.
    working: outputs, losses, scratch and what belongs to no layer. data: the samples, and the batches as they
    are laid out. evaluation: room to judge whole data sets in. kept: states of the run that can come back.
    """

    parameters: int
    gradients: int
    optimizer: int
    layers: tuple[int, ...]
    shared: int
    working: int
    data: int
    evaluation: int
    kept: int

    @property
    def activations(self) -> int:
        """What a step writes between the data and the gradients."""
        return sum(self.layers) + self.shared + self.working

    @property
    def total(self) -> int:
        """All of it."""
        lasting = self.parameters + self.gradients + self.optimizer + self.kept
        return lasting + self.activations + self.data + self.evaluation


class Books:
    """Counts the memory that things lie in, every piece once: what was counted before counts no more."""

    def __init__(self) -> None:
        self._left: dict[int, int] = {}
        self._parts: set[tuple[int, int, int]] = set()
        self._alive: list[Any] = []
        """Nothing counted may go, or another could come to have its id."""

    def part(self, array: Array) -> int:
        """The bytes of an array that lies in a larger piece beside others; the rest is left to be counted."""
        owner = _owner(array)
        left = self._left_of(owner)
        place = (id(owner), _address(array), array.nbytes)
        if place in self._parts:
            return 0
        self._parts.add(place)
        counted = min(array.nbytes, left)
        self._left[id(owner)] = left - counted
        return counted

    def whole(self, *things: Any) -> int:
        """The bytes of all pieces of memory that arrays in these things lie in."""
        counted = 0
        for owner in owners(things).values():
            counted += self._left_of(owner)
            self._left[id(owner)] = 0
        return counted

    def _left_of(self, owner: Any) -> int:
        if id(owner) not in self._left:
            self._left[id(owner)] = int(owner.nbytes)
            self._alive.append(owner)
        return self._left[id(owner)]


def owners(*things: Any) -> dict[int, Any]:
    """By id, the pieces of memory behind every array in these things: in attributes of the program's own
    objects, in containers, and bound into calls, as those on a tape are.
    """
    found: dict[int, Any] = {}
    seen: set[int] = set()
    open_ends: list[Any] = list(things)
    while open_ends:
        thing = open_ends.pop()
        if id(thing) in seen:
            continue
        if _is_array(thing):
            owner = _owner(thing)
            found[id(owner)] = owner
            continue
        seen.add(id(thing))
        open_ends += _inside(thing)
    return found


def by_layer(books: Books, rooms: Iterable[list[LayerBuffers]]) -> tuple[tuple[int, ...], int]:
    """What each layer writes into memory of its own, and what several take turns in; `rooms` hold the buffers
    of all layers each.
    """
    layers = [owners(*buffers) for buffers in zip(*rooms, strict=True)]
    users: dict[int, int] = {}
    for held in layers:
        for key in held:
            users[key] = users.get(key, 0) + 1
    own = tuple(books.whole(*(owner for key, owner in held.items() if users[key] == 1)) for held in layers)
    return own, books.whole(layers)


def _inside(thing: Any) -> list[Any]:
    if isinstance(thing, partial):
        return [thing.func, *thing.args, *thing.keywords.values()]
    if isinstance(thing, Mapping):
        return list(thing.values())
    if isinstance(thing, (list, tuple, set)):
        return list(thing)
    if type(thing).__module__.startswith("deltaglow."):
        slots = getattr(type(thing), "__slots__", ())
        return (
            [*vars(thing).values()]
            if hasattr(thing, "__dict__")
            else [getattr(thing, name) for name in slots]
        )
    bound = getattr(thing, "__self__", None)
    return [] if bound is None or isinstance(bound, type) else [bound]


def _is_array(thing: Any) -> bool:
    return hasattr(thing, "nbytes") and hasattr(thing, "strides") and not isinstance(thing, type)


def _owner(array: Any) -> Any:
    base = getattr(array, "base", None)
    while base is not None:
        if _is_array(base):
            array = base
        base = getattr(base, "base", None)
    return array


def _address(array: Any) -> int:
    if hasattr(array, "__array_interface__"):
        return int(array.__array_interface__["data"][0])
    return int(array.data.ptr)
