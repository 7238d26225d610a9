"""What an edit leaves of a run: parameters, the optimiser's memory and running averages go where their
parameters go.

An edit is a function from a project to a project. Applied to the project with the parameters as trained, it
gives the parameters after it. Applied once more to the project with a number of its own at the place of every
parameter, it shows where each one came from, and whatever belongs to a parameter follows it: one and the
same edit decides both, so nothing can be told apart from what it moves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any

import numpy as np
import numpy.typing as npt

from deltaglow.engine import OPTIMIZERS, Network, Trainer, TrainerState, host
from deltaglow.engine.early_stopping import Watch
from deltaglow.engine.frame import Architecture
from deltaglow.model import build, kinds
from deltaglow.model.once import once
from deltaglow.model.parts import BatchNorm
from deltaglow.model.project import Change, Layer, Project, Training

Array = npt.NDArray[np.float64]

NEW = -1
_BESIDE = ("remembered", "gathered")
"""What is remembered beside the optimiser's own: what sparse updates left out, and a part of a batch."""
_MARK = float(2**40)
"""Beyond every number that an initialiser draws or a hand types in; whole numbers above are exact."""


@dataclass(frozen=True)
class Origins:
    """Where every parameter (P,) and all that is remembered (S,) stood before an edit, or NEW."""

    theta: npt.NDArray[np.int64]
    statistics: npt.NDArray[np.int64]


def origins(before: Project, change: Change, known: Architecture | None = None) -> Origins:
    """Where the parameters of the edited project come from. known: the shape of `before`, if it is known."""
    old = _network(before).architecture if known is None else known
    marked = build.with_parameters(
        before,
        _MARK + np.arange(old.parameters, dtype=np.float64),
        _MARK + np.arange(old.remembered, dtype=np.float64),
        old,
    )
    new = _network(change(marked))
    theta = _read(new.theta, old.parameters)
    if new.architecture.widths == old.widths:
        theta = _typed_over(theta, new.architecture, old)
    return Origins(theta, _read(new.statistics, old.remembered))


def carried(
    before: Project, state: TrainerState, change: Change, fresh: Trainer, known: Architecture | None = None
) -> TrainerState:
    """The state that a run goes on from after an edit.

    before: the project that made the run; known: its shape, which takes long to find out where weights are
    drawn. fresh: a trainer of the edited project at step 0. What is new has
    the parameters that the edit gives it and nothing remembered of it. If nothing that was learned is left,
    the state is that of step 0.
    """
    change = once(change)
    start, after = fresh.state(), change(before)
    shape = _network(before).architecture if known is None else known
    learned, edited = change.pair(
        build.with_parameters(before, _wide(state.theta), _wide(state.statistics), shape)
    )
    if handed_on(learned, edited):
        found = _in_place(shape)
    elif _forgetful(before, after) and _shares(learned, edited):
        found = None  # something is left, and whatever else that is, nothing is remembered of it
    else:
        found = origins(before, change, shape)
    gone = found is not None and not np.any(found.theta >= 0) and len(found.theta) > 0
    if gone or after.training.seed != before.training.seed:
        return start
    made = _network(edited)
    same_feed = _feed(before) == _feed(after)
    stays = found is not None and same_feed and _same_places(found.theta, state.theta)
    return replace(
        start,
        step=state.step,
        theta=_like(start.theta, made.theta),
        optimizer=start.optimizer
        if found is None
        else _memories(before.training, after.training, found.theta, state, start),
        begun=_begun(before.training, after.training, state),
        generator=state.generator,
        epoch_generator=state.epoch_generator,
        statistics=_like(start.statistics, made.statistics),
        streams=(*state.streams[: len(start.streams)], *start.streams[len(state.streams) :]),
        scaling=start.scaling and state.scaling,
        watch=state.watch if stays else Watch(),
    )


def _forgetful(before: Project, after: Project) -> bool:
    """Whether nothing is remembered of any parameter, so that nobody need know where each came from."""
    stopping = before.training.early_stopping or after.training.early_stopping
    return not stopping and not slots(before.training) and not slots(after.training)


def _shares(learned: Project, edited: Project) -> bool:
    """Whether one of the very arrays that were learned is there still."""
    there = {id(array) for layer in learned.network.layers for array in _learned(layer)}
    return any(id(array) in there for layer in edited.network.layers for array in _learned(layer))


def handed_on(learned: Project, edited: Project) -> bool:
    """Whether the edited project has the very arrays of the one with everything given: then no parameter is
    elsewhere, and nobody need look for them.
    """
    ones, others = learned.network.layers, edited.network.layers
    if [layer.type for layer in ones] != [layer.type for layer in others]:
        return False
    return all(
        here is there
        for one, other in zip(ones, others, strict=True)
        for here, there in zip_longest(_parameters(one), _parameters(other))
    )


