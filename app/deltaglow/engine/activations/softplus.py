"""A ReLU without the corner."""

from __future__ import annotations

from deltaglow.engine.activations.base import Activation
from deltaglow.engine.backend import ArrayModule
from deltaglow.engine.ops import Array, Tape, op


class Softplus(Activation):
    """φ(z) = ln(1 + eᶻ) = max(z, 0) + ln(1 + e^(−|z|)), φ′ = σ(z), the sigmoid.

    The second form, which `numpy.logaddexp` uses, neither overflows nor loses digits. PyTorch takes z itself
    above a threshold of 20; there this one is larger by e⁻ᶻ, 2.1e−9 at most. Dugas et al. 2001; Glorot,
    Bordes and Bengio 2011.
    """

    name = "softplus"
    label = "Softplus"
    latex = r"\ln(1+e^{z})"

    def forward(self, xp: ArrayModule, z: Array, a: Array) -> Tape:
        return [op(xp.logaddexp, z, 0.0, a)]

    def slope(self, xp: ArrayModule, z: Array, a: Array, slope: Array) -> Tape:
        return [
            op(xp.negative, z, slope),
            op(xp.exp, slope, slope),
            op(xp.add, slope, 1.0, slope),
            op(xp.reciprocal, slope, slope),
        ]
