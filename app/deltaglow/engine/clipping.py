"""Clipping: a gradient that is too large is made smaller before it is used."""

from __future__ import annotations

from dataclasses import dataclass

from deltaglow.engine.backend import HOST, Backend
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

    def __init__(self, clip: Clip, size: int, backend: Backend = HOST) -> None:
        self.clip = clip
        self._backend = backend
        self.clipped: Array = backend.zeros(size)
        self.norm: Array = backend.zeros(1)
        self.factor: Array = backend.ones(1)

    def tape(self, gradient: Array) -> Tape:
        """From `gradient` (P,) to `clipped`."""
        limit, xp = self.clip.limit, self._backend.xp
        if self.clip.kind == "value":
            return [
                op(xp.minimum, gradient, limit, out=self.clipped),
                op(xp.maximum, self.clipped, -limit, out=self.clipped),
            ]
        return [
            *self._backend.row_products(gradient, gradient, self.norm[0, ...]),
            op(xp.sqrt, self.norm, self.norm),
            op(xp.add, self.norm, SOFTENER, self.factor),
            op(xp.divide, limit, self.factor, self.factor),
            op(xp.minimum, self.factor, 1.0, out=self.factor),
            op(xp.multiply, gradient, self.factor, self.clipped),
        ]
