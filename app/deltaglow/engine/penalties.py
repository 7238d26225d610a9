"""The calls that make a penalty on large weights part of the loss and its gradient."""

from __future__ import annotations

import numpy as np

from deltaglow.engine.backend import HOST, Backend
from deltaglow.engine.frame import Architecture
from deltaglow.engine.ops import Array, Tape, host, op
from deltaglow.engine.regularisation import Penalties


def on_weights(value: float, architecture: Architecture) -> Array:
    """A flat vector (P,) with `value` at every weight, and 0 at biases and at a normalisation's γ and β."""
    flat = np.zeros(architecture.parameters)
    for shape, block in zip(architecture.layers, architecture.blocks(flat), strict=True):
        if not shape.one_to_one:
            block[:] = value
            block[shape.weight_rows] = 0.0
    return flat


def penalty(penalties: Penalties, theta: Array, architecture: Architecture) -> float:
    """R of these parameters, (P,); infinite where their squares are too large for a float."""
    theta = host(theta)
    weights = theta[on_weights(1.0, architecture) == 1.0]
    with np.errstate(over="ignore"):
        return penalties.l1 * float(np.abs(weights).sum()) + 0.5 * penalties.l2 * float(weights @ weights)


class PenaltyTerm:
    """The calls that add a penalty to the loss and its gradient to the data's; all arrays flat, (P,)."""

    def __init__(self, penalties: Penalties, architecture: Architecture, backend: Backend = HOST) -> None:
        self.penalties = penalties
        self._backend = backend
        size = architecture.parameters
        self.gradient: Array = backend.zeros(size)
        """∂R/∂θ."""
        self.value: Array = backend.zeros(1)
        """R."""
        self._l1 = backend.array(on_weights(penalties.l1, architecture))
        self._l2 = backend.array(on_weights(penalties.l2, architecture))
        self._scratch: Array = backend.zeros(size)
        self._part: Array = backend.zeros(1)

    def tape(self, theta: Array, data: Array, total: Array) -> Tape:
        """total = data + ∂R/∂θ, and R into `value`."""
        tape: Tape = []
        backend, xp = self._backend, self._backend.xp
        into, value = self.gradient, self.value
        if self.penalties.l2:
            tape += [
                op(xp.multiply, theta, self._l2, into),
                *backend.row_products(theta, into, value[0, ...]),
                op(xp.multiply, value, 0.5, value),
            ]
        if self.penalties.l1:
            both = bool(self.penalties.l2)
            mine, part = (self._scratch, self._part) if both else (into, value)
            tape += [
                op(xp.sign, theta, mine),
                op(xp.multiply, mine, self._l1, mine),
                *backend.row_products(theta, mine, part[0, ...]),
            ]
            if both:
                tape += [op(xp.add, into, mine, into), op(xp.add, value, part, value)]
        return [*tape, op(xp.add, data, into, total)]
