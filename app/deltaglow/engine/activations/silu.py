"""The sigmoid linear unit, also called swish."""

from __future__ import annotations

import numpy as np

from deltaglow.engine.activations.base import Activation
from deltaglow.engine.ops import Array, Tape, op


class SiLU(Activation):
    """φ(z) = z σ(z), φ′ = σ(z) (1 + z (1 − σ(z))), σ being the sigmoid.

    φ′ is negative below z = −1.2785 and at most 1.0998…. σ is computed as in the sigmoid layer and right for
    z of any size. Elfwing, Uchibe and Doya 2017 (arXiv:1702.03118).
    """

    name = "silu"
    label = "SiLU"
    latex = r"z\,\sigma(z)"
    slope_latex = r"\sigma(z)\,(1+z\,(1-\sigma(z)))"
    steepest = 1.0998393201288672

    def forward(self, z: Array, a: Array) -> Tape:
        return [*_sigmoid(z, a), op(np.multiply, a, z, a)]

    def slope(self, z: Array, a: Array, slope: Array) -> Tape:
        rest = np.empty_like(z)
        return [
            *_sigmoid(z, slope),
            op(np.subtract, 1.0, slope, rest),
            op(np.multiply, rest, z, rest),
            op(np.add, rest, 1.0, rest),
            op(np.multiply, slope, rest, slope),
        ]


def _sigmoid(z: Array, s: Array) -> Tape:
    return [op(np.negative, z, s), op(np.exp, s, s), op(np.add, s, 1.0, s), op(np.reciprocal, s, s)]
