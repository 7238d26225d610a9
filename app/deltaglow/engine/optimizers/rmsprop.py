"""RMSProp."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from deltaglow.engine.backend import HOST, Backend
from deltaglow.engine.ops import Array, Tape, op
from deltaglow.engine.optimizers.base import Optimizer


class RMSProp(Optimizer):
    """v ← α v + (1 − α) g², θ ← θ − η g / (√v + ε) (Hinton, Coursera lecture 6e, 2012), as in PyTorch."""

    name = "rmsprop"
    label = "RMSProp"
    formula = "v ← α v + (1 − α) g²,  w⁺ = w − η g / (√v + ε)"
    defaults = MappingProxyType({"alpha": 0.99, "epsilon": 1e-8})
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
        old, new, alpha = self.before[0], self.after[0], self.settings["alpha"]
        return [
            op(self.xp.multiply, gradient, gradient, update),
            op(self.xp.multiply, update, 1.0 - alpha, update),
            op(self.xp.multiply, old, alpha, new),
            op(self.xp.add, new, update, new),
            op(self.xp.sqrt, new, self._root),
            op(self.xp.add, self._root, self.settings["epsilon"], self._root),
            op(self.xp.divide, gradient, self._root, update),
            op(self.xp.multiply, update, self.learning_rate, update),
        ]

    def derived(self) -> dict[str, Array]:
        return {"rate": self.learning_rate / self._root}
