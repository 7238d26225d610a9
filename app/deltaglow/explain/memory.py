"""What a run's memory is for: the ledger in words, for a terminal, for the window and as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from deltaglow.engine import Ledger
from deltaglow.explain.layout import paragraph


@dataclass(frozen=True)
class Entry:
    """One line of the ledger: `help` says what the bytes are for, without a full stop."""

    key: str
    label: str
    help: str
    bytes: int

    @property
    def size(self) -> str:
        """The bytes as people read them."""
        return size(self.bytes)


_WORDS = (
    ("parameters", "parameters", "Weights, biases, and what layers remember from batch to batch"),
    ("gradients", "gradients", "Also those that are gathered, clipped, or of a part of the batch"),
    ("optimizer", "optimiser", "What it keeps from step to step, the update, and room to work it out"),
    ("activations", "activations", "What a step writes of every layer, forward and on the way back"),
    ("shared", "of these, shared", "The part of the activations in which segments of layers take turns"),
    ("data", "data", "The samples, and the batches as they are laid out"),
    ("evaluation", "evaluation", "Room to judge whole data sets in, taken when they first are"),
    ("kept", "past steps", "States of the run that can come back, and the run that replays from them"),
)
_PART_OF_ANOTHER = "shared"


def entries(ledger: Ledger) -> list[Entry]:
    """The ledger line by line, the sum last; what only some runs have is left out of others."""
    found = [Entry(key, label, words, getattr(ledger, key)) for key, label, words in _WORDS]
    optional = (_PART_OF_ANOTHER, "evaluation", "kept")
    lines = [entry for entry in found if entry.bytes or entry.key not in optional]
    return [*lines, Entry("total", "in all", "Every array of the run, each counted once", ledger.total)]


def memory_text(ledger: Ledger) -> str:
    """A line or two for a terminal."""
    *parts, total = entries(ledger)
    shared = "".join(f" ({part.size} shared)" for part in parts if part.key == _PART_OF_ANOTHER)
    said = [
        f"{part.label} {part.size}{shared if part.key == 'activations' else ''}"
        for part in parts
        if part.key != _PART_OF_ANOTHER
    ]
    return "\n".join(paragraph(f"{total.size}: {', '.join(said)}", first="memory       "))


def memory_document(ledger: Ledger) -> dict[str, Any]:
    """In bytes, as JSON takes it."""
    layers = {"layers": list(ledger.layers)}
    return asdict(ledger) | layers | {"activations": ledger.activations, "total": ledger.total}


def size(count: int) -> str:
    """A number of bytes with three digits and a unit: "512 B", "12.3 kB", "1.23 MB"; 1 kB is 1000 B."""
    units = ["B", "kB", "MB", "GB", "TB"]
    value, place = float(count), 0
    while value >= 999.5 and place < len(units) - 1:
        value, place = value / 1000, place + 1
    if place == 0:
        return f"{count} B"
    digits = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"{value:.{digits}f} {units[place]}"
