"""Edits of a project that touch more than one value: what depends on a change changes with it.

A layer whose shape changes loses its given parameters, names and deleted connections and is drawn anew
from its initialisation; every other layer keeps what it has.
"""

from __future__ import annotations

from dataclasses import replace

from deltaglow.data import DATASETS
from deltaglow.model.project import BuiltinData, Layer, NetworkSpec, Project


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


def with_layer_added(project: Project) -> Project:
    """One more hidden layer, just before the output, made like the hidden layer before it."""
    layers = list(project.network.layers)
    model = layers[-2] if len(layers) > 1 else Layer(4, "tanh", layers[-1].init)
    layers.insert(-1, Layer(model.units, model.activation, model.init))
    return _with_layers(project, layers)


def without_layer(project: Project, place: int) -> Project:
    """Without hidden layer number `place` (from 0)."""
    layers = list(project.network.layers)
    del layers[place]
    return _with_layers(project, layers)


def with_initialisation(project: Project, init: str) -> Project:
    """All weights and biases drawn by the rule `init` instead of given; deleted connections stay deleted."""
    layers = tuple(replace(layer, init=init, W=None, b=None) for layer in project.network.layers)
    return replace(project, network=replace(project.network, layers=layers))


def with_data(project: Project, data: BuiltinData) -> Project:
    """Learns from `data`; inputs and outputs of the network follow it."""
    kind = DATASETS[data.name]
    spec = project.network
    outputs = data.classes or kind.default_classes
    layers = [*spec.layers[:-1], replace(spec.layers[-1], units=outputs)]
    return _with_layers(replace(project, data=data), layers, kind.inputs)


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


def parameters_given(project: Project) -> bool:
    """Does the project bring weights or biases of its own?"""
    return any(layer.W is not None or layer.b is not None for layer in project.network.layers)


def _with_layers(project: Project, layers: list[Layer], inputs: int | None = None) -> Project:
    spec = project.network
    inputs = spec.inputs if inputs is None else inputs
    shapes = {
        id(layer): shape for layer, shape in zip(spec.layers, _shapes(spec.inputs, spec.layers), strict=True)
    }
    fitted = []
    for layer, shape in zip(layers, _shapes(inputs, layers), strict=True):
        keeps = shapes.get(id(layer)) == shape or (layer.W is not None and layer.W.shape == shape)
        fitted.append(layer if keeps else Layer(layer.units, layer.activation, layer.init))
    return replace(project, network=NetworkSpec(inputs, tuple(fitted), spec.loss))


def _shapes(inputs: int, layers: list[Layer] | tuple[Layer, ...]) -> list[tuple[int, int]]:
    before = [inputs, *(layer.units for layer in layers)]
    return [(layer.units, before[place]) for place, layer in enumerate(layers)]
