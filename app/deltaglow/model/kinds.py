"""The kinds of layer beside dense, and the connections around layers: read, written, checked and built.

Where a function takes `shape` it is (units, units of the layer before), as for a dense layer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from deltaglow import engine
from deltaglow.model.errors import ProjectError
from deltaglow.model.node import Node
from deltaglow.model.parts import BatchNorm, Conv1d, Dropout, Part, Skip
from deltaglow.model.project import Layer, NetworkSpec
from deltaglow.model.rules import RULES, Rule

ArrayAt = Callable[[Node, tuple[int, ...], str, str], npt.NDArray[np.float64]]
"""Reads the array at a node: its shape, the rule of its numbers, and why a list of them is so long."""

KEYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "dense": (
        ("units",),
        (
            "type",
            "activation",
            "init",
            "gain",
            "constant",
            "W",
            "b",
            "mask",
            "names",
            "skip",
            "frozen",
            "name",
            "unit_names",
        ),
    ),
    "batch_norm": (
        ("type",),
        ("name", "activation", "eps", "momentum", "gamma", "beta", "running_mean", "running_var", "frozen"),
    ),
    "dropout": (("type",), ("rate", "name")),
    "conv1d": (
        ("type", "channels", "kernel"),
        ("stride", "in_channels", "activation", "init", "gain", "constant", "W", "b", "frozen", "name"),
    ),
}
"""The keys that each kind of layer must have, and those that it may."""

_VECTORS = {"gamma": "weight", "beta": "bias", "running_mean": "running_mean", "running_var": "running_var"}
"""The arrays of batch normalisation and the rules of their numbers."""
_NUMBERS = {"eps": "eps", "momentum": "running_momentum"}
"""Its other numbers and their rules."""


class Complaints(Protocol):
    """How the parts of a layer are judged: every method raises ProjectError about `where`."""

    @staticmethod
    def obey(key: str, value: object, where: str, known: Rule | None = None) -> None:
        """The value obeys its rule."""

    @staticmethod
    def array(array: npt.NDArray[Any], expected: tuple[int, ...], where: str, meaning: str, key: str) -> None:
        """The array has this shape, for the reason given, and its numbers obey the rule `key`."""


def columns(layers: Sequence[dict[str, Node]], types: Sequence[str], inputs: int) -> list[tuple[int, int]]:
    """Units and channels of every column, the input first. Raises ProjectError where a kernel does not
    fit.
    """
    found = [(inputs, 1)]
    for fields, kind in zip(layers, types, strict=True):
        units, channels = found[-1]
        if kind == "dense":
            found.append((fields["units"].whole("units"), 1))
        elif kind == "conv1d":
            out = _whole(fields, "channels", 1)
            part = Conv1d(out, _whole(fields, "kernel", 1), _whole(fields, "stride", 1), _given(fields))
            where = fields["kernel"].where.removesuffix(".kernel")
            found.append((stops(part, units, channels, where) * out, out))
        else:
            found.append((units, channels))
    return found


def stops(part: Conv1d, n_in: int, channels: int, where: str) -> int:
    """At how many places the kernel stops. Raises ProjectError if it does not fit."""
    seen = channels if part.in_channels is None else part.in_channels
    if n_in % seen:
        raise ProjectError(
            f"{where}.in_channels", f"is {seen}, the {n_in} units before do not fall into so many channels"
        )
    if part.kernel > n_in // seen:
        raise ProjectError(
            f"{where}.kernel", f"is {part.kernel}, longer than the {n_in // seen} positions before it"
        )
    return (n_in // seen - part.kernel) // part.stride + 1


def parameters(
    layers: Sequence[dict[str, Node]], types: Sequence[str], columns: Sequence[tuple[int, int]]
) -> int:
    """How many parameters layers between these columns have, before anything is allocated for them."""
    total = 0
    for k, (fields, kind) in enumerate(zip(layers, types, strict=True), start=1):
        (before, channels), (units, out) = columns[k - 1 : k + 1]
        if kind == "dense":
            total += units * (before + 1)
        elif kind == "batch_norm":
            total += 2 * units
        elif kind == "conv1d":
            total += out * (_whole(fields, "kernel", 1) * (_given(fields) or channels) + 1)
    return total


def read(
    fields: dict[str, Node], kind: str, before: tuple[int, int], column: tuple[int, int], array: ArrayAt
) -> Layer:
    """A layer that is not dense, between two columns, each as units and channels."""
    units = column[0]
    if kind == "dropout":
        rate = fields["rate"].number("rate") if "rate" in fields else float(RULES["rate"].default or 0)
        return Layer(units, part=Dropout(rate))
    activation = str(RULES["activation"].default)
    activation = fields["activation"].word("activation") if "activation" in fields else activation
    if kind == "batch_norm":
        return Layer(units, activation, part=_batch_norm(fields, units, array))
    out, span = column[1], _whole(fields, "kernel", 1) * (_given(fields) or before[1])
    why = f"the layer has {_count(out, 'channel')}"
    return Layer(
        units,
        activation,
        fields["init"].word("init") if "init" in fields else str(RULES["init"].default),
        array(fields["W"], (out, span), "weight", why) if "W" in fields else None,
        array(fields["b"], (out,), "bias", why) if "b" in fields else None,
        gain=fields["gain"].number_or_word("gain") if "gain" in fields else Layer.gain,
        constant=fields["constant"].number("constant") if "constant" in fields else Layer.constant,
        part=Conv1d(out, _whole(fields, "kernel", 1), _whole(fields, "stride", 1), _given(fields)),
    )


def _batch_norm(fields: dict[str, Node], units: int, array: ArrayAt) -> BatchNorm:
    why = f"the layer has {_count(units, 'unit')}"
    found: dict[str, Any] = {
        key: fields[key].number(known) for key, known in _NUMBERS.items() if key in fields
    }
    for key, known in _VECTORS.items():
        if key in fields:
            found[key] = array(fields[key], (units,), known, why)
    return BatchNorm(**found)


def read_skip(node: Node, k: int, units: int, widths: Sequence[int], array: ArrayAt) -> Skip:
    """The connection around layers that ends in layer k (from 1), behind columns of these widths."""
    fields = node.fields(("from",), ("projection",))
    source = fields["from"].whole("from", source_rule(k))
    chosen = fields.get("projection")
    if chosen is None or isinstance(chosen.value, bool):
        return Skip(source, chosen is not None and chosen.flag("projection"))
    why = f"the layer has {_count(units, 'unit')}"
    return Skip(source, True, array(chosen, (units, widths[source]), "weight", why))


def source_rule(k: int) -> Rule:
    """The rule of where a skip into layer k may come from."""
    return replace(RULES["from"], maximum=k - 1)


def written(layer: Layer, put: Callable[[str, npt.NDArray[Any]], Any]) -> dict[str, Any]:
    """The layer's object in a document; `put` writes an array under a key."""
    made: dict[str, Any] = {"type": layer.type}
    match layer.part:
        case Dropout():
            return {**made, "rate": float(layer.part.rate)}
        case BatchNorm():
            made |= {"activation": layer.activation, "eps": float(layer.part.eps)}
            made["momentum"] = float(layer.part.momentum)
            named = {key: getattr(layer.part, key) for key in _VECTORS}
        case Conv1d():
            made |= {"channels": layer.part.channels, "kernel": layer.part.kernel}
            made["stride"] = layer.part.stride
            if layer.part.in_channels is not None:
                made["in_channels"] = layer.part.in_channels
            made["activation"] = layer.activation
            made |= start_written(layer)
            named = {"W": layer.W, "b": layer.b}
        case None:
            raise TypeError("a dense layer has no part")
    return made | {key: put(key, array) for key, array in named.items() if array is not None}


