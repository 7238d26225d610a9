"""What is selected in the diagram: units, connections, whole layers."""

from __future__ import annotations

from dataclasses import dataclass

from deltaglow.model.edits import Connection
from deltaglow.model.project import NetworkSpec
from deltaglow.model.quantity import AROUND, Quantity

Unit = tuple[int, int]
"""(layer, unit); layer 0 are the inputs."""


@dataclass(frozen=True)
class Selection:
    """A value: selecting something else makes another one."""

    units: frozenset[Unit] = frozenset()
    connections: frozenset[Connection] = frozenset()
    layers: frozenset[int] = frozenset()

    @classmethod
    def of(cls, quantity: Quantity) -> Selection:
        """The unit or connection that a number belongs to."""
        if quantity.kind == "x":
            return cls(units=frozenset([(0, quantity.index[0])]))
        if quantity.layer is None or quantity.kind in AROUND:
            return cls()
        if not quantity.index:
            return cls(layers=frozenset([quantity.layer]))
        if len(quantity.index) == 2:
            return cls(connections=frozenset([(quantity.layer, *quantity.index)]))
        return cls(units=frozenset([(quantity.layer, quantity.index[0])]))

    def __bool__(self) -> bool:
        return bool(self.units or self.connections or self.layers)

    def __len__(self) -> int:
        return len(self.units) + len(self.connections) + len(self.layers)

    def joined(self, other: Selection) -> Selection:
        """Both."""
        return Selection(
            self.units | other.units, self.connections | other.connections, self.layers | other.layers
        )

    def toggled(self, other: Selection) -> Selection:
        """What is in one of them but not in both."""
        return Selection(
            self.units ^ other.units, self.connections ^ other.connections, self.layers ^ other.layers
        )

    def within(self, spec: NetworkSpec) -> Selection:
        """What of it is in this network."""
        sizes = spec.sizes
        depth = len(sizes)
        return Selection(
            frozenset((k, u) for k, u in self.units if k < depth and u < sizes[k]),
            frozenset(
                (k, j, i) for k, j, i in self.connections if k < depth and j < sizes[k] and i < sizes[k - 1]
            ),
            frozenset(k for k in self.layers if k < depth),
        )

    @property
    def column(self) -> int | None:
        """The column it lies in, if it is one."""
        found = {k for k, _ in self.units} | {k for k, _, _ in self.connections} | self.layers
        return found.pop() if len(found) == 1 else None

    def describe(self) -> str:
        """In words: "3 units, 1 connection"."""
        parts = [
            f"{len(part)} {noun}{'s' * (len(part) != 1)}"
            for part, noun in ((self.units, "unit"), (self.connections, "connection"), (self.layers, "layer"))
            if part
        ]
        return (", ".join(parts) or "Nothing") + " selected"
