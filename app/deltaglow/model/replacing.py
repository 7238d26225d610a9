"""An edit of which only the result is known, as a function that can also be applied to what was learned."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from deltaglow.model.parts import BatchNorm, same
from deltaglow.model.project import Array, Change, Layer, NetworkSpec, Project
from deltaglow.model.structure import NEW, Plan, rebuilt

_NORM = ("gamma", "beta", "running_mean", "running_var")


def replacing(old: Project, new: Project) -> Change:
    """The edit that made `new` of `old`.

    Layers are taken to be the same from both ends of the network, units from the first on. Arrays that the
    edit left as they were stay as they are in the project that it is applied to; all else is as in `new`.
    """
    pairs = _paired(old.network, new.network)

    def change(project: Project) -> Project:
        if project is old:
            return new
        kept = rebuilt(project, _plans(project.network, new.network, pairs), _inputs(old, new)).network
        idle = rebuilt(old, _plans(old.network, new.network, pairs), _inputs(old, new)).network
        layers = tuple(
            _merged(*three) for three in zip(new.network.layers, idle.layers, kept.layers, strict=True)
        )
        return replace(new, network=replace(new.network, layers=layers))

    return change


def _paired(old: NetworkSpec, new: NetworkSpec) -> list[int | None]:
    """For every new layer the number (from 1) of the old layer that it is."""
    before, after = len(old.layers), len(new.layers)
    head = 0
    while head < min(before, after) and _alike(old.layers[head], new.layers[head]):
        head += 1
    if before == after:
        return [k if old.layers[k - 1].type == new.layers[k - 1].type else None for k in range(1, after + 1)]
    tail = 0
    while tail < min(before, after) - head and old.layers[-1 - tail].type == new.layers[-1 - tail].type:
        tail += 1
    return [k if k <= head else k + before - after if k > after - tail else None for k in range(1, after + 1)]


def _alike(one: Layer, other: Layer) -> bool:
    return (one.type, one.units, one.activation) == (other.type, other.units, other.activation)


def _inputs(old: Project, new: Project) -> list[int]:
    there, wanted = old.network.inputs, new.network.inputs
    return [*range(min(there, wanted)), *[NEW] * max(wanted - there, 0)]


def _plans(spec: NetworkSpec, new: NetworkSpec, pairs: list[int | None]) -> list[Plan]:
    planned = []
    for layer, origin in zip(new.layers, pairs, strict=True):
        if origin is None:
            planned.append(Plan(layer, None, (NEW,) * layer.units))
            continue
        was = spec.layers[origin - 1]
        units = tuple(j if j < was.units else NEW for j in range(layer.units))
        planned.append(Plan(_with_arrays_of(layer, was), origin, units))
    return planned


def _with_arrays_of(layer: Layer, was: Layer) -> Layer:
    part, skip = layer.part, None
    if isinstance(part, BatchNorm) and isinstance(was.part, BatchNorm):
        arrays: dict[str, Any] = {name: getattr(was.part, name) for name in _NORM}
        part = replace(part, **arrays)
    if layer.skip is not None:
        skip = replace(layer.skip, P=None if was.skip is None else was.skip.P)
    made = replace(layer, frozen_W=was.frozen_W, frozen_b=was.frozen_b, part=part, skip=skip)
    return replace(made, W=was.W, b=was.b, mask=was.mask, names_W=was.names_W, names_b=was.names_b)


def _merged(new: Layer, idle: Layer, kept: Layer) -> Layer:
    """The new layer, with the numbers of `kept` where the edit did nothing but move them (`idle`)."""
    part, skip = new.part, new.skip
    if isinstance(part, BatchNorm):
        arrays: dict[str, Any] = {
            name: _picked(*(getattr(layer.part, name) for layer in (new, idle, kept))) for name in _NORM
        }
        part = replace(part, **arrays)
    if skip is not None and idle.skip is not None and kept.skip is not None:
        skip = replace(skip, P=_picked(skip.P, idle.skip.P, kept.skip.P))
    W, b = _picked(new.W, idle.W, kept.W), _picked(new.b, idle.b, kept.b)
    return replace(new, W=W, b=b, part=part, skip=skip)


def _picked(new: Array | None, idle: Array | None, kept: Array | None) -> Array | None:
    if new is None or idle is None or kept is None or not new.shape == idle.shape == kept.shape:
        return kept if same(new, idle) else new
    return np.where(new == idle, kept, new)
