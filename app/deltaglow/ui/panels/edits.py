"""Edits of a project that touch more than one value: what depends on a change changes with it.

A layer whose shape changes loses its given parameters, names and deleted connections and is drawn anew
from its initialisation; every other layer keeps what it has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from deltaglow.data import DATASETS
from deltaglow.engine import INITIALIZERS, LOSSES, OPTIMIZERS, SCHEDULES, LossSpec
from deltaglow.model import kinds
from deltaglow.model.errors import ProjectError
from deltaglow.model.parts import BatchNorm, Conv1d, Dropout, Part, Skip
from deltaglow.model.project import (
    BuiltinData,
    Layer,
    NetworkSpec,
    Optimizer,
    Project,
    Schedule,
    Settings,
)
from deltaglow.model.rules import RULES, losses_for

Change = Callable[[Project], Project]
"""An edit yet to be made, of whatever the project then is."""


def with_units(project: Project, place: int, units: int) -> Project:
    """Hidden layer number `place` (from 0) has `units` units."""
    layers = list(project.network.layers)
    layers[place] = replace(layers[place], units=units)
    return _with_layers(project, layers)


def with_activation(project: Project, place: int, activation: str) -> Project:
    """Layer number `place` (from 0) has this activation; its weights stay."""
    layers = list(project.network.layers)
    layers[place] = replace(layers[place], activation=activation)
    return replace(project, network=replace(project.network, layers=tuple(layers)))


def with_layer_added(project: Project, kind: str = "dense") -> Project:
    """One more hidden layer, just before the output: made like the last dense hidden layer where it is dense.

    kind: a key of the rule "type", or "residual" for a dense layer with a connection around itself.
    """
    layers = list(project.network.layers)
    before = project.network.sizes[-2]
    dense = [layer for layer in layers[:-1] if layer.part is None]
    model = dense[-1] if dense else Layer(4, "tanh", layers[-1].init)
    start = replace(
        Layer(model.units, model.activation, model.init), gain=model.gain, constant=model.constant
    )
    match kind:
        case "batch_norm":
            made = Layer(before, part=BatchNorm())
        case "dropout":
            made = Layer(before, part=Dropout())
        case "conv1d":
            kernel = min(3, max(1, before // project.network.channels[-2]))
            made = replace(start, part=Conv1d(2, kernel))
        case "residual":
            made = replace(start, units=before, skip=Skip(len(layers) - 1))
        case _:
            made = start
    layers.insert(-1, made)
    return _with_layers(project, layers)


def without_layer(project: Project, place: int) -> Project:
    """Without hidden layer number `place` (from 0)."""
    layers = list(project.network.layers)
    del layers[place]
    return _with_layers(project, layers)


def with_initialisation(project: Project, init: str) -> Project:
    """All parameters as they start by the rule `init` instead of given; deleted connections stay deleted."""
    layers = tuple(_as_drawn(layer, init) for layer in project.network.layers)
    return replace(project, network=replace(project.network, layers=layers))


def _as_drawn(layer: Layer, init: str) -> Layer:
    part, skip = layer.part, layer.skip
    if isinstance(part, BatchNorm):
        part = BatchNorm(part.eps, part.momentum)
    drawn = layer.init if isinstance(part, BatchNorm | Dropout) else init
    skip = None if skip is None else replace(skip, P=None)
    gain = Layer.gain if INITIALIZERS[drawn].own_gain is None else layer.gain
    constant = layer.constant if drawn == "constant" else Layer.constant
    return replace(layer, init=drawn, gain=gain, constant=constant, W=None, b=None, part=part, skip=skip)


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
    spec = project.network
    outputs = data.classes or kind.default_classes
    layers = [*spec.layers[:-1], replace(spec.layers[-1], units=outputs)]
    fitted = replace(spec, loss=_suiting(project, data, outputs))
    return _with_layers(replace(project, data=data, network=fitted), layers, kind.inputs)


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
    return with_data(project, data)


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


def _with_layers(project: Project, layers: list[Layer], inputs: int | None = None) -> Project:
    """The project with these layers, each fitted to the one before it: what no longer fits starts anew."""
    spec = project.network
    inputs = spec.inputs if inputs is None else inputs
    moved = {id(layer): k for k, layer in enumerate(layers, start=1)}
    shapes = dict(zip(map(id, spec.layers), _shapes(spec), strict=True))
    made = NetworkSpec(inputs, (), spec.loss)
    for layer in layers:
        sizes = made.sizes
        fitted = _resized(layer, made)
        shape = (fitted.units, sizes[-1])
        known = shapes.get(id(layer)) == shape or (layer.W is not None and layer.W.shape == shape)
        if not known:
            fitted = replace(
                fitted, W=None, b=None, mask=None, names_W=None, names_b=None, part=_anew(fitted)
            )
        if fitted.skip is not None:
            if len(layers) != len(spec.layers):
                fitted = replace(fitted, skip=_moved(fitted.skip, spec, moved))
            fitted = replace(fitted, skip=_fitted(fitted.skip, sizes, fitted.units))
        made = replace(made, layers=(*made.layers, fitted))
    return replace(project, network=made)


def _resized(layer: Layer, before: NetworkSpec) -> Layer:
    """With the units that the columns before make; as it is where its kernel does not fit, to be refused."""
    try:
        return kinds.resized(layer, before.sizes[-1], before.channels[-1])
    except ProjectError:
        return layer


def _anew(layer: Layer) -> Part | None:
    part = layer.part
    return BatchNorm(part.eps, part.momentum) if isinstance(part, BatchNorm) else part


def _moved(skip: Skip | None, spec: NetworkSpec, moved: dict[int, int]) -> Skip | None:
    """The skip from where its source is now; None if that is gone."""
    if skip is None or skip.source == 0:
        return skip
    place = moved.get(
        id(spec.layers[skip.source - 1]), skip.source if len(moved) > len(spec.layers) else None
    )
    return None if place is None else replace(skip, source=place)


def _fitted(skip: Skip | None, sizes: tuple[int, ...], units: int) -> Skip | None:
    """The skip with a matrix where widths differ, and without one that has the wrong shape."""
    if skip is None or skip.source >= len(sizes):
        return None
    around = sizes[skip.source]
    if not skip.projection and around != units:
        return Skip(skip.source, True)
    fits = skip.P is None or skip.P.shape == (units, around)
    return skip if fits else replace(skip, P=None)


def _shapes(spec: NetworkSpec) -> list[tuple[int, int]]:
    return [(layer.units, before) for layer, before in zip(spec.layers, spec.sizes, strict=False)]
