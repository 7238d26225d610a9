"""The network: one flat parameter vector with a view of it for every layer."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from deltaglow.engine.frame import Architecture
from deltaglow.engine.initializers import INITIALIZERS
from deltaglow.engine.layers import Dense, LayerShape
from deltaglow.engine.losses import LOSSES
from deltaglow.engine.ops import Array, frozen


def parameter_count(widths: Sequence[int]) -> int:
    """The number of weights and biases of dense layers between columns of these widths."""
    return sum((n_in + 1) * n_out for n_in, n_out in pairwise(widths))


def blocks(theta: Array, widths: Sequence[int]) -> list[Array]:
    """Views of a flat vector, one (n_in + 1, n_out) block [Wᵀ; b] for every layer."""
    views, start = [], 0
    for n_in, n_out in pairwise(widths):
        size = (n_in + 1) * n_out
        views.append(theta[start : start + size].reshape(n_in + 1, n_out))
        start += size
    return views


class Network:
    """Dense layers in a chain, ending in an output function with its loss.

    Layers count from 1. `theta` (P,) holds every parameter; `W(k)` (units, n_in) and `b(k)` (units,) are
    views of it. Given matrices are copied; a ValueError says which has the wrong shape.
    """

    def __init__(self, inputs: int, layers: Sequence[Dense], loss: str, rng: np.random.Generator) -> None:
        if loss not in LOSSES:
            raise ValueError(f"no such loss: {loss}")
        shapes = tuple(
            LayerShape(layer.units, layer.activation, None if layer.mask is None else frozen(layer.mask))
            for layer in layers
        )
        self.architecture = Architecture(inputs, shapes, loss)
        self.widths = self.architecture.widths
        self.theta: Array = np.zeros(parameter_count(self.widths))
        self.blocks = blocks(self.theta, self.widths)
        for k, layer in enumerate(layers, start=1):
            self._fill(k, layer, rng)

    def _fill(self, k: int, layer: Dense, rng: np.random.Generator) -> None:
        shape = (layer.units, self.widths[k - 1])
        W = (
            INITIALIZERS[layer.init](rng, *shape)
            if layer.W is None
            else np.asarray(layer.W, dtype=np.float64)
        )
        b = np.zeros(layer.units) if layer.b is None else np.asarray(layer.b, dtype=np.float64)
        for name, array, wanted in (("W", W, shape), ("b", b, shape[:1]), ("mask", layer.mask, shape)):
            if array is not None and np.shape(array) != wanted:
                raise ValueError(f"layer {k}: {name} has shape {np.shape(array)}, not {wanted}")
        self.W(k)[:] = W if layer.mask is None else W * layer.mask
        self.b(k)[:] = b

    def W(self, k: int) -> Array:
        """The weights of layer k, (units, n_in), a view of theta."""
        return self.blocks[k - 1][:-1].T

    def b(self, k: int) -> Array:
        """The biases of layer k, (units,), a view of theta."""
        bias: Array = self.blocks[k - 1][-1]
        return bias

    def move_to(self, theta: Array) -> None:
        """Rebind the parameters to `theta` (P,), keeping their values."""
        theta[:] = self.theta
        self.theta = theta
        self.blocks = blocks(theta, self.widths)
