"""Where a run stood when its project was saved: all that decides the next steps beside the parameters.

The parameters and running averages themselves stand in the project's layers. What is here is bound to the
network's parameters in the engine's own order, so it only fits the network that it was made with.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from deltaglow.engine import ScaleState, Trainer, TrainerState, Watch, host
from deltaglow.model.parts import Array, frozen, same

MAX_STEPS = 100_000_000
"""Longer runs are saved without their state."""
GENERATOR = re.compile(r"([0-9a-f]{32}) ([0-9a-f]{32}) ([01]) ([0-9a-f]{8})")
"""PCG64 in hexadecimal: state, increment, whether half a draw is left over, and that half."""


@dataclass(frozen=True, eq=False)
class RunState:
    """step: completed steps. optimizer: what the optimiser remembers, each (P,), in the order of
    `carry.slots`. generator, epoch_generator, streams: random generators, as GENERATOR reads them: the run's,
    the run's before it drew the order of the epoch under way, and those of the layers that draw. begun:
    updates before the optimiser began. scaling: of mixed precision. watch: what early stopping has seen.
    """

    step: int
    optimizer: tuple[Array, ...]
    generator: str
    epoch_generator: str
    streams: tuple[str, ...] = ()
    begun: int = 0
    scaling: ScaleState | None = None
    watch: Watch = field(default_factory=Watch)

    def __post_init__(self) -> None:
        arrays = tuple(frozen(array, np.float64) for array in self.optimizer)
        object.__setattr__(self, "optimizer", arrays)

    def _plain(self) -> tuple[object, ...]:
        drawn = (self.generator, self.epoch_generator, self.streams)
        watch = replace(self.watch, best_theta=None, best_statistics=None)
        seen = (watch.best_loss, watch.best_step, watch.waited, watch.stopped_at)
        return (self.step, drawn, self.begun, self.scaling, seen)

    @property
    def arrays(self) -> tuple[Array | None, ...]:
        """All its arrays."""
        return (*self.optimizer, self.watch.best_theta, self.watch.best_statistics)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RunState):
            return NotImplemented
        mine, theirs = self.arrays, other.arrays
        alike = self._plain() == other._plain() and len(mine) == len(theirs)
        return alike and all(map(same, mine, theirs))

    def __hash__(self) -> int:
        return hash(self._plain())


def taken(state: TrainerState) -> RunState | None:
    """What is to be saved of a trainer's state; None where it cannot be: after MAX_STEPS, or if the optimiser
    remembers a number that is not finite.
    """
    wide = tuple(np.asarray(host(array), dtype=np.float64) for array in state.optimizer)
    if state.step > MAX_STEPS or not all(np.isfinite(array).all() for array in wide):
        return None
    return RunState(
        state.step,
        wide,
        _written(state.generator),
        _written(state.epoch_generator),
        tuple(map(_written, state.streams)),
        state.begun,
        state.scaling,
        _wide(state.watch),
    )


def resume(trainer: Trainer, saved: RunState) -> None:
    """Put a trainer at step 0 of the project with this state where the run stood."""
    start = trainer.state()
    trainer.restore(of_trainer(start, saved, start.theta, start.statistics))


def of_trainer(start: TrainerState, saved: RunState, theta: Array, statistics: Array) -> TrainerState:
    """What was saved as the state of a trainer, with these parameters and running averages; start: any state
    of a trainer of the project.
    """
    put = [_like(model, array) for model, array in zip(start.optimizer, saved.optimizer, strict=True)]
    return replace(
        start,
        step=saved.step,
        theta=_like(start.theta, theta),
        statistics=_like(start.statistics, statistics),
        optimizer=tuple(put),
        generator=_read(saved.generator),
        epoch_generator=_read(saved.epoch_generator),
        streams=tuple(map(_read, saved.streams)),
        begun=saved.begun,
        scaling=saved.scaling,
        watch=_typed(saved.watch, partial(_like, start.theta), partial(_like, start.statistics)),
    )


def _typed(watch: Watch, theta: Any, statistics: Any) -> Watch:
    best, averages = watch.best_theta, watch.best_statistics
    if averages is not None and not averages.size:
        averages = None
    return replace(
        watch,
        best_theta=None if best is None else theta(best),
        best_statistics=None if averages is None else statistics(averages),
    )


def _wide(watch: Watch) -> Watch:
    wide = partial(frozen, dtype=np.float64)
    return _typed(watch, lambda array: wide(host(array)), lambda array: wide(host(array)))


def _like(model: Array, values: Array) -> Array:
    """The values as a frozen array of the model's type."""
    made = np.array(values, dtype=model.dtype)
    made.flags.writeable = False
    return made


def _written(state: Mapping[str, Any]) -> str:
    own = state["state"]
    return f"{own['state']:032x} {own['inc']:032x} {state['has_uint32']:d} {state['uinteger']:08x}"


def _read(text: str) -> dict[str, Any]:
    found = GENERATOR.fullmatch(text)
    if found is None:
        raise ValueError(f"no generator: {text}")
    state, increment, left, half = (int(part, 16) for part in found.groups())
    own = {"state": state, "inc": increment}
    return {"bit_generator": "PCG64", "state": own, "has_uint32": left, "uinteger": half}


def has_seen(watch: Watch) -> bool:
    """Whether early stopping has seen anything yet."""
    return watch.best_theta is not None or watch.waited > 0


def numbers(saved: RunState) -> int:
    """How many numbers its arrays hold."""
    return sum(array.size for array in saved.arrays if array is not None)