def _parameters(layer: Layer) -> list[object]:
    """All arrays of a layer that are learned or remembered, each in its place."""
    part, skip = layer.part, layer.skip
    norm = isinstance(part, BatchNorm)
    kept = [getattr(part, name) for name in ("gamma", "beta", "running_mean", "running_var")] if norm else []
    return [layer.W, layer.b, None if skip is None else skip.P, *kept]


def _learned(layer: Layer) -> list[object]:
    """Those that there are, but for what is only remembered."""
    return [array for array in _parameters(layer)[:5] if array is not None]


def _in_place(shape: Architecture) -> Origins:
    """Every parameter where it was."""
    return Origins(np.arange(shape.parameters), np.arange(shape.remembered))


def typed(state: TrainerState, after: Project, shape: Architecture) -> TrainerState | None:
    """The state with the parameters that `after` gives, of the same network and training; all that belongs to
    a parameter stays with it. None if that is not all an edit does: if a whole layer was given anew.
    """
    if not all(map(kinds.is_given, after.network.layers)):
        return None
    made = _network(after)
    theta, statistics = _like(state.theta, made.theta), _like(state.statistics, made.statistics)
    blocks = zip(shape.blocks(host(theta)), shape.blocks(host(state.theta)), strict=True)
    if any(new.size and not (new == old).any() for new, old in blocks):
        return None
    return replace(state, theta=theta, statistics=statistics)


def _network(project: Project) -> Network:
    """The network in float64, whatever it is trained in; parameters that are not given are drawn."""
    spec = project.network
    rng = np.random.default_rng(project.training.seed)
    return Network(spec.inputs, [kinds.built(layer) for layer in spec.layers], spec.loss, rng)


def _read(values: Array, count: int) -> npt.NDArray[np.int64]:
    """The marks among the values."""
    place = values - _MARK
    marks = (place >= 0) & (place < count) & (place == np.floor(place))
    return np.where(marks, place, NEW).astype(np.int64)


def _typed_over(found: npt.NDArray[np.int64], new: Architecture, old: Architecture) -> npt.NDArray[np.int64]:
    """A number typed in covers its mark, and is still that parameter: so it is where all else of its layer
    stayed in place.
    """
    places, at = found.astype(np.float64), np.arange(len(found), dtype=np.float64)
    for block, own, was, now in zip(new.blocks(places), new.blocks(at), old.layers, new.layers, strict=True):
        if was.block_shape != now.block_shape or was.kind != now.kind:
            continue
        known = block >= 0
        if known.any() and bool((block[known] == own[known]).all()):
            block[:] = own
    return places.astype(np.int64)


def _memories(
    before: Training,
    after: Training,
    places: npt.NDArray[np.int64],
    state: TrainerState,
    start: TrainerState,
) -> tuple[Array, ...]:
    """What the optimiser remembers of each parameter, moved; as at the start if it is another optimiser: its
    memory means something else.
    """
    known = dict(zip(slots(before), state.optimizer, strict=True))
    if not _kin(before, after):
        known = {name: array for name, array in known.items() if name in _BESIDE}
    made = []
    for name, empty in zip(slots(after), start.optimizer, strict=True):
        old = known.get(name)
        made.append(empty if old is None else _moved(old, places, empty))
    return tuple(made)


def _begun(before: Training, after: Training, state: TrainerState) -> int:
    """After how many updates the optimiser began: one that is new counts its own from here."""
    if _kin(before, after):
        return state.begun
    missed = 0 if state.scaling is None else state.scaling.missed
    return state.step // after.accumulate - missed


def _kin(before: Training, after: Training) -> bool:
    """Whether an optimiser goes on with the memory of the one before: Adam's with Adam or AdamW."""
    one, other = OPTIMIZERS[before.optimizer.name], OPTIMIZERS[after.optimizer.name]
    return issubclass(one, other) or issubclass(other, one)


def slots(training: Training) -> tuple[str, ...]:
    """The names of the arrays in a trainer's state, in their order."""
    remembered = () if training.top_k is None else ("remembered",)
    gathered = ("gathered",) if training.accumulate > 1 else ()
    return OPTIMIZERS[training.optimizer.name].slots + remembered + gathered


def _moved(old: Array, places: npt.NDArray[np.int64], empty: Array) -> Array:
    return _like(empty, np.where(places >= 0, old[np.clip(places, 0, len(old) - 1)], empty))


def _like(model: Array, values: npt.NDArray[Any]) -> Array:
    """The values as a frozen array of the model's type."""
    made = np.array(values, dtype=model.dtype)
    made.flags.writeable = False
    return made


def _wide(values: npt.NDArray[Any]) -> Array:
    return np.asarray(values, dtype=np.float64)


def _same_places(places: npt.NDArray[np.int64], theta: Array) -> bool:
    return len(places) == len(theta) and bool((places == np.arange(len(places))).all())


def _feed(project: Project) -> Mapping[str, object]:
    """What decides how a loss is compared with the one before it."""
    return {
        "data": project.data,
        "validation": project.validation,
        "loss": project.network.loss,
        "stopping": project.training.early_stopping,
    }
