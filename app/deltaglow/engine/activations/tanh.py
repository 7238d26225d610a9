"""The hyperbolic tangent."""

from __future__ import annotations

import numpy as np

from deltaglow.engine.activations.base import Activation
from deltaglow.engine.ops import Array, Tape, op


class Tanh(Activation):
    """φ(z) = tanh z, φ′ = 1 − a², at most 1 (at z = 0)."""

    name = "tanh"
    label = "Tanh"
    latex = r"\tanh z"
    slope_latex = r"1-a^{2}"
    gain = 5.0 / 3.0

    def forward(self, z: Array, a: Array) -> Tape:
        return [op(np.tanh, z, a)]

    def slope(self, z: Array, a: Array, slope: Array) -> Tape:
        return [op(np.multiply, a, a, slope), op(np.subtract, 1.0, slope, slope)]
