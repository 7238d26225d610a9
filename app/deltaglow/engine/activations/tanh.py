"""The hyperbolic tangent."""

from __future__ import annotations

from deltaglow.engine.activations.base import Activation
from deltaglow.engine.backend import ArrayModule
from deltaglow.engine.ops import Array, Tape, op


class Tanh(Activation):
    """φ(z) = tanh z, φ′ = 1 − a², at most 1 (at z = 0)."""

    name = "tanh"
    label = "Tanh"
    latex = r"\tanh z"
    gain = 5.0 / 3.0

    def forward(self, xp: ArrayModule, z: Array, a: Array) -> Tape:
        return [op(xp.tanh, z, a)]

    def slope(self, xp: ArrayModule, z: Array, a: Array, slope: Array) -> Tape:
        return [op(xp.multiply, a, a, slope), op(xp.subtract, 1.0, slope, slope)]
