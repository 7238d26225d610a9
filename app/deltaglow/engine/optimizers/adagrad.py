"""Adagrad."""

from __future__ import annotations

from types import MappingProxyType

from deltaglow.engine.ops import Array, Tape, op
from deltaglow.engine.optimizers.base import RootOptimizer


class Adagrad(RootOptimizer):
    """v ← v + g², θ ← θ − η g / (√v + ε) (Duchi, Hazan and Singer 2011), as in PyTorch."""

    name = "adagrad"
    label = "Adagrad"
    formula = "v ← v + g²,  w⁺ = w − η g / (√v + ε)"
    defaults = MappingProxyType({"epsilon": 1e-10})
    slots = ("v",)

    def tape(self, gradient: Array, update: Array) -> Tape:
        old, new = self.before[0], self.after[0]
        return [
            op(self.xp.multiply, gradient, gradient, new),
            op(self.xp.add, new, old, new),
            *self.divided(gradient, new, update),
        ]
