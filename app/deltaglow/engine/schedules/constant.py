"""No schedule."""

from __future__ import annotations

from deltaglow.engine.schedules.base import Schedule


class Constant(Schedule):
    """η = η₀."""

    name = "constant"
    label = "Constant"
    formula = "η = η₀"

    def rate(self, base: float, t: int) -> float:
        return base
