"""The approximation of GELU that GPT and BERT were trained with."""

from __future__ import annotations

from math import pi, sqrt

from deltaglow.engine.activations.base import Activation
from deltaglow.engine.backend import ArrayModule
from deltaglow.engine.ops import Array, Tape, op

ROOT = sqrt(2.0 / pi)
CUBIC = 0.044715
_FAR = 40.0


class GELUTanh(Activation):
    """φ(z) = ½ z (1 + tanh u), u = √(2/π) (z + 0.044715 z³): PyTorch's GELU with approximate="tanh".

    ½ (1 + tanh u) is the sigmoid s of 2u, which keeps the digits that 1 + tanh u loses for negative z. φ′ =
    s + z s (1 − s) 2u′ with u′ = √(2/π) (1 + 3 · 0.044715 z²). Beyond |z| = 40, where s is 0 or 1 to the
    last bit, z counts as ±40 in the slope, so that nothing overflows. Hendrycks and Gimpel 2016
    (arXiv:1606.08415).
    """

    name = "gelu_tanh"
    label = "GELU tanh"
    latex = r"\frac{z}{2}\,(1+\tanh u),\quad u=\sqrt{\frac{2}{\pi}}\,(z+0.044715\,z^{3})"
    steepest = 1.1290

    def forward(self, xp: ArrayModule, z: Array, a: Array) -> Tape:
        return [*_weight(xp, z, a), op(xp.multiply, a, z, a)]

    def slope(self, xp: ArrayModule, z: Array, a: Array, slope: Array) -> Tape:
        near, part = xp.empty_like(z), xp.empty_like(z)
        return [
            op(xp.minimum, z, _FAR, out=near),
            op(xp.maximum, near, -_FAR, out=near),
            *_weight(xp, near, slope),
            op(xp.multiply, near, near, part),
            op(xp.multiply, part, 6.0 * ROOT * CUBIC, part),
            op(xp.add, part, 2.0 * ROOT, part),
            op(xp.multiply, part, near, part),
            op(xp.subtract, 1.0, slope, near),
            op(xp.multiply, part, near, part),
            op(xp.add, part, 1.0, part),
            op(xp.multiply, slope, part, slope),
        ]


def _weight(xp: ArrayModule, z: Array, s: Array) -> Tape:
    """s = ½ (1 + tanh u) = 1 / (1 + e^(−2u))."""
    return [
        op(xp.multiply, z, z, s),
        op(xp.multiply, s, -2.0 * ROOT * CUBIC, s),
        op(xp.add, s, -2.0 * ROOT, s),
        op(xp.multiply, s, z, s),
        op(xp.exp, s, s),
        op(xp.add, s, 1.0, s),
        op(xp.reciprocal, s, s),
    ]
