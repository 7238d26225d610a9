"""Edits of a network: functions from a project to a project. What depends on a change changes with it, and
what was learned stays (see `structure`).

Layers count from 1, units from 0. Nothing here asks whether an edit makes sense for the data, or the rules:
`refusal` does, before anything is tried.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

import numpy as np

from deltaglow.engine import INITIALIZERS, LOSSES
from deltaglow.model import build, kinds, naming, validate
from deltaglow.model.errors import ProjectError
from deltaglow.model.parts import BatchNorm, Conv1d, Dropout, Part, Skip
from deltaglow.model.project import Change, Layer, Mask, Project
from deltaglow.model.structure import NEW, Plan, drawn, mask_of, new, plans, rebuilt

_ONE = {"batch_norm": "batch normalisation", "dropout": "dropout", "conv1d": "a convolution"}

Connection = tuple[int, int, int]
"""(layer, j, i): from unit i to unit j of the layer."""


def refusal(project: Project, change: Change) -> str:
    """Why a change of the project is not possible, in one line; "" if it is."""
    try:
        after = change(project)
        ends = (after.network.inputs, after.network.outputs, after.network.loss)
        if after.data is project.data and ends == (
            project.network.inputs,
            project.network.outputs,
            project.network.loss,
        ):
            validate.without_data(after)  # all the samples of a large set need no second look
        else:
            validate.validate(after)
    except ProjectError as error:
        return error.what if not error.where else f"{error.where} {error.what}"
    return ""


def fixed(project: Project, k: int) -> str:
    """Why the units of column k (0 the inputs) cannot be others, in one line; "" if they can."""
    depth = len(project.network.layers)
    if k == 0:
        return "The inputs are the features of the data: choose other data to change them"
    if k == depth:
        real = LOSSES[project.network.loss.name].targets == "real"
        return f"The output has one unit for each {'target' if real else 'class'} of the data"
    if project.network.layers[k - 1].part is not None:
        return f"The units of layer {k} follow from the layer before"
    return ""


# Layers


def add_layer(project: Project, at: int, kind: str = "dense") -> Project:
    """With a new layer that becomes layer number `at`; a dense one is made like the hidden layer before it.

    kind: a key of the rule "type", or "residual" for a dense layer with a connection around itself.
    """
    return insert_layer(project, at, made(project, at, kind))


def made(project: Project, at: int, kind: str) -> Layer:
    """A layer of this kind, for the place of layer number `at`."""
    spec = project.network
    before = spec.sizes[at - 1]
    dense = [layer for layer in spec.layers[:-1] if layer.part is None]
    ahead = [layer for layer in spec.layers[: min(at - 1, len(spec.layers) - 1)] if layer.part is None]
    model = ahead[-1] if ahead else dense[0] if dense else Layer(4, "tanh", spec.layers[-1].init)
    start = replace(
        Layer(model.units, model.activation, model.init), gain=model.gain, constant=model.constant
    )
    if kind == "residual":
        return replace(start, units=before, skip=Skip(at - 1))
    return as_kind(project, start, at, kind)


def insert_layer(project: Project, at: int, layer: Layer) -> Project:
    """With this layer as number `at`; its arrays are kept if they fit there."""
    planned = plans(project.network)
    planned.insert(at - 1, new(layer))
    return rebuilt(project, planned)


def remove_layers(project: Project, layers: Collection[int]) -> Project:
    """Without these layers."""
    planned = plans(project.network)
    return rebuilt(project, [plan for plan in planned if plan.origin not in layers])


def move_layer(project: Project, k: int, to: int) -> Project:
    """Layer k becomes layer number `to`."""
    planned = plans(project.network)
    planned.insert(to - 1, planned.pop(k - 1))
    return rebuilt(project, planned)


def duplicate_layer(project: Project, k: int) -> Project:
    """With a copy of layer k behind it, its weights too where they fit."""
    return insert_layer(project, k + 1, project.network.layers[k - 1])


def with_kind(project: Project, k: int, kind: str) -> Project:
    """Layer k is of this kind: "dense", "residual", or another key of the rule "type".

    Dense layers keep their units and weights.
    """
    layer, before = project.network.layers[k - 1], project.network.sizes[k - 1]
    if kind == _kind(layer):
        return project
    skip = Skip(k - 1, layer.units != before) if kind == "residual" else None
    made = replace(as_kind(project, replace(_dense(layer), skip=skip), k, kind), name=layer.name)
    planned = plans(project.network)
    planned[k - 1] = Plan(made, k, tuple(range(made.units)))
    return rebuilt(project, planned)


def as_kind(project: Project, layer: Layer, at: int, kind: str) -> Layer:
    """What a dense layer is when it is of another kind, as layer number `at`."""
    spec = project.network
    before, channels = spec.sizes[at - 1], spec.channels[at - 1]
    match kind:
        case "batch_norm":
            return Layer(before, part=BatchNorm())
        case "dropout":
            return Layer(before, part=Dropout())
        case "conv1d":
            kernel = min(3, max(1, before // channels))
            bare = Layer(layer.units, layer.activation, layer.init)
            return replace(bare, gain=layer.gain, constant=layer.constant, part=Conv1d(2, kernel))
        case _:
            return layer


def _kind(layer: Layer) -> str:
    return "residual" if layer.skip is not None else layer.type


def _dense(layer: Layer) -> Layer:
    if layer.part is None:
        return layer
    return replace(Layer(layer.units, layer.activation, layer.init), gain=layer.gain, constant=layer.constant)


def with_activation(project: Project, k: int, activation: str) -> Project:
    """Layer k has this activation; its weights stay."""
    return with_layer(project, k, activation=activation)


def with_initialisation(project: Project, k: int, init: str) -> Project:
    """Layer k is drawn anew, by the rule `init`; deleted connections stay deleted."""
    layers = list(project.network.layers)
    layers[k - 1] = as_drawn(layers[k - 1], init)
    return replace(project, network=replace(project.network, layers=tuple(layers)))


def as_drawn(layer: Layer, init: str) -> Layer:
    """The layer as it starts by the rule `init`, without given parameters."""
    part, skip = layer.part, layer.skip
    if isinstance(part, BatchNorm):
        part = BatchNorm(part.eps, part.momentum)
    rule = layer.init if isinstance(part, BatchNorm | Dropout) else init
    skip = None if skip is None else replace(skip, P=None)
    gain = Layer.gain if INITIALIZERS[rule].own_gain is None else layer.gain
    constant = layer.constant if rule == "constant" else Layer.constant
    return replace(layer, init=rule, gain=gain, constant=constant, W=None, b=None, part=part, skip=skip)


def with_layer(project: Project, k: int, **changes: object) -> Project:
    """Layer k with other values of fields that change no shape."""
    layers = list(project.network.layers)
    layers[k - 1] = replace(layers[k - 1], **changes)  # type: ignore[arg-type]
    return replace(project, network=replace(project.network, layers=tuple(layers)))


def with_part(project: Project, k: int, part: Part) -> Project:
    """Layer k, which is not dense, with other numbers of its kind: a rate, a kernel."""
    planned = plans(project.network)
    planned[k - 1] = replace(planned[k - 1], layer=replace(planned[k - 1].layer, part=part))
    return rebuilt(project, planned)


# Units


def with_units(project: Project, k: int, units: int) -> Project:
    """Layer k has `units` units: the last ones go, or new ones come behind them."""
    there = project.network.layers[k - 1].units
    return arrange_units(project, k, [*range(min(there, units)), *[NEW] * max(units - there, 0)])


def add_unit(project: Project, k: int, at: int | None = None) -> Project:
    """Layer k has one more unit, in place `at` or as the last."""
    order = list(range(project.network.layers[k - 1].units))
    order.insert(len(order) if at is None else at, NEW)
    return arrange_units(project, k, order)


def remove_units(project: Project, units: Iterable[tuple[int, int]]) -> Project:
    """Without these units, each (layer, unit)."""
    gone = set(units)
    planned = [
        replace(plan, units=tuple(unit for unit in plan.units if (plan.origin, unit) not in gone))
        for plan in plans(project.network)
    ]
    return rebuilt(project, planned)


def move_unit(project: Project, k: int, unit: int, to: int) -> Project:
    """Unit number `unit` of layer k goes to place `to` with all its connections: the function stays."""
    order = list(range(project.network.layers[k - 1].units))
    order.insert(to, order.pop(unit))
    return arrange_units(project, k, order)


def duplicate_units(project: Project, units: Iterable[tuple[int, int]]) -> Project:
    """With a copy behind each of these units, each (layer, unit): its weights in and out, and its bias."""
    project, twice = given(project), set(units)
    planned = []
    for plan in plans(project.network):
        order: list[int] = []
        for unit in plan.units:
            order += [unit, unit] if (plan.origin, unit) in twice else [unit]
        planned.append(replace(plan, units=tuple(order)))
    return rebuilt(project, planned)


def paste_units(
    project: Project, k: int, at: int, source: Project, units: Sequence[tuple[int, int]]
) -> Project:
    """Layer k gets copies of units of another project in place `at`, each (layer, unit).

    A copy has the weights of its model towards columns of the same width, else new ones; and its bias.
    """
    project, source = given(project), given(source)
    there = dense_layer(project, k).units
    made = arrange_units(project, k, [*range(at), *[NEW] * len(units), *range(at, there)])
    layers = list(made.network.layers)
    for place, (layer, unit) in enumerate(units, start=at):
        model, bias = dense_layer(source, layer), np.array(layers[k - 1].b)
        bias[place] = np.array(model.b)[unit]
        layers[k - 1] = replace(layers[k - 1], b=bias)
        called = naming.own_unit_name(source, layer, unit)
        if called:
            layers[k - 1] = naming.with_unit_name(layers[k - 1], place, called)
        if source.network.sizes[layer - 1] == made.network.sizes[k - 1]:
            layers[k - 1] = _with_row(layers[k - 1], place, model, unit)
        if k < len(layers) and layer < len(source.network.layers):
            ahead, model = layers[k], source.network.layers[layer]
            if ahead.part is None and model.part is None and ahead.units == model.units:
                layers[k] = _with_column(ahead, place, model, unit)
    return replace(made, network=replace(made.network, layers=tuple(layers)))


def _with_row(layer: Layer, row: int, model: Layer, unit: int) -> Layer:
    W, mask = np.array(layer.W), _whole_mask(layer)
    W[row], mask[row] = np.array(model.W)[unit], _whole_mask(model)[unit]
    return replace(layer, W=W, mask=mask_of(mask))


def _with_column(layer: Layer, column: int, model: Layer, unit: int) -> Layer:
    W, mask = np.array(layer.W), _whole_mask(layer)
    W[:, column], mask[:, column] = np.array(model.W)[:, unit], _whole_mask(model)[:, unit]
    return replace(layer, W=W, mask=mask_of(mask))


def _whole_mask(layer: Layer) -> Mask:
    return np.ones_like(layer.W, np.bool_) if layer.mask is None else layer.mask.copy()


def arrange_units(project: Project, k: int, order: Sequence[int]) -> Project:
    """Layer k has these of its units in this order; NEW where a new one comes."""
    planned = plans(project.network)
    planned[k - 1] = replace(planned[k - 1], units=tuple(order))
    return rebuilt(project, planned)


def given(project: Project) -> Project:
    """The project with every parameter written in; those that are to be drawn, as they are drawn.

    The same object if it has them all already.
    """
    if all(map(kinds.is_given, project.network.layers)):
        return project
    first = build.network(project, np.random.default_rng(project.training.seed))
    return build.with_parameters(project, first.theta, first.statistics)


# Connections, weights, biases and names


def dense_layer(project: Project, k: int) -> Layer:
    """Layer k. Raises ProjectError if it is not dense: others have no weights of single connections."""
    layer = project.network.layers[k - 1]
    if layer.part is not None:
        raise ProjectError(
            "", f"Layer {k} is {_ONE[layer.type]}: its connections are no parameters of their own"
        )
    return layer


def connect(
    project: Project, connections: Iterable[Connection], there: bool, known: Project | None = None
) -> Project:
    """These connections are there, or deleted.

    One that comes back has the weight that the project still has for it, else that of the project `known`,
    which may be an earlier one, else one drawn by the layer's rule.
    """
    wanted = list(connections)
    layers = list(project.network.layers)
    for k in sorted({layer for layer, _, _ in wanted}):
        layer, before = dense_layer(project, k), project.network.sizes[k - 1]
        shape = (layer.units, before)
        mask = np.ones(shape, np.bool_) if layer.mask is None else layer.mask.copy()
        rows, columns = zip(*((j, i) for at, j, i in wanted if at == k), strict=True)
        back = ~mask[rows, columns] if there else np.zeros(len(rows), np.bool_)
        mask[rows, columns] = there
        W = layer.W
        if W is not None and back.any():
            place = (np.array(rows)[back], np.array(columns)[back])
            W = W.copy()
            fresh = drawn(project.training.seed, layer, k, before)
            held = _undeleted(known).network.layers[k - 1].W if known is not None else None
            for source in (held, fresh):
                if source is not None:
                    W[place] = np.where(W[place] == 0.0, source[place], W[place])
        layers[k - 1] = replace(layer, W=W, mask=mask_of(mask))
    return replace(project, network=replace(project.network, layers=tuple(layers)))


def _undeleted(project: Project) -> Project:
    """The project with every parameter given, those of deleted connections too where they are still to be
    drawn.
    """
    if all(map(kinds.is_given, project.network.layers)):
        return project
    spec = project.network
    layers = tuple(layer if layer.W is not None else replace(layer, mask=None) for layer in spec.layers)
    return given(replace(project, network=replace(spec, layers=layers)))


def set_weights(project: Project, values: Iterable[tuple[Connection, float]]) -> Project:
    """These connections have these weights; a project whose weights are still to be drawn gets them given."""
    project = given(project)
    layers = list(project.network.layers)
    for (k, j, i), value in values:
        dense_layer(project, k)
        W = np.array(layers[k - 1].W)
        W[j, i] = value
        layers[k - 1] = replace(layers[k - 1], W=W)
    return replace(project, network=replace(project.network, layers=tuple(layers)))


def set_bias(project: Project, k: int, j: int, value: float) -> Project:
    """Unit j of layer k has this bias; a project whose weights are still to be drawn gets them given."""
    project = given(project)
    b = np.array(dense_layer(project, k).b)
    b[j] = value
    return with_layer(project, k, b=b)


def rename_weight(project: Project, connection: Connection, name: str) -> Project:
    """The weight of a connection has this name; "" for none."""
    k, j, i = connection
    layer, before = dense_layer(project, k), project.network.sizes[k - 1]
    names = layer.names_W or ((("",) * before),) * layer.units
    rows = [list(row) for row in names]
    rows[j][i] = name
    made = tuple(map(tuple, rows))
    return with_layer(project, k, names_W=made if any(map(any, made)) else None)


def rename_bias(project: Project, k: int, j: int, name: str) -> Project:
    """The bias of unit j of layer k has this name; "" for none."""
    layer = dense_layer(project, k)
    names = list(layer.names_b or ("",) * layer.units)
    names[j] = name
    return with_layer(project, k, names_b=tuple(names) if any(names) else None)
