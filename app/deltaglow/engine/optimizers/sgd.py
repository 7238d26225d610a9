"""Plain gradient descent."""

from __future__ import annotations

from deltaglow.engine.ops import Array, Tape, op
from deltaglow.engine.optimizers.base import Optimizer


class SGD(Optimizer):
    """θ ← θ − η g (Robbins and Monro 1951), g being the gradient of the mini-batch's mean loss."""

    name = "sgd"
    label = "SGD"
    formula = "w⁺ = w − η g"

    def tape(self, gradient: Array, update: Array) -> Tape:
        return [
            op(self.xp.multiply, gradient, self.backend.spread(self.learning_rate, len(gradient)), update)
        ]
