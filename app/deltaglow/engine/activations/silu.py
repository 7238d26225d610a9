"""The sigmoid linear unit, also called swish."""

from __future__ import annotations

from deltaglow.engine.activations.base import Activation
from deltaglow.engine.backend import ArrayModule
from deltaglow.engine.ops import Array, Tape, op


class SiLU(Activation):
    """φ(z) = z σ(z), φ′ = σ(z) (1 + z (1 − σ(z))), σ being the sigmoid.

    φ′ is negative below z = −1.2785 and at most 1.0998…. σ is computed as in the sigmoid layer and right for
    z of any size. Elfwing, Uchibe and Doya 2017 (arXiv:1702.03118).
    """

    name = "silu"
    label = "SiLU"
    latex = r"z\,\sigma(z)"
    steepest = 1.0998393201288672

    def forward(self, xp: ArrayModule, z: Array, a: Array) -> Tape:
        return [*_sigmoid(xp, z, a), op(xp.multiply, a, z, a)]

    def slope(self, xp: ArrayModule, z: Array, a: Array, slope: Array) -> Tape:
        rest = xp.empty_like(z)
        return [
            *_sigmoid(xp, z, slope),
            op(xp.subtract, 1.0, slope, rest),
            op(xp.multiply, rest, z, rest),
            op(xp.add, rest, 1.0, rest),
            op(xp.multiply, slope, rest, slope),
        ]


def _sigmoid(xp: ArrayModule, z: Array, s: Array) -> Tape:
    return [op(xp.negative, z, s), op(xp.exp, s, s), op(xp.add, s, 1.0, s), op(xp.reciprocal, s, s)]
