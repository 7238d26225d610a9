"""Whether a project makes sense as a whole: every value by its rule, every shape against its neighbours.

The file reader and the editor both end here, so what can be edited can be saved and what can be saved opens.
"""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import numpy.typing as npt

from deltaglow.data import DATASETS, most
from deltaglow.engine import INITIALIZERS, LOSSES, LossSpec
from deltaglow.engine.initializers.fixed import CONSTANT
from deltaglow.model import (
    freezing,
    kinds,
    naming,
    preparation,
    samples,
    sparse_inputs,
    state_document,
    training,
)
from deltaglow.model.errors import ProjectError, printable
from deltaglow.model.project import BuiltinData, InlineData, Layer, NetworkSpec, Preparation, Project
from deltaglow.model.rules import (
    MAX_DATA_NUMBERS,
    MAX_PARAMETERS,
    MAX_WORKSPACE,
    RULES,
    RULES_SUM_TOLERANCE,
    TARGETS,
    Rule,
    losses_for,
    rule,
    shown,
)

MAX_TITLE = 200
MAX_NAME = 24
MAX_COLUMN_NAME = 100
_NAME = re.compile(r"[^\W\d][\w'′*]*")


def validate(project: Project) -> None:
    """Raise ProjectError, with the place as the file format has it, unless the project can be run."""
    network(project.network)
    preparation.check(project.preparation)
    data(project)
    training.check(project.training)
    training.check_validation(project)
    samples.check_finite(project)
    sparse_inputs.check(project)
    _title(project.title)
    workspace(project)
    state_document.check(project)


def without_data(project: Project) -> None:
    """Check all that an edit of the network alone can break. Raises ProjectError."""
    network(project.network)
    sparse_inputs.check(project)
    workspace(project)


def network(spec: NetworkSpec) -> None:
    """Check sizes, words, shapes, values and names of the network alone. Raises ProjectError."""
    sizes(spec.inputs, [layer.units for layer in spec.layers], None)
    for i, layer in enumerate(spec.layers):
        if layer.part is not None or layer.skip is not None:
            kinds.check(spec, i + 1, f"network.layers[{i}]", _Complaints())
    sizes(spec.inputs, [layer.units for layer in spec.layers], spec.parameter_count)
    loss(spec)
    before = spec.inputs
    for i, layer in enumerate(spec.layers):
        _layer(layer, before, f"network.layers[{i}]")
        before = layer.units
    _names_differ(spec)
    naming.check(spec)


def loss(spec: NetworkSpec) -> None:
    """Check the loss and its options against the last layer. Raises ProjectError."""
    chosen = spec.loss
    obey("loss", chosen.name, "network.loss")
    default, taken = LossSpec(chosen.name), LOSSES[chosen.name].options
    for key in ("label_smoothing", "class_weights", "naive"):
        if key not in taken and getattr(chosen, key) != getattr(default, key):
            raise ProjectError(f"network.loss.{key}", f"is not for {chosen.name}")
    obey("label_smoothing", chosen.label_smoothing, "network.loss.label_smoothing")
    obey("naive", chosen.naive, "network.loss.naive")
    if chosen.class_weights is None:
        return
    for k, weight in enumerate(chosen.class_weights):
        obey("class_weight", weight, f"network.loss.class_weights[{k}]")
    if len(chosen.class_weights) != spec.outputs:
        raise ProjectError(
            "network.loss.class_weights",
            f"has {_times((len(chosen.class_weights),))}, the last layer has "
            f"{spec.outputs} unit{'s' * (spec.outputs != 1)}",
        )


class _Complaints:
    """How this file judges, for those that judge parts of a layer."""

    @staticmethod
    def obey(key: str, value: object, where: str, known: Rule | None = None) -> None:
        obey(key, value, where, known)

    @staticmethod
    def array(array: npt.NDArray[Any], expected: tuple[int, ...], where: str, meaning: str, key: str) -> None:
        shape(array, expected, where, meaning)
        values(array, key, where)


def sizes(inputs: object, units: list[Any], parameters: int | None) -> None:
    """Check the sizes of a network before anything is allocated for it, and how many parameters it has, if
    that is known. Raises ProjectError.
    """
    obey("inputs", inputs, "network.inputs")
    if RULES["layers"].problem(len(units)):
        raise ProjectError("network.layers", f"there are {len(units)}, must be {RULES['layers'].expected}")
    for i, count in enumerate(units):
        obey("units", count, f"network.layers[{i}].units")
    if parameters is not None and parameters > MAX_PARAMETERS:
        raise ProjectError(
            "network.layers",
            f"make {parameters:,} weights and biases, at most {MAX_PARAMETERS:,} are allowed",
        )


def obey(key: str, value: object, where: str, known: Rule | None = None) -> None:
    """Raise ProjectError unless the value obeys its rule."""
    problem = (known or RULES[key]).problem(value)
    if problem is not None:
        raise ProjectError(where, problem)