def start_written(layer: Layer) -> dict[str, Any]:
    """How the layer's weights are drawn, as a document says it: what is not a default."""
    made: dict[str, Any] = {}
    if layer.W is None or layer.init != RULES["init"].default:
        made["init"] = layer.init
    if layer.gain != Layer.gain:
        made["gain"] = layer.gain if isinstance(layer.gain, str) else float(layer.gain)
    if layer.constant != Layer.constant:
        made["constant"] = float(layer.constant)
    return made


def skip_written(skip: Skip, put: Callable[[str, npt.NDArray[Any]], Any]) -> dict[str, Any]:
    """The skip's object in a document."""
    return {"from": skip.source, "projection": skip.projection if skip.P is None else put("P", skip.P)}


def resized(layer: Layer, before: int, channels: int) -> Layer:
    """The layer behind a column of `before` units in `channels` channels: with as many units as that makes.

    Raises ProjectError if a kernel does not fit.
    """
    match layer.part:
        case BatchNorm() | Dropout():
            return replace(layer, units=before)
        case Conv1d():
            made = stops(layer.part, before, channels, "network") * layer.part.channels
            return replace(layer, units=made)
        case None:
            return layer


def built(layer: Layer) -> engine.LayerSpec:
    """What the engine builds the layer from."""
    start = engine.Start(layer.init, layer.gain, layer.constant)
    match layer.part:
        case BatchNorm() as norm:
            return engine.BatchNorm(
                layer.activation,
                norm.gamma,
                norm.beta,
                norm.eps,
                norm.momentum,
                norm.running_mean,
                norm.running_var,
            )
        case Dropout():
            return engine.Dropout(layer.part.rate)
        case Conv1d() as conv:
            return engine.Conv1d(
                conv.channels,
                conv.kernel,
                conv.stride,
                layer.activation,
                layer.W,
                layer.b,
                start,
                conv.in_channels,
            )
    mask = None if layer.mask is None else layer.mask.astype(np.float64)
    around = layer.skip
    skip = None if around is None else engine.Skip(around.source, around.projection, around.P)
    return engine.Dense(layer.units, layer.activation, layer.W, layer.b, mask, start, skip)


