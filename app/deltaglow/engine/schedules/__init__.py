"""How the learning rate changes along a run. To add a schedule: a file here, and its name below."""

from __future__ import annotations

from deltaglow.engine.schedules.base import Schedule
from deltaglow.engine.schedules.constant import Constant
from deltaglow.engine.schedules.cosine import Cosine, WarmupCosine
from deltaglow.engine.schedules.decays import Exponential, Step
from deltaglow.engine.schedules.one_cycle import OneCycle

SCHEDULES: dict[str, type[Schedule]] = {
    rule.name: rule for rule in (Constant, Step, Exponential, Cosine, WarmupCosine, OneCycle)
}

__all__ = ["SCHEDULES", "Schedule"]
