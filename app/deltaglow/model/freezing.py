"""Freezing layers and single parameters: as an edit, in the file, and as the engine is told of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from deltaglow.engine.frame import Architecture
from deltaglow.model.errors import ProjectError
from deltaglow.model.node import Node
from deltaglow.model.parts import Dropout
from deltaglow.model.project import Change, Layer, Mask, NetworkSpec, Project

FrozenRead = tuple[bool, Mask | None, Mask | None]
"""Of a layer: all of it, and otherwise which weights and biases."""


def freeze_layer(k: int, frozen: bool = True) -> Change:
    """Freezes all parameters of layer k, or frees them, single ones too."""

    def change(project: Project) -> Project:
        return _with_layer(
            project, k, replace(_layer(project, k), frozen=frozen, frozen_W=None, frozen_b=None)
        )

    return change


def freeze_weights(connections: Iterable[tuple[int, int, int]], frozen: bool = True) -> Change:
    """Freezes the weights of these connections of dense layers, each (layer, j, i), or frees them."""
    wanted = list(connections)

    def change(project: Project) -> Project:
        for k, j, i in wanted:
            layer = apart(project, k)
            assert layer.frozen_W is not None
            mask = layer.frozen_W.copy()
            mask[j, i] = frozen
            project = _with_layer(project, k, _tidy(replace(layer, frozen_W=mask)))
        return project

    return change


def freeze_biases(units: Iterable[tuple[int, int]], frozen: bool = True) -> Change:
    """Freezes the biases of these units of dense layers, each (layer, unit), or frees them."""
    wanted = list(units)

    def change(project: Project) -> Project:
        for k, j in wanted:
            layer = apart(project, k)
            assert layer.frozen_b is not None
            mask = layer.frozen_b.copy()
            mask[j] = frozen
            project = _with_layer(project, k, _tidy(replace(layer, frozen_b=mask)))
        return project

    return change


def apart(project: Project, k: int) -> Layer:
    """Dense layer k with a mask of its own for weights and biases; what is frozen stays so."""
    layer, before = _layer(project, k), project.network.sizes[k - 1]
    W = layer.frozen_W if layer.frozen_W is not None else np.full((layer.units, before), layer.frozen)
    b = layer.frozen_b if layer.frozen_b is not None else np.full(layer.units, layer.frozen)
    return replace(layer, frozen=False, frozen_W=W, frozen_b=b)


def is_frozen(layer: Layer, name: str, index: tuple[int, ...]) -> bool:
    """Whether the parameter W[j, i] or b[j] of a layer is frozen."""
    mask = layer.frozen_W if name == "W" else layer.frozen_b if name == "b" else None
    return layer.frozen or (mask is not None and bool(mask[index]))


def anything_frozen(layer: Layer) -> bool:
    """Whether the layer, or something in it, is frozen."""
    return layer.frozen or layer.frozen_W is not None or layer.frozen_b is not None


def frozen_parameters(spec: NetworkSpec, architecture: Architecture) -> Mask | None:
    """For every parameter, flat as the engine lays them out, whether it is frozen; None if none is."""
    if not any(map(anything_frozen, spec.layers)):
        return None
    flat = np.zeros(architecture.parameters)
    for layer, shape, block in zip(spec.layers, architecture.layers, architecture.blocks(flat), strict=True):
        if layer.frozen:
            block[:] = 1.0
        if layer.frozen_W is not None:
            block[: shape.n_in] = layer.frozen_W.T
        if layer.frozen_b is not None:
            block[shape.n_in] = layer.frozen_b
    frozen: Mask = flat != 0.0
    return frozen


def read(node: Node, shape: tuple[int, int]) -> FrozenRead:
    """What "frozen" says of a dense layer of this shape. Raises ProjectError."""
    if not isinstance(node.value, dict):
        return node.flag("frozen"), None, None
    fields = node.fields((), ("W", "b"))
    high = f"the layer has {shape[0]} unit{'s' * (shape[0] != 1)}"
    wide = f"{shape[1]} come before it"
    W = fields["W"].rows("frozen_one", shape, high, wide) != 0.0 if "W" in fields else None
    b = fields["b"].numbers("frozen_one", shape[0], high) != 0.0 if "b" in fields else None
    return False, W, b


def written(layer: Layer) -> bool | dict[str, Any] | None:
    """What the file says of a layer; None for nothing."""
    if layer.frozen:
        return True
    masks = {"W": layer.frozen_W, "b": layer.frozen_b}
    made = {name: mask.astype(np.int64).tolist() for name, mask in masks.items() if mask is not None}
    return made or None


def check(layer: Layer, before: int, where: str) -> None:
    """Whether what is frozen is there. Raises ProjectError."""
    if layer.frozen and isinstance(layer.part, Dropout):
        raise ProjectError(f"{where}.frozen", "is not for dropout layers, which have no parameters")
    for name, mask, shape in (
        ("W", layer.frozen_W, (layer.units, before)),
        ("b", layer.frozen_b, (layer.units,)),
    ):
        if mask is None:
            continue
        if layer.part is not None:
            raise ProjectError(f"{where}.frozen", f"must be true or false for {layer.type} layers")
        if mask.shape != shape:
            size = " × ".join(map(str, shape))
            raise ProjectError(f"{where}.frozen.{name}", f"must have {size} numbers, as {name} has")


def _layer(project: Project, k: int) -> Layer:
    return project.network.layers[k - 1]


def _tidy(layer: Layer) -> Layer:
    """All frozen is the layer frozen; nothing frozen needs no mask."""
    W, b = layer.frozen_W, layer.frozen_b
    assert W is not None and b is not None
    if W.all() and b.all() and (layer.skip is None or not layer.skip.projection):
        return replace(layer, frozen=True, frozen_W=None, frozen_b=None)
    return replace(layer, frozen_W=W if W.any() else None, frozen_b=b if b.any() else None)


def _with_layer(project: Project, k: int, layer: Layer) -> Project:
    layers = list(project.network.layers)
    layers[k - 1] = layer
    return replace(project, network=replace(project.network, layers=tuple(layers)))
