"""Edits of the data, the loss, the training and all layers at once: what depends on a change changes with it.

Those of the network's structure are in `deltaglow.model.edits`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from deltaglow.data import DATASETS, FEATURES, most, width
from deltaglow.engine import LOSSES, OPTIMIZERS, SCHEDULES, LossSpec
from deltaglow.model.edits import as_drawn
from deltaglow.model.parts import BatchNorm, Dropout
from deltaglow.model.preparation import own_features
from deltaglow.model.project import (
    BuiltinData,
    InlineData,
    Optimizer,
    Preparation,
    Project,
    Schedule,
    Settings,
)
from deltaglow.model.rules import RULES, losses_for
from deltaglow.model.structure import NEW, plans, rebuilt


def with_initialisation(project: Project, init: str) -> Project:
    """All parameters as they start by the rule `init` instead of given; deleted connections stay deleted."""
    layers = tuple(as_drawn(layer, init) for layer in project.network.layers)
    return replace(project, network=replace(project.network, layers=layers))


def with_start(project: Project, **settings: float | str) -> Project:
    """All drawn weights with this `gain`, or this `constant`."""
    layers = tuple(
        layer if isinstance(layer.part, BatchNorm | Dropout) else replace(layer, **settings)  # type: ignore[arg-type]
        for layer in project.network.layers
    )
    return replace(project, network=replace(project.network, layers=layers))


def with_data(project: Project, data: BuiltinData) -> Project:
    """Learns from `data`; inputs and outputs of the network follow it."""
    kind = DATASETS[data.name]
    outputs = data.classes or kind.default_classes
    data = replace(data, samples=min(data.samples, most(kind, data.balance)))
    fitted = replace(project.network, loss=_suiting(project, data, outputs))
    return _fitted(replace(project, data=data, network=fitted), kind.inputs, outputs)


def with_own_data(project: Project, data: InlineData, loss: LossSpec | None = None) -> Project:
    """Learns from these samples, with the loss as it is if no other is given; inputs and outputs of the
    network follow, and of a single sample none is kept out.
    """
    chosen = loss or project.network.loss
    outputs = data.y.shape[1]
    if chosen.class_weights is not None and len(chosen.class_weights) != outputs:
        chosen = replace(chosen, class_weights=None)
    validation = project.validation if len(data.x) > 1 else None
    network = replace(project.network, loss=chosen)
    changed = replace(project, data=data, network=network, validation=validation)
    return _fitted(changed, data.x.shape[1], outputs)


def _fitted(project: Project, features: int, outputs: int) -> Project:
    """As many inputs as so many features need, and as many outputs: those that there are stay."""
    spec, planned = project.network, plans(project.network)
    there = spec.outputs
    planned[-1] = replace(planned[-1], units=(*range(min(there, outputs)), *(NEW,) * max(outputs - there, 0)))
    wanted = width(features, project.preparation.features)
    inputs = None if wanted == spec.inputs else (NEW,) * wanted
    return rebuilt(project, planned, inputs)


def with_loss(project: Project, loss: LossSpec) -> Project:
    """Makes this loss small; all else stays."""
    return replace(project, network=replace(project.network, loss=loss))


def _suiting(project: Project, data: BuiltinData, outputs: int) -> LossSpec:
    """The loss as it is where it suits the data, else the first that does; no weights of other classes."""
    loss, suit = project.network.loss, losses_for(data.name)
    before = project.data
    numbers = isinstance(before, BuiltinData) and len(losses_for(before.name)) < len(LOSSES)
    if loss.name not in suit or (numbers and len(suit) == len(LOSSES)):
        return LossSpec(suit[0])
    keeps = loss.class_weights is None or len(loss.class_weights) == outputs
    return loss if keeps else replace(loss, class_weights=None)


def with_data_set(project: Project, name: str) -> Project:
    """Learns from the built-in set `name` as it is by default, drawn from the same seed as before."""
    kind = DATASETS[name]
    seed = project.data.seed if isinstance(project.data, BuiltinData) else 0
    data = BuiltinData(name, kind.default_samples, kind.default_noise, kind.default_classes, seed)
    before = DATASETS[project.data.name].inputs if isinstance(project.data, BuiltinData) else 0
    features = project.preparation.features if kind.inputs == before else ()
    return with_data(replace(project, preparation=Preparation(kind.scaling, features)), data)


def with_preparation(project: Project, chosen: Preparation) -> Project:
    """Its features become inputs so; what was learned of inputs that are still there stays.

    Raises ProjectError if the inputs that there are, are not what its features make.
    """
    features = own_features(project.network.inputs, project.preparation)
    before, after = (_inputs(features, each.features) for each in (project.preparation, chosen))
    origin = None if before == after else [before.index(each) if each in before else NEW for each in after]
    return rebuilt(replace(project, preparation=chosen), plans(project.network), origin)


def _inputs(features: int, families: tuple[str, ...]) -> list[tuple[str, int]]:
    """What each input is: its family, "" for the features themselves, and its number in that."""
    counts = {"": features} | {name: FEATURES[name].count(features) for name in families}
    return [(name, k) for name, count in counts.items() for k in range(count)]


def with_learning_rate(project: Project, value: float) -> Project:
    """Steps of size `value`."""
    optimizer = replace(project.training.optimizer, learning_rate=value)
    return replace(project, training=replace(project.training, optimizer=optimizer))


def with_training(project: Project, **changes: object) -> Project:
    """Other settings of the training."""
    return replace(project, training=replace(project.training, **changes))  # type: ignore[arg-type]


def with_optimizer(project: Project, name: str) -> Project:
    """Another optimiser, with its own settings as they are by default and the same learning rate."""
    return with_training(project, optimizer=Optimizer(name, project.training.optimizer.learning_rate))


def with_optimizer_setting(project: Project, key: str, value: float) -> Project:
    """Another value of one of the optimiser's settings."""
    optimizer = project.training.optimizer
    chosen = _with_setting(optimizer.settings, OPTIMIZERS[optimizer.name].defaults, key, value)
    return with_training(project, optimizer=replace(optimizer, settings=chosen))


def with_schedule(project: Project, name: str) -> Project:
    """Another schedule, with its settings as they are by default."""
    if name == project.training.schedule.name:
        return project
    return with_training(project, schedule=Schedule(name))


def with_schedule_setting(project: Project, key: str, value: float) -> Project:
    """Another value of one of the schedule's settings."""
    schedule = project.training.schedule
    chosen = _with_setting(schedule.settings, SCHEDULES[schedule.name].defaults, key, value)
    return with_training(project, schedule=replace(schedule, settings=chosen))


def _with_setting(settings: Settings, taken: Mapping[str, float], key: str, value: float) -> Settings:
    numbers = dict(settings) | {key: int(value) if RULES[key].integer else value}
    return tuple((name, numbers[name]) for name in taken if name in numbers)


def parameters_given(project: Project) -> bool:
    """Does the project bring parameters of its own?"""
    return any(
        layer.W is not None
        or layer.b is not None
        or (
            isinstance(layer.part, BatchNorm) and layer.part != BatchNorm(layer.part.eps, layer.part.momentum)
        )
        or (layer.skip is not None and layer.skip.P is not None)
        for layer in project.network.layers
    )
