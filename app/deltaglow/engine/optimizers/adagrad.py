"""Adagrad."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from deltaglow.engine.ops import Array, Tape, op
from deltaglow.engine.optimizers.base import Optimizer


class Adagrad(Optimizer):
    """v ← v + g², θ ← θ − η g / (√v + ε) (Duchi, Hazan and Singer 2011), as in PyTorch."""

    name = "adagrad"
    label = "Adagrad"
    formula = "v ← v + g²,  w⁺ = w − η g / (√v + ε)"
    defaults = MappingProxyType({"epsilon": 1e-10})
    slots = ("v",)

    def __init__(
        self, learning_rate: float, size: int = 0, settings: Mapping[str, float] | None = None
    ) -> None:
        super().__init__(learning_rate, size, settings)
        self._root: Array = np.zeros(size)

    def tape(self, gradient: Array, update: Array) -> Tape:
        old, new = self.before[0], self.after[0]
        return [
            op(np.multiply, gradient, gradient, new),
            op(np.add, new, old, new),
            op(np.sqrt, new, self._root),
            op(np.add, self._root, self.settings["epsilon"], self._root),
            op(np.divide, gradient, self._root, update),
            op(np.multiply, update, self.learning_rate, update),
        ]

    def derived(self) -> dict[str, Array]:
        return {"rate": self.learning_rate / self._root}
