"""Plain gradient descent."""

from __future__ import annotations

import numpy as np

from deltaglow.engine.ops import Array, Tape, op, spread
from deltaglow.engine.optimizers.base import Optimizer


class SGD(Optimizer):
    """θ ← θ − η g (Robbins and Monro 1951), g being the gradient of the mini-batch's mean loss."""

    name = "sgd"
    label = "SGD"
    formula = "w⁺ = w − η g"

    def tape(self, gradient: Array, update: Array) -> Tape:
        return [op(np.multiply, gradient, spread(self.learning_rate, len(gradient)), update)]
