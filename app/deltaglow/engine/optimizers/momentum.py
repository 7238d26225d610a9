"""Gradient descent with momentum, plain and Nesterov's."""

from __future__ import annotations

from types import MappingProxyType

from deltaglow.engine.ops import Array, Tape, op
from deltaglow.engine.optimizers.base import Optimizer


class Momentum(Optimizer):
    """v ← β v + g, θ ← θ − η v (Polyak 1964), in PyTorch's form: no dampening, η outside of v."""

    name = "momentum"
    label = "Momentum"
    formula = "v ← β v + g,  w⁺ = w − η v"
    defaults = MappingProxyType({"momentum": 0.9})
    slots = ("velocity",)

    def tape(self, gradient: Array, update: Array) -> Tape:
        old, new = self.before[0], self.after[0]
        return [
            op(self.xp.multiply, old, self.settings["momentum"], new),
            op(self.xp.add, new, gradient, new),
            op(self.xp.multiply, new, self.learning_rate, update),
        ]


class Nesterov(Momentum):
    """v ← β v + g, θ ← θ − η (g + β v): the gradient as if the momentum's next step had been made.

    Nesterov 1983, in the form of Sutskever et al. 2013 that PyTorch uses (`nesterov=True`).
    """

    name = "nesterov"
    label = "Nesterov"
    formula = "v ← β v + g,  w⁺ = w − η (g + β v)"

    def tape(self, gradient: Array, update: Array) -> Tape:
        old, new, beta = self.before[0], self.after[0], self.settings["momentum"]
        return [
            op(self.xp.multiply, old, beta, new),
            op(self.xp.add, new, gradient, new),
            op(self.xp.multiply, new, beta, update),
            op(self.xp.add, update, gradient, update),
            op(self.xp.multiply, update, self.learning_rate, update),
        ]