def shape(array: npt.NDArray[Any], expected: tuple[int, ...], where: str, meaning: str) -> None:
    """Raise ProjectError unless the array has the expected shape; `meaning` says why it must."""
    if array.shape != expected:
        raise ProjectError(where, f"is {_times(array.shape)}, must be {_times(expected)}: {meaning}")


def values(array: npt.NDArray[np.float64], key: str, where: str) -> None:
    """Raise ProjectError at the first element that does not obey the rule."""
    known = RULES[key]
    wrong = known.wrong(array)
    if wrong.any():
        index = tuple(int(i) for i in np.argwhere(wrong)[0])
        place = where + "".join(f"[{i}]" for i in index)
        raise ProjectError(place, known.problem(float(array[index])) or "is not allowed")


def _layer(layer: Layer, before: int, where: str) -> None:
    obey("activation", layer.activation, f"{where}.activation")
    obey("init", layer.init, f"{where}.init")
    obey("frozen", layer.frozen, f"{where}.frozen")
    freezing.check(layer, before, where)
    _start(layer, where)
    if layer.part is not None:
        return
    expected = (layer.units, before)
    meaning = f"a row for each unit, a number for each of the {before} units before"
    if layer.W is not None:
        shape(layer.W, expected, f"{where}.W", meaning)
        values(layer.W, "weight", f"{where}.W")
    if layer.b is not None:
        shape(layer.b, (layer.units,), f"{where}.b", "a number for each unit")
        values(layer.b, "bias", f"{where}.b")
    if layer.mask is not None:
        shape(layer.mask, expected, f"{where}.mask", meaning)
    if layer.names_W is not None:
        lengths = {len(row) for row in layer.names_W}
        if len(layer.names_W) != layer.units or lengths != {before}:
            raise ProjectError(f"{where}.names.W", f"must be {_times(expected)}: {meaning}")
    if layer.names_b is not None and len(layer.names_b) != layer.units:
        raise ProjectError(f"{where}.names.b", f"has {len(layer.names_b)} names, must have {layer.units}")


def _start(layer: Layer, where: str) -> None:
    """The gain and the constant belong to some of the initialisers each."""
    obey("gain", layer.gain, f"{where}.gain")
    obey("constant", layer.constant, f"{where}.constant")
    if layer.gain != Layer.gain and INITIALIZERS[layer.init].own_gain is None:
        raise ProjectError(f"{where}.gain", f"is {shown(layer.gain)}, but {layer.init} takes no gain")
    if layer.constant != Layer.constant and layer.init != CONSTANT.name:
        raise ProjectError(f"{where}.constant", f"is {shown(layer.constant)}, but init is {layer.init}")


def _names_differ(spec: NetworkSpec) -> None:
    """Names are addresses on the command line, so each must be readable and belong to one parameter."""
    seen: dict[str, str] = {}
    for i, layer in enumerate(spec.layers):
        places = [
            (f"W[{j}][{k}]", name) for j, row in enumerate(layer.names_W or ()) for k, name in enumerate(row)
        ] + [(f"b[{j}]", name) for j, name in enumerate(layer.names_b or ())]
        for place, name in places:
            where = f"network.layers[{i}].names.{place}"
            if name and (len(name) > MAX_NAME or not _NAME.fullmatch(name)):
                raise ProjectError(
                    where,
                    f"is {shown(name)}, must be a letter and then letters, digits or _, {MAX_NAME} at most",
                )
            if name in seen:
                raise ProjectError(where, f'is "{name}", which {seen[name]} is called already')
            if name:
                seen[name] = where


def data(project: Project) -> None:
    """Check the data against the network it is for. Raises ProjectError."""
    if isinstance(project.data, BuiltinData):
        _builtin(project.data, project.network, project.preparation)
    else:
        _inline(project.data, project.network, project.preparation)


def _builtin(chosen: BuiltinData, spec: NetworkSpec, prepared: Preparation) -> None:
    where = "data.builtin"
    obey("data", chosen.name, f"{where}.name")
    kind = DATASETS[chosen.name]
    obey("balance", chosen.balance, f"{where}.balance")
    if chosen.balance != BuiltinData.balance and not kind.balanced:
        raise ProjectError(f"{where}.balance", f"is not for the data set {kind.name}")
    obey("samples", chosen.samples, f"{where}.samples", rule("samples", chosen.name))
    if chosen.samples > most(kind, chosen.balance):
        raise ProjectError(
            f"{where}.samples",
            f"is {chosen.samples}, balanced so the data set {kind.name} has {most(kind, chosen.balance)}",
        )
    obey("noise", chosen.noise, f"{where}.noise", rule("noise", chosen.name))
    if chosen.classes is not None:
        obey("classes", chosen.classes, f"{where}.classes", rule("classes", chosen.name))
    obey("seed", chosen.seed, f"{where}.seed")
    preparation.check_inputs(spec, prepared, kind.inputs, f"the data set {kind.name}")
    if LOSSES[spec.loss.name].targets not in TARGETS[kind.targets]:
        raise ProjectError(
            "network.loss",
            f"is {spec.loss.name}, the data set {kind.name} has numbers as targets: "
            f"it suits {' or '.join(losses_for(kind.name))}",
        )
    classes = chosen.classes or kind.default_classes
    if classes != spec.outputs:
        last = len(spec.layers) - 1
        raise ProjectError(
            f"network.layers[{last}].units",
            f"is {spec.outputs}, the data set {kind.name} has {classes} "
            + ("classes" if kind.targets == "classes" else "output" + "s" * (classes != 1)),
        )


