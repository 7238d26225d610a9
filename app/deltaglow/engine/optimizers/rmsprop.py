"""RMSProp."""

from __future__ import annotations

from types import MappingProxyType

from deltaglow.engine.ops import Array, Tape, op
from deltaglow.engine.optimizers.base import RootOptimizer


class RMSProp(RootOptimizer):
    """v ← α v + (1 − α) g², θ ← θ − η g / (√v + ε) (Hinton, Coursera lecture 6e, 2012), as in PyTorch."""

    name = "rmsprop"
    label = "RMSProp"
    formula = "v ← α v + (1 − α) g²,  w⁺ = w − η g / (√v + ε)"
    defaults = MappingProxyType({"alpha": 0.99, "epsilon": 1e-8})
    slots = ("v",)

    def tape(self, gradient: Array, update: Array) -> Tape:
        old, new, alpha = self.before[0], self.after[0], self.settings["alpha"]
        return [
            op(self.xp.multiply, gradient, gradient, update),
            op(self.xp.multiply, update, 1.0 - alpha, update),
            op(self.xp.multiply, old, alpha, new),
            op(self.xp.add, new, update, new),
            *self.divided(gradient, new, update),
        ]