def trained(layer: Layer, own: dict[str, Any], memory: npt.NDArray[np.float64] | None) -> Layer:
    """The layer with copies of its parameters, by their own names, and of what it remembers written in."""
    match layer.part:
        case BatchNorm() as norm:
            known = {} if memory is None else {"running_mean": memory[0], "running_var": memory[1]}
            return replace(layer, part=replace(norm, **own, **known))
        case Dropout():
            return layer
    layer = replace(layer, W=own["W"], b=own["b"])
    if "P" in own and layer.skip is not None:
        layer = replace(layer, skip=replace(layer.skip, P=own["P"]))
    return layer


def is_given(layer: Layer) -> bool:
    """Whether every parameter of the layer is written in the project."""
    match layer.part:
        case BatchNorm() as norm:
            return all(getattr(norm, key) is not None for key in _VECTORS)
        case Dropout():
            return True
    around = layer.skip is None or not layer.skip.projection or layer.skip.P is not None
    return layer.W is not None and layer.b is not None and around


def check(spec: NetworkSpec, k: int, where: str, judge: Complaints) -> None:
    """Judge the part and the skip of layer k (from 1). Raises ProjectError."""
    layer, before = spec.layers[k - 1], spec.sizes[k - 1]
    part = layer.part
    if part is not None:
        _only_its_own(layer, part, where)
    if part is not None and not isinstance(part, Conv1d) and layer.units != before:
        raise ProjectError(where, f"has {_count(layer.units, 'unit')}, the layer before has {before}")
    match part:
        case Dropout():
            judge.obey("rate", part.rate, f"{where}.rate")
        case BatchNorm():
            for key, known in _NUMBERS.items():
                judge.obey(known, getattr(part, key), f"{where}.{key}")
            for key, known in _VECTORS.items():
                if (array := getattr(part, key)) is not None:
                    judge.array(array, (layer.units,), f"{where}.{key}", "a number for each unit", known)
        case Conv1d():
            _check_conv(spec, k, part, where, judge)
    if layer.skip is not None:
        _check_skip(layer.skip, k, spec.sizes, f"{where}.skip", judge)


def _check_conv(spec: NetworkSpec, k: int, part: Conv1d, where: str, judge: Complaints) -> None:
    layer = spec.layers[k - 1]
    for key in ("channels", "kernel", "stride"):
        judge.obey(key, getattr(part, key), f"{where}.{key}")
    if part.in_channels is not None:
        judge.obey("in_channels", part.in_channels, f"{where}.in_channels")
    expected = stops(part, spec.sizes[k - 1], spec.channels[k - 1], where) * part.channels
    if layer.units != expected:
        raise ProjectError(where, f"has {_count(layer.units, 'unit')}, its kernel makes {expected}")
    span = part.kernel * spec.in_channels(k)
    if layer.W is not None:
        meaning = f"a row for each channel, a number for each of the {span} units a kernel looks at"
        judge.array(layer.W, (part.channels, span), f"{where}.W", meaning, "weight")
    if layer.b is not None:
        judge.array(layer.b, (part.channels,), f"{where}.b", "a number for each channel", "bias")


def _check_skip(skip: Skip, k: int, widths: Sequence[int], where: str, judge: Complaints) -> None:
    judge.obey("from", skip.source, f"{where}.from", source_rule(k))
    judge.obey("projection", skip.projection, f"{where}.projection")
    around, units = widths[skip.source], widths[k]
    if not skip.projection and around != units:
        source = "the input" if skip.source == 0 else f"layer {skip.source}"
        raise ProjectError(
            where,
            f"cannot add the {around} units of {source} to {units} as they are; "
            'say "projection": true to give it a matrix of its own',
        )
    if skip.P is not None:
        meaning = f"a row for each unit, a number for each of the {around} units it comes from"
        judge.array(skip.P, (units, around), f"{where}.projection", meaning, "weight")


def _only_its_own(layer: Layer, part: Part, where: str) -> None:
    """Whatever only dense layers have is absent."""
    foreign: dict[str, object] = {
        "mask": layer.mask,
        "names": layer.names_W or layer.names_b,
        "skip": layer.skip,
    }
    if not isinstance(part, Conv1d):
        foreign |= {"W": layer.W, "b": layer.b}
    for key, value in foreign.items():
        if value is not None:
            raise ProjectError(f"{where}.{key}", f"is not for {layer.type} layers")
    if isinstance(part, Dropout) and layer.activation != "identity":
        raise ProjectError(f"{where}.activation", "is not for dropout layers")


def needs_batches(spec: NetworkSpec) -> int | None:
    """The first layer, from 1, that a batch of one sample tells nothing; None if there is none."""
    found = (k for k, layer in enumerate(spec.layers, start=1) if isinstance(layer.part, BatchNorm))
    return next(found, None)


def _whole(fields: dict[str, Node], key: str, default: int) -> int:
    return fields[key].whole(key) if key in fields else default


def _given(fields: dict[str, Node]) -> int | None:
    return fields["in_channels"].whole("in_channels") if "in_channels" in fields else None


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
