"""The self-normalising exponential linear unit."""

from __future__ import annotations

import numpy as np

from deltaglow.engine.activations.base import Activation
from deltaglow.engine.backend import ArrayModule
from deltaglow.engine.ops import Array, Tape, op

ALPHA = 1.6732632423543772848170429916717
SCALE = 1.0507009873554804934193349852946


class SELU(Activation):
    """φ(z) = λ z for z > 0, else λ α (eᶻ − 1), with α = 1.67326… and λ = 1.05070…; φ′ = λ or λ α eᶻ.

    With these two numbers, a mean of 0 and a variance of 1 of the activations is a fixed point that layers
    with LeCun's initialisation return to. φ′ jumps at z = 0; the slope used there is the left one, λ α =
    1.758…, as in PyTorch. Klambauer, Unterthiner, Mayr and Hochreiter 2017 (arXiv:1706.02515).
    """

    name = "selu"
    label = "SELU"
    latex = r"\lambda\,(\max(z, 0) + \min(\alpha\,(e^{z}-1), 0))"
    corners = (0.0,)
    steepest = ALPHA * SCALE
    gain = 0.75

    def forward(self, xp: ArrayModule, z: Array, a: Array) -> Tape:
        above = xp.empty_like(z)
        return [
            op(xp.minimum, z, 0.0, out=a),
            op(xp.expm1, a, a),
            op(xp.multiply, a, ALPHA * SCALE, a),
            op(xp.maximum, z, 0.0, out=above),
            op(xp.multiply, above, SCALE, above),
            op(xp.add, a, above, a),
        ]

    def slope(self, xp: ArrayModule, z: Array, a: Array, slope: Array) -> Tape:
        above = xp.empty(z.shape, np.bool_)
        return [
            op(xp.minimum, z, 0.0, out=slope),
            op(xp.exp, slope, slope),
            op(xp.multiply, slope, ALPHA * SCALE, slope),
            op(xp.greater, z, 0.0, above),
            op(xp.copyto, slope, SCALE, where=above),
        ]
