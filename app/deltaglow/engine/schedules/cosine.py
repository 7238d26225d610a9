"""Learning rates that follow half a cosine, with and without a warm-up."""

from __future__ import annotations

from math import cos, pi
from types import MappingProxyType

from deltaglow.engine.schedules.base import Schedule


class Cosine(Schedule):
    """η = minimum + ½ (η₀ − minimum) (1 + cos(π t / steps)): Loshchilov and Hutter 2017 without restarts.

    PyTorch's CosineAnnealingLR, which rises again after `steps`; here too.
    """

    name = "cosine"
    label = "Cosine"
    formula = "η = η_min + ½ (η₀ − η_min) (1 + cos(π t / steps))"
    defaults = MappingProxyType({"steps": 1000, "minimum": 0.0})

    def rate(self, base: float, t: int) -> float:
        return _half_cosine(base, self.settings["minimum"], t / self.settings["steps"])


class WarmupCosine(Schedule):
    """From η₀ · start up to η₀ in a straight line for `warmup` updates, then down like `Cosine`.

    PyTorch's SequentialLR of LinearLR (start_factor = start) and CosineAnnealingLR, whose half wave ends
    after `steps` updates in all.
    """

    name = "warmup_cosine"
    label = "Warm-up + cosine"
    formula = "η = η₀ (start + (1 − start) t / warmup), then η_min + ½ (η₀ − η_min) (1 + cos(π s)), s → 1"
    defaults = MappingProxyType({"warmup": 100, "steps": 1000, "start": 1 / 3, "minimum": 0.0})

    def rate(self, base: float, t: int) -> float:
        warmup, start = self.settings["warmup"], self.settings["start"]
        if t < warmup:
            return base * (start + (1.0 - start) * t / warmup)
        share = (t - warmup) / (self.settings["steps"] - warmup)
        return _half_cosine(base, self.settings["minimum"], share)


def _half_cosine(top: float, bottom: float, share: float) -> float:
    return bottom + 0.5 * (top - bottom) * (1.0 + cos(pi * share))
