"""Clipping: a gradient that is too large is made smaller before it is used."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deltaglow.engine.ops import Array, Tape, op

SOFTENER = 1e-6
"""What PyTorch adds to the norm before dividing by it."""


@dataclass(frozen=True)
class Clip:
    """`kind` is "norm": g · min(1, limit / (‖g‖ + 1e−6)), ‖g‖ being the norm of the whole gradient (Pascanu,
    Mikolov and Bengio 2013; PyTorch's clip_grad_norm_); or "value": every number held within ±limit
    (clip_grad_value_).
    """

    kind: str
    limit: float


class Clipping:
    """The calls that clip, with what they found: `clipped` (P,), and for "norm" the `norm` and `factor`."""

    def __init__(self, clip: Clip, size: int) -> None:
        self.clip = clip
        self.clipped: Array = np.zeros(size)
        self.norm: Array = np.zeros(1)
        self.factor: Array = np.ones(1)

    def tape(self, gradient: Array) -> Tape:
        """From `gradient` (P,) to `clipped`."""
        limit = self.clip.limit
        if self.clip.kind == "value":
            return [
                op(np.minimum, gradient, limit, out=self.clipped),
                op(np.maximum, self.clipped, -limit, out=self.clipped),
            ]
        return [
            op(np.vecdot, gradient, gradient, self.norm[0, ...]),
            op(np.sqrt, self.norm, self.norm),
            op(np.add, self.norm, SOFTENER, self.factor),
            op(np.divide, limit, self.factor, self.factor),
            op(np.minimum, self.factor, 1.0, out=self.factor),
            op(np.multiply, gradient, self.factor, self.clipped),
        ]
