"""Adam, with coupled and with decoupled weight decay."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from deltaglow.engine.backend import HOST, Backend
from deltaglow.engine.ops import Array, Tape, op
from deltaglow.engine.optimizers.base import RootOptimizer


class Adam(RootOptimizer):
    """m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², θ ← θ − η m̂ / (√v̂ + ε).

    m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) make up for the start at zero, t being the number of the update.
    Kingma and Ba 2015; ε outside of the root, as in PyTorch. An L2 penalty is part of g, and so is scaled
    with it. Both averages lie in one (2, P) array, so that they cost one call where others need two.
    """

    name = "adam"
    label = "Adam"
    formula = "m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²,  w⁺ = w − η m̂ / (√v̂ + ε)"
    defaults = MappingProxyType({"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8})
    slots = ("m", "v")
    counts = True

    def __init__(
        self,
        learning_rate: float,
        size: int = 0,
        settings: Mapping[str, float] | None = None,
        backend: Backend = HOST,
    ) -> None:
        super().__init__(learning_rate, size, settings, backend)
        self._corrections: Array = backend.ones((2, 1))
        self._fresh = backend.xp.zeros_like(self.before)
        self._hats = backend.xp.zeros_like(self.before)

    def prepare(self, count: int) -> None:
        """The corrections are a function of the count alone, so that a replay finds the same ones."""
        self._corrections[0, 0] = 1.0 / (1.0 - self.settings["beta1"] ** count)
        self._corrections[1, 0] = 1.0 / (1.0 - self.settings["beta2"] ** count)

    def tape(self, gradient: Array, update: Array) -> Tape:
        beta1, beta2 = self.settings["beta1"], self.settings["beta2"]
        mean, square = self._fresh
        return [
            op(self.xp.multiply, gradient, 1.0 - beta1, mean),
            op(self.xp.multiply, gradient, gradient, square),
            op(self.xp.multiply, square, 1.0 - beta2, square),
            op(self.xp.multiply, self.before, self.backend.array([[beta1], [beta2]]), self.after),
            op(self.xp.add, self.after, self._fresh, self.after),
            op(self.xp.multiply, self.after, self._corrections, self._hats),
            *self.divided(self._hats[0], self._hats[1], update),
        ]

    def derived(self) -> dict[str, Array]:
        m_hat, v_hat = self._hats
        return {"m_hat": m_hat, "v_hat": v_hat} | super().derived()


class AdamW(Adam):
    """Adam with decoupled weight decay, θ ← θ − η λ θ besides (Loshchilov and Hutter 2019), on weights only.

    λ is the run's `weight_decay`; with this optimiser it is 0.01 unless it is chosen.
    """

    name = "adamw"
    label = "AdamW"
    formula = "m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²,  w⁺ = w − η m̂ / (√v̂ + ε) − η λ w"
    decay = 0.01
