"""Penalties on large weights, which are part of the loss: L1 and L2."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Penalties:
    """R = λ₁ Σ|w| + ½ λ₂ Σw² over every weight, each shared one once, and no bias.

    ∂R/∂w = λ₁ sign(w) + λ₂ w, with sign(0) = 0. The ½ makes λ₂ the number that PyTorch's optimisers call
    weight_decay (Adam's, not AdamW's). L1 is the lasso of Tibshirani 1996. A bias shifts a unit and does not
    make it steep, so it is left alone.
    """

    l1: float = 0.0
    l2: float = 0.0

    def __bool__(self) -> bool:
        return self.l1 != 0.0 or self.l2 != 0.0

    def of(self, weight: float) -> float:
        """One weight's share of R."""
        return self.l1 * abs(weight) + 0.5 * self.l2 * weight * weight
