"""Tanh made of three straight lines."""

from __future__ import annotations

from deltaglow.engine.activations.base import Activation
from deltaglow.engine.backend import ArrayModule
from deltaglow.engine.ops import Array, Tape, op


class HardTanh(Activation):
    """φ(z) = z between −1 and 1, and −1 or 1 beyond; φ′ = 1 between, else 0. At the corners z = ±1 the slope
    used is 0, as in PyTorch.

    Collobert 2004.
    """

    name = "hard_tanh"
    label = "Hard tanh"
    latex = r"\max(-1, \min(z, 1))"
    corners = (-1.0, 1.0)

    def forward(self, xp: ArrayModule, z: Array, a: Array) -> Tape:
        return [op(xp.maximum, z, -1.0, out=a), op(xp.minimum, a, 1.0, out=a)]

    def slope(self, xp: ArrayModule, z: Array, a: Array, slope: Array) -> Tape:
        size = xp.empty_like(z)
        return [op(xp.absolute, z, size), op(xp.less, size, 1.0, slope)]
