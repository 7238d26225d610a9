"""The Gaussian error linear unit: z, weighted by how likely a standard normal number lies below it."""

from __future__ import annotations

from deltaglow.engine.activations.base import Activation
from deltaglow.engine.activations.normal import normal
from deltaglow.engine.backend import ArrayModule
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
    steepest = 1.1289042072566245

    def forward(self, xp: ArrayModule, z: Array, a: Array) -> Tape:
        return [*normal(xp, z, a), op(xp.multiply, a, z, a)]

    def slope(self, xp: ArrayModule, z: Array, a: Array, slope: Array) -> Tape:
        density = xp.empty_like(z)
        return [
            *normal(xp, z, slope, density),
            op(xp.multiply, density, z, density),
            op(xp.add, slope, density, slope),
        ]
