"""ReLU and leaky ReLU: straight lines with a corner at z = 0."""

from __future__ import annotations

from math import sqrt

from deltaglow.engine.activations.base import Activation
from deltaglow.engine.backend import ArrayModule
from deltaglow.engine.ops import Array, Tape, op

FEW = 1024
"""Numbers up to which one slow call takes less time than two quick ones."""


class ReLU(Activation):
    """φ(z) = max(z, 0); φ′ = 1 for z > 0, else 0. At the corner z = 0 the slope used is 0, as in PyTorch.

    Nair and Hinton 2010.
    """

    name = "relu"
    label = "ReLU"
    latex = r"\max(z, 0)"
    corners = (0.0,)
    gain = sqrt(2.0)

    def forward(self, xp: ArrayModule, z: Array, a: Array) -> Tape:
        return [op(xp.maximum, z, _zero(xp, z), out=a)]

    def slope(self, xp: ArrayModule, z: Array, a: Array, slope: Array) -> Tape:
        # Of what is never below 0, without a comparison, whose truth values would have to be converted.
        if z.size > FEW:
            return [op(xp.minimum, a, _one(xp, a), out=slope), op(xp.ceil, slope, slope)]
        return [op(xp.sign, a, slope)]


class LeakyReLU(Activation):
    """φ(z) = z for z > 0, else 0.01 z; φ′ = 1 or 0.01. At the corner z = 0 the slope used is 0.01, as in
    PyTorch.

    Maas, Hannun and Ng 2013.
    """

    name = "leaky_relu"
    label = "Leaky ReLU"
    latex = r"\max(z, 0.01\,z)"
    corners = (0.0,)
    leak = 0.01
    gain = sqrt(2.0 / (1.0 + leak**2))

    def forward(self, xp: ArrayModule, z: Array, a: Array) -> Tape:
        return [op(xp.multiply, z, self.leak, a), op(xp.maximum, z, a, out=a)]

    def slope(self, xp: ArrayModule, z: Array, a: Array, slope: Array) -> Tape:
        return [op(xp.greater, z, 0.0, slope), op(xp.maximum, slope, self.leak, out=slope)]


def _zero(xp: ArrayModule, z: Array) -> Array:
    """0 in the shape of z, which NumPy's shortest loops take and a scalar does not get."""
    zero: Array = xp.broadcast_to(xp.zeros((), z.dtype), z.shape)
    return zero


def _one(xp: ArrayModule, z: Array) -> Array:
    """1, likewise."""
    one: Array = xp.broadcast_to(xp.ones((), z.dtype), z.shape)
    return one
