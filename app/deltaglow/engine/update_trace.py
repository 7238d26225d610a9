"""How one step's update came about: what an explanation of it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from deltaglow.engine.clipping import Clip
from deltaglow.engine.ops import Array
from deltaglow.engine.regularisation import Penalties


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, eq=False)
class UpdateTrace:
    """How one step's update came about.

    count: the number of the update, from 1. begun: how many were made before the optimiser began. turn: which
    of the `accumulate` mini-batches it is, from 0; the parameters move with the last. base: η₀ as set.
    penalty: R, what the penalties add to the loss. norm, factor: of a clipping by norm, the gradient's norm
    and what it was multiplied by. sent: how many numbers of the gradient the optimiser is given, the others
    being zero. arrays, flat (P,), those that there are:
    `data` and `penalty`, the parts of the gradient; `gathered` and `gathered_before`, the gradients so far
    over `accumulate`; `clipped`; `sent`, `remembered` and `remembered_before` of sparse gradients; `frozen`,
    1 where a parameter is; the optimiser's slots, after and (`_before`) before; `m_hat`, `v_hat`; `rate`, the
    effective learning rate.
    """

    optimizer: str = "sgd"
    settings: Mapping[str, float] = field(default_factory=_nothing)
    schedule: str = "constant"
    schedule_settings: Mapping[str, float] = field(default_factory=_nothing)
    base: float = 0.0
    count: int = 1
    begun: int = 0
    turn: int = 0
    accumulate: int = 1
    penalties: Penalties = field(default_factory=Penalties)
    penalty: float = 0.0
    weight_decay: float = 0.0
    clip: Clip | None = None
    norm: float = 0.0
    factor: float = 1.0
    sent: int = 0
    arrays: Mapping[str, Array] = field(default_factory=_nothing)

    @property
    def updates(self) -> bool:
        """Whether the parameters moved."""
        return self.turn == self.accumulate - 1

    @property
    def age(self) -> int:
        """Which update of its optimiser it is, from 1: the t of Adam's corrections."""
        return self.count - self.begun
