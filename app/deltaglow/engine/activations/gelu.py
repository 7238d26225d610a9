"""The Gaussian error linear unit: z, weighted by how likely a standard normal number lies below it."""

from __future__ import annotations

import numpy as np

from deltaglow.engine.activations.base import Activation
from deltaglow.engine.activations.normal import normal
from deltaglow.engine.ops import Array, Tape, op


class GELU(Activation):
    """φ(z) = z Φ(z), φ′ = Φ(z) + z e^(−z²/2)/√(2π), Φ being the standard normal distribution.

    φ′ is negative below z = −0.7518 and at most 1.1289…, at z = √2. Hendrycks and Gimpel 2016
    (arXiv:1606.08415). PyTorch computes Φ as ½ (1 + erf(z/√2)), which loses its digits below z = −5; here
    they are kept.
    """

    name = "gelu"
    label = "GELU"
    latex = r"z\,\Phi(z)"
    slope_latex = r"\Phi(z) + \frac{z\,e^{-z^{2}/2}}{\sqrt{2\pi}}"
    steepest = 1.1289042072566245

    def forward(self, z: Array, a: Array) -> Tape:
        return [*normal(z, a), op(np.multiply, a, z, a)]

    def slope(self, z: Array, a: Array, slope: Array) -> Tape:
        density = np.empty_like(z)
        return [
            *normal(z, slope, density),
            op(np.multiply, density, z, density),
            op(np.add, slope, density, slope),
        ]