def _inline(given: InlineData, spec: NetworkSpec, prepared: Preparation) -> None:
    x, y = given.x, given.y
    features = preparation.own_features(spec.inputs, prepared)
    rows = len(x) if x.ndim else 0
    obey(
        "samples",
        rows,
        "data.inline.x",
        Rule("", "", 1, RULES["samples"].maximum, integer=True, unit="samples"),
    )
    if x.size + y.size > MAX_DATA_NUMBERS:
        raise ProjectError(
            "data.inline", f"holds {x.size + y.size:,} numbers, at most {MAX_DATA_NUMBERS:,} are allowed"
        )
    shape(
        x,
        (rows, features),
        "data.inline.x",
        f"a row a sample, a number for each of the {features} "
        + ("inputs" if features == spec.inputs else f"features that {spec.inputs} inputs are made of"),
    )
    if y.ndim and len(y) != rows:
        raise ProjectError("data.inline.y", f"has {_rows(len(y))}, data.inline.x has {_rows(rows)}")
    meaning = f"a row a sample, a number for each of the {spec.outputs} units of the last layer"
    shape(y, (rows, spec.outputs), "data.inline.y", meaning)
    values(x, "feature", "data.inline.x")
    _picture(given, features)
    _column_names(given.features, features, "data.inline.features")
    _column_names(given.classes, spec.outputs, "data.inline.classes")
    kind = LOSSES[spec.loss.name].targets
    values(y, "value" if kind == "real" else "target", "data.inline.y")
    if kind != "distribution":
        return
    sums = y.sum(axis=1)
    wrong = np.flatnonzero(np.abs(sums - 1.0) > RULES_SUM_TOLERANCE)
    if wrong.size:
        raise ProjectError(
            f"data.inline.y[{wrong[0]}]", f"sums to {sums[wrong[0]]:.12g}, targets must sum to 1"
        )


def _picture(given: InlineData, features: int) -> None:
    if given.picture is None:
        return
    for k, side in enumerate(given.picture):
        obey("picture", side, f"data.inline.picture[{k}]")
    pixels = math.prod(given.picture)
    if pixels != features:
        shape = " × ".join(map(str, given.picture))
        problem = f"is {shape}, which makes {pixels:,} pixels, and there are {features:,} features"
        raise ProjectError("data.inline.picture", problem)


def _column_names(names: tuple[str, ...] | None, count: int, where: str) -> None:
    if names is None:
        return
    if len(names) != count:
        raise ProjectError(where, f"has {_times((len(names),)).replace('number', 'name')}, must have {count}")
    for k, name in enumerate(names):
        if not 1 <= len(name) <= MAX_COLUMN_NAME or printable(name, MAX_COLUMN_NAME) != name:
            expected = f"one line of text, {MAX_COLUMN_NAME} characters at most"
            raise ProjectError(f"{where}[{k}]", f"is {shown(name)}, must be {expected}")


def workspace(project: Project) -> None:
    """Check that one step's numbers fit into memory. Raises ProjectError."""
    count = project.data.samples if isinstance(project.data, BuiltinData) else len(project.data.x)
    rows = min(project.training.batch_size, count)
    norm = kinds.needs_batches(project.network)
    if norm is not None and rows < 2:
        raise ProjectError(
            f"network.layers[{norm - 1}]",
            "is batch normalisation, which learns from the spread of a batch: "
            "there must be at least 2 samples in one",
        )
    training.check_micro_batches(project, norm)
    needed = rows * sum(project.network.sizes)
    if needed > MAX_WORKSPACE:
        raise ProjectError(
            "training.batch_size",
            f"{rows:,} samples times {sum(project.network.sizes):,} units is {needed:,} numbers a step, "
            f"at most {MAX_WORKSPACE:,} are allowed",
        )


def _title(title: object) -> None:
    if not isinstance(title, str) or len(title) > MAX_TITLE or printable(title, MAX_TITLE) != title:
        raise ProjectError("title", f"must be one line of text, {MAX_TITLE} characters at most")


def _times(size: tuple[int, ...]) -> str:
    if len(size) == 1:
        return f"{size[0]} number{'s' * (size[0] != 1)}"
    return " × ".join(map(str, size)) or "a single number"


def _rows(count: int) -> str:
    return f"{count} row{'s' * (count != 1)}"
