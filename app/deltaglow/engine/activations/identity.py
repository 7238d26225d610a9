"""φ(z) = z."""

from __future__ import annotations

from deltaglow.engine.activations.base import Activation
from deltaglow.engine.backend import ArrayModule
from deltaglow.engine.ops import Array, Tape


class Identity(Activation):
    """φ(z) = z, φ′(z) = 1: a linear layer. Costs nothing: a is z."""

    name = "identity"
    label = "Identity"
    latex = r"z"
    in_place = True

    def forward(self, xp: ArrayModule, z: Array, a: Array) -> Tape:
        return []

    def slope(self, xp: ArrayModule, z: Array, a: Array, slope: Array) -> Tape:
        return []
