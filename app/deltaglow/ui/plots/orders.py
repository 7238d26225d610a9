"""What all runs say at the step under the pointer, in the order in which that is wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from math import inf, isfinite

from PySide6.QtGui import QColor

from .readout import Entry

AS_DRAWN = "drawn"
ORDERS = {
    AS_DRAWN: ("By run", "Run by run, each with its curves"),
    "descending": ("Descending", "The greatest value first"),
    "ascending": ("Ascending", "The least value first"),
    "nearest": ("Nearest", "The curve nearest to the pointer first"),
}
"""What can be chosen: its word, and what it means."""
MOST = 24
"""Values that are told; of more, how many more there are."""
LONGEST = 18
"""Letters of a run's name."""


@dataclass(frozen=True, eq=False)
class Said:
    """What one curve says: its run's name and its own, its value as a number and in words, its colour."""

    run: str
    curve: str
    value: float
    words: str
    colour: QColor


def in_order(said: Sequence[Said], order: str, pointed_at: float) -> list[Said]:
    """By one of ORDERS; those without a value last. pointed_at: the value at which the pointer is."""
    keys: dict[str, Callable[[Said], float]] = {
        AS_DRAWN: lambda one: 0.0,
        "descending": lambda one: -one.value,
        "ascending": lambda one: one.value,
        "nearest": lambda one: abs(one.value - pointed_at),
    }
    key = keys[order]
    return sorted(said, key=lambda one: key(one) if isfinite(one.value) or order == AS_DRAWN else inf)


def entries(said: Sequence[Said]) -> list[Entry]:
    """As the table beside the crosshair has them."""
    made: list[Entry] = [(escape(_name(one)), one.words, one.colour) for one in said[:MOST]]
    if len(said) > MOST:
        made.append((f"and {len(said) - MOST} more", "", said[-1].colour))
    return made


def _name(said: Said) -> str:
    brief = said.run if len(said.run) <= LONGEST else f"{said.run[: LONGEST - 1]}…"
    return f"{brief} · {said.curve}" if said.curve else brief
