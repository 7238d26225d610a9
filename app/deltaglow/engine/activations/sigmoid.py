"""The logistic function."""

from __future__ import annotations

from deltaglow.engine.activations.base import Activation
from deltaglow.engine.backend import ArrayModule
from deltaglow.engine.ops import Array, Tape, op


class Sigmoid(Activation):
    """φ(z) = 1 / (1 + e⁻ᶻ), φ′ = a (1 − a), at most 1/4 (at z = 0).

    1/(1 + e⁻ᶻ) keeps full relative accuracy for very negative z, where ½ + ½ tanh(z/2) cancels; below z ≈
    −709 the exponential overflows to infinity and the value is 0, as it should be.
    """

    name = "sigmoid"
    label = "Sigmoid"
    latex = r"\frac{1}{1+e^{-z}}"
    steepest = 0.25

    def forward(self, xp: ArrayModule, z: Array, a: Array) -> Tape:
        return [op(xp.negative, z, a), op(xp.exp, a, a), op(xp.add, a, 1.0, a), op(xp.reciprocal, a, a)]

    def slope(self, xp: ArrayModule, z: Array, a: Array, slope: Array) -> Tape:
        return [op(xp.subtract, 1.0, a, slope), op(xp.multiply, slope, a, slope)]
