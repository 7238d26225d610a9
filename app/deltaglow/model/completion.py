"""What an address that is being typed may go on to: kinds and names first, then layers, then units."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice, takewhile
from typing import TYPE_CHECKING

from deltaglow.model import naming
from deltaglow.model.quantity import KINDS, AddressError, Quantity, validate_in

if TYPE_CHECKING:
    from deltaglow.engine import Frame
    from deltaglow.model.project import Project

MOST = 60
"""Proposals at most: a list that nobody reads to its end."""
_PARTS = re.compile(r"(\w+)((?:\[[0-9]*\])*)\[([0-9]*)(?:(,)([0-9]*))?")


def completions(text: str, project: Project, frame: Frame) -> list[str]:
    """What `text` may go on to, each a longer text: "del" → "delta[", "delta[" → "delta[1][", and so on.

    Only what this network and this step have; names that the project gives its parameters too.
    """
    typed = text.replace(" ", "")
    found = _kinds(typed, project, frame) if "[" not in typed else _inside(typed, frame)
    return [each for each in islice(found, MOST) if each != typed]


def _kinds(typed: str, project: Project, frame: Frame) -> Iterator[str]:
    for name in naming.parameter_names(project):
        if typed and name.startswith(typed):
            yield name
    for kind, parts in KINDS.items():
        if kind.startswith(typed) and next(_of_kind(kind, frame, "", "", None), None) is not None:
            yield kind if not parts.layered and not parts.indices else f"{kind}["


def _inside(typed: str, frame: Frame) -> Iterator[str]:
    match = _PARTS.fullmatch(typed)
    if match is None or match[1] not in KINDS:
        return
    kind, closed, first, second = match[1], match[2], match[3], match[5]
    if KINDS[kind].layered and not closed:
        layers = (f"{kind}[{k}]" for k in range(1, len(frame.layers) + 1) if str(k).startswith(first))
        if KINDS[kind].indices:
            layers = (f"{each}[" for each in layers if next(_inside(f"{each}[", frame), None) is not None)
        yield from layers
        return
    yield from _of_kind(kind, frame, closed, first, second)


def _of_kind(kind: str, frame: Frame, closed: str, first: str, second: str | None) -> Iterator[str]:
    """The addresses of a kind whose indices begin as typed. closed: "[2]", or "" for any layer."""
    parts = KINDS[kind]
    layers: list[int | None] = [None]
    if parts.layered:
        layers = [int(closed[1:-1])] if closed[1:-1] else list(range(1, len(frame.layers) + 1))
    if parts.indices < 2 and second is not None:
        return
    for layer in layers:
        yield from _in_layer(kind, layer, frame, first, second or "")


def _in_layer(kind: str, layer: int | None, frame: Frame, first: str, second: str) -> Iterator[str]:
    """Those of one layer, or of none. Indices are without gaps, so the first that is not there ends them."""
    count, most = KINDS[kind].indices, max(frame.architecture.widths)
    here = _address(kind, layer, (0,) * count, frame)
    if here is None or count == 0:
        yield from filter(None, [here])
        return
    for j in (n for n in range(most) if str(n).startswith(first)):
        if _address(kind, layer, (j, 0)[:count], frame) is None:
            return
        others = ((j, i) for i in range(most) if str(i).startswith(second)) if count == 2 else ((j,),)
        found = (_address(kind, layer, index, frame) for index in others)
        yield from (each for each in takewhile(bool, found) if each is not None)


def _address(kind: str, layer: int | None, index: tuple[int, ...], frame: Frame) -> str | None:
    try:
        q = Quantity(kind, layer, index)
        validate_in(q, frame)
    except AddressError:
        return None
    return str(q)
