"""The exponential linear unit."""

from __future__ import annotations

from deltaglow.engine.activations.base import Activation
from deltaglow.engine.backend import ArrayModule
from deltaglow.engine.ops import Array, Tape, op


class ELU(Activation):
    """φ(z) = z for z > 0, else eᶻ − 1; φ′ = 1 or eᶻ, without a jump at 0. PyTorch's ELU with its α of 1.

    eᶻ − 1 is computed as expm1, which keeps its digits near 0; it is never below z, so the larger of the two
    is the value. Clevert, Unterthiner and Hochreiter 2015 (arXiv:1511.07289).
    """

    name = "elu"
    label = "ELU"
    latex = r"\max(z, 0) + \min(e^{z}-1, 0)"

    def forward(self, xp: ArrayModule, z: Array, a: Array) -> Tape:
        return [op(xp.minimum, z, 0.0, out=a), op(xp.expm1, a, a), op(xp.maximum, z, a, out=a)]

    def slope(self, xp: ArrayModule, z: Array, a: Array, slope: Array) -> Tape:
        return [op(xp.minimum, z, 0.0, out=slope), op(xp.exp, slope, slope)]
