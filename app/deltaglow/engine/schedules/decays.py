"""Learning rates that shrink by a factor: in steps, or a little every time."""

from __future__ import annotations

from types import MappingProxyType

from deltaglow.engine.schedules.base import Schedule


class Step(Schedule):
    """η = η₀ γ^⌊t / every⌋: PyTorch's StepLR."""

    name = "step"
    label = "Step"
    formula = "η = η₀ γ^⌊t / every⌋"
    defaults = MappingProxyType({"every": 1000, "gamma": 0.1})

    def rate(self, base: float, t: int) -> float:
        return base * self.settings["gamma"] ** (t // int(self.settings["every"]))


class Exponential(Schedule):
    """η = η₀ γᵗ: PyTorch's ExponentialLR."""

    name = "exponential"
    label = "Exponential"
    formula = "η = η₀ γᵗ"
    defaults = MappingProxyType({"gamma": 0.999})

    def rate(self, base: float, t: int) -> float:
        return float(base * self.settings["gamma"] ** t)
