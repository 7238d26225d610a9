"""Plain gradient descent."""

from __future__ import annotations

import numpy as np

from deltaglow.engine.ops import Array, Tape, op
from deltaglow.engine.optimizers.base import Optimizer


class SGD(Optimizer):
    """θ ← θ − η ∂L/∂θ (Robbins and Monro 1951), the gradient being the mini-batch's mean."""

    name = "sgd"
    label = "SGD"

    def tape(self, gradient: Array, update: Array) -> Tape:
        return [op(np.multiply, gradient, self.learning_rate, update)]
