"""Adagrad."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from deltaglow.engine.backend import HOST, Backend
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
        self,
        learning_rate: float,
        size: int = 0,
        settings: Mapping[str, float] | None = None,
        backend: Backend = HOST,
    ) -> None:
        super().__init__(learning_rate, size, settings, backend)
        self._root: Array = backend.zeros(size)

    def tape(self, gradient: Array, update: Array) -> Tape:
        old, new = self.before[0], self.after[0]
        return [
            op(self.xp.multiply, gradient, gradient, new),
            op(self.xp.add, new, old, new),
            op(self.xp.sqrt, new, self._root),
            op(self.xp.add, self._root, self.settings["epsilon"], self._root),
            op(self.xp.divide, gradient, self._root, update),
            op(self.xp.multiply, update, self.learning_rate, update),
        ]

    def derived(self) -> dict[str, Array]:
        return {"rate": self.learning_rate / self._root}
