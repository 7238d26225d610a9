"""The one-cycle policy."""

from __future__ import annotations

from math import cos, pi
from types import MappingProxyType

from deltaglow.engine.schedules.base import Schedule


class OneCycle(Schedule):
    """Up from η₀ / rise to η₀ for a share `peak` of `steps`, then down to η₀ / (rise · fall), on cosines.

    Smith and Topin 2019 as PyTorch's OneCycleLR has it: η₀ is max_lr, `peak` pct_start, `rise` div_factor and
    `fall` final_div_factor; momentum is left alone (cycle_momentum=False). After `steps` updates, where
    PyTorch stops with an error, the learning rate stays at its end.
    """

    name = "one_cycle"
    label = "One-cycle"
    formula = "η from η₀ / rise up to η₀, then down to η₀ / (rise · fall), on half cosines"
    defaults = MappingProxyType({"steps": 1000, "peak": 0.3, "rise": 25.0, "fall": 1e4})

    def rate(self, base: float, t: int) -> float:
        steps, rise = self.settings["steps"], self.settings["rise"]
        turn, end = self.settings["peak"] * steps - 1.0, steps - 1.0
        low = base / rise
        if t <= turn and turn > 0.0:
            return _between(low, base, t / turn)
        if t >= end or turn >= end:
            return low / self.settings["fall"]
        return _between(base, low / self.settings["fall"], (t - turn) / (end - turn))


def _between(start: float, end: float, share: float) -> float:
    return end + (start - end) / 2.0 * (1.0 + cos(pi * share))
