"""The logistic function."""

from __future__ import annotations

import numpy as np

from deltaglow.engine.activations.base import Activation
from deltaglow.engine.ops import Array, Tape, op


class Sigmoid(Activation):
    """φ(z) = 1 / (1 + e⁻ᶻ), φ′ = a (1 − a), at most 1/4 (at z = 0).

    1/(1 + e⁻ᶻ) keeps full relative accuracy for very negative z, where ½ + ½ tanh(z/2) cancels; below z ≈
    −709 the exponential overflows to infinity and the value is 0, as it should be.
    """

    name = "sigmoid"
    label = "Sigmoid"
    latex = r"\frac{1}{1+e^{-z}}"
    slope_latex = r"a\,(1-a)"
    steepest = 0.25

    def forward(self, z: Array, a: Array) -> Tape:
        return [op(np.negative, z, a), op(np.exp, a, a), op(np.add, a, 1.0, a), op(np.reciprocal, a, a)]

    def slope(self, z: Array, a: Array, slope: Array) -> Tape:
        return [op(np.subtract, 1.0, a, slope), op(np.multiply, slope, a, slope)]
