"""The document: a project as the file format writes it, and back.

Reading goes from the outside in: words, then sizes, then, only when the sizes are allowed, arrays of them.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from deltaglow.engine import LOSSES, LossSpec
from deltaglow.model import freezing, kinds, naming, preparation, state_document, training
from deltaglow.model.errors import ProjectError
from deltaglow.model.node import Node
from deltaglow.model.project import (
    BuiltinData,
    Change,
    InlineData,
    Layer,
    Names,
    NetworkSpec,
    Project,
    Training,
    unchanged,
)
from deltaglow.model.rules import MAX_DATA_NUMBERS, RULES, Rule, rule, shown
from deltaglow.model.validate import sizes, validate, values

VERSION = 1
"""Written into every document. A reader of a later version migrates older documents before it reads them."""


class Arrays(Protocol):
    """Where a document keeps the arrays it refers to by name instead of writing them out."""

    def get(self, name: str, shape: tuple[int | None, ...], where: str) -> npt.NDArray[np.float64]:
        """The array called `name`, of this shape (None: any length). Raises ProjectError about `where`."""

    def put(self, name: str, array: npt.NDArray[Any]) -> None:
        """Keep an array under a name."""


def read(value: Any, arrays: Arrays | None = None, change: Change = unchanged) -> Project:
    """The project that a parsed document describes, changed before it is judged as a whole. Raises
    ProjectError at the first thing wrong.
    """
    root = Node(value, "")
    if not isinstance(value, dict):
        raise root.fail(f'is {shown(value)}, must be a JSON object that begins with "deltaglow": {VERSION}')
    _version(value)
    top = root.fields(("deltaglow", "network", "data"), ("title", "training", "state", "history"))
    if "history" in top and arrays is None:
        raise top["history"].fail("is kept in archives only: save the project as a .dglow")
    network = _network(top["network"], arrays)
    about = top["data"].fields((), ("inline", "builtin", "validation", *preparation.KEYS))
    prepared = preparation.read(about)
    data = _data(top["data"], about, network, preparation.own_features(network.inputs, prepared), arrays)
    how = training.read(top["training"]) if "training" in top else Training()
    title = top["title"].text() if "title" in top else ""
    kept = training.read_validation(about["validation"]) if "validation" in about else None
    state = None
    if "state" in top:
        state = state_document.read(top["state"], network, partial(_array_at, arrays=arrays))
    project = change(Project(network, data, how, title, kept, prepared, state))
    validate(project)
    return project


def written(project: Project, arrays: Arrays | None = None) -> dict[str, Any]:
    """The document of a project; with `arrays`, the numbers go there and the document refers to them."""
    document: dict[str, Any] = {"deltaglow": VERSION}
    if project.title:
        document["title"] = project.title
    network = project.network
    document["network"] = {
        "inputs": network.inputs,
        "loss": _loss_written(network.loss),
        "layers": [_layer_written(layer, k, arrays) for k, layer in enumerate(network.layers, start=1)],
    }
    if network.input_names is not None:
        document["network"]["input_names"] = list(network.input_names)
    document["data"] = _data_written(project.data, arrays) | preparation.written(project.preparation)
    if project.validation is not None:
        document["data"]["validation"] = training.validation_written(project.validation)
    document["training"] = training.written(project.training)
    if project.state is not None:
        document["state"] = state_document.written(project.state, partial(put, arrays=arrays))
    return document


def _version(document: dict[str, Any]) -> None:
    """Refuse documents of versions this program cannot read, before looking at anything else in them."""
    if "deltaglow" not in document:
        raise ProjectError(
            "deltaglow", f'is missing: a project says "deltaglow": {VERSION}, the version of its format'
        )
    version = document["deltaglow"]
    if isinstance(version, bool) or not isinstance(version, (int, float)):
        raise ProjectError("deltaglow", f"is {shown(version)}, must be the number {VERSION}")
    if version != VERSION:
        newer = "; a newer Deltaglow may" if version > VERSION else ""
        raise ProjectError(
            "deltaglow", f"is version {shown(version)}, this program reads version {VERSION}{newer}"
        )


def _network(node: Node, arrays: Arrays | None) -> NetworkSpec:
    fields = node.fields(("inputs", "layers"), ("loss", "input_names"))
    inputs = fields["inputs"].whole("inputs")
    loss = _loss(fields["loss"]) if "loss" in fields else LossSpec()
    items = list(fields["layers"].items())
    types = [_type(item) for item in items]
    layers = [item.fields(*kinds.KEYS[kind]) for item, kind in zip(items, types, strict=True)]
    columns = kinds.columns(layers, types, inputs)
    widths = [width for width, _ in columns]
    units = widths[1:]
    sizes(inputs, units, kinds.parameters(layers, types, columns))
    because = [f"the network has {_count(inputs, 'input')}"]
    because += [f"the layer before has {_count(n, 'unit')}" for n in units[:-1]]
    made = []
    for k, (layer, kind, why) in enumerate(zip(layers, types, because, strict=True), start=1):
        at = partial(_array_at, arrays=arrays)
        if kind == "dense":
            dense = _layer(layer, k, (widths[k], widths[k - 1]), why, arrays)
            skip = kinds.read_skip(layer["skip"], k, widths[k], widths, at) if "skip" in layer else None
            made.append(replace(dense, skip=skip))
        else:
            frozen = layer["frozen"].flag("frozen") if "frozen" in layer else False
            made.append(replace(kinds.read(layer, kind, columns[k - 1], columns[k], at), frozen=frozen))
        if "name" in layer:
            made[-1] = replace(made[-1], name=layer["name"].text())
        if "unit_names" in layer:
            high = f"the layer has {_count(widths[k], 'unit')}"
            made[-1] = replace(made[-1], unit_names=naming.read(layer["unit_names"], widths[k], high))
    called = naming.read(fields["input_names"], inputs, because[0]) if "input_names" in fields else None
    return NetworkSpec(inputs, tuple(made), loss, called)


def _type(node: Node) -> str:
    """The kind of layer that the object describes."""
    if not isinstance(node.value, dict) or "type" not in node.value:
        return str(RULES["type"].default)
    return Node(node.value["type"], f"{node.where}.type").word("type")


def _array_at(
    node: Node, shape: tuple[int, ...], key: str, why: str, arrays: Arrays | None
) -> npt.NDArray[np.float64]:
    """The vector or matrix at a node, referred to or written out."""
    found = _array(node, shape, arrays)
    if found is not None:
        return found
    if len(shape) == 1:
        return node.numbers(key, shape[0], why)
    return node.rows(key, (shape[0], shape[1]), why, f"there must be {shape[1]}")


def _loss(node: Node) -> LossSpec:
    """The loss as a word, or as an object with its options."""
    if not isinstance(node.value, dict):
        return LossSpec(node.word("loss"))
    if "name" not in node.value:
        node.fields(("name",), ("label_smoothing", "class_weights", "naive"))
    name = Node(node.value["name"], f"{node.where}.name").word("loss")
    fields = node.fields(("name",), tuple(sorted(LOSSES[name].options)))
    weights = None
    if "class_weights" in fields:
        weights = tuple(item.number("class_weight") for item in fields["class_weights"].items())
    return LossSpec(
        name,
        fields["label_smoothing"].number("label_smoothing") if "label_smoothing" in fields else 0.0,
        weights,
        fields["naive"].flag("naive") if "naive" in fields else False,
    )


def _loss_written(loss: LossSpec) -> str | dict[str, Any]:
    if loss == LossSpec(loss.name):
        return loss.name
    made: dict[str, Any] = {"name": loss.name}
    if loss.label_smoothing:
        made["label_smoothing"] = float(loss.label_smoothing)
    if loss.class_weights is not None:
        made["class_weights"] = [float(weight) for weight in loss.class_weights]
    if loss.naive:
        made["naive"] = True
    return made


def _layer(
    fields: dict[str, Node], k: int, shape: tuple[int, int], wide: str, arrays: Arrays | None
) -> Layer:
    """Layer k; `wide` says how many units come before it, for complaints about the length of a row."""
    high = f"the layer has {_count(shape[0], 'unit')}"
    W = b = mask = None
    if "W" in fields:
        W = _array(fields["W"], shape, arrays)
        W = fields["W"].rows("weight", shape, high, wide) if W is None else W
    if "b" in fields:
        b = _array(fields["b"], shape[:1], arrays)
        b = fields["b"].numbers("bias", shape[0], high) if b is None else b
    if "mask" in fields:
        given = _array(fields["mask"], shape, arrays)
        given = fields["mask"].rows("mask", shape, high, wide) if given is None else given
        values(given, "mask", fields["mask"].where)
        mask = given != 0.0
    names = fields["names"].fields((), ("W", "b")) if "names" in fields else {}
    frozen = freezing.read(fields["frozen"], shape) if "frozen" in fields else (False, None, None)
    return Layer(
        shape[0],
        fields["activation"].word("activation")
        if "activation" in fields
        else str(RULES["activation"].default),
        fields["init"].word("init") if "init" in fields else str(RULES["init"].default),
        W,
        b,
        mask,
        _names(names["W"], shape, high, wide) if "W" in names else None,
        _row_of_names(names["b"], shape[0], high) if "b" in names else None,
        fields["gain"].number_or_word("gain") if "gain" in fields else 1.0,
        fields["constant"].number("constant") if "constant" in fields else Layer.constant,
        frozen=frozen[0],
        frozen_W=frozen[1],
        frozen_b=frozen[2],
    )


def _array(
    node: Node, shape: tuple[int | None, ...], arrays: Arrays | None
) -> npt.NDArray[np.float64] | None:
    """The array that the node refers to, or None when it holds the numbers itself."""
    if arrays is None or not isinstance(node.value, dict):
        return None
    return arrays.get(node.fields(("array",))["array"].text(), shape, node.where)


def _names(node: Node, shape: tuple[int, int], high: str, wide: str) -> Names:
    rows = list(node.items())
    if len(rows) != shape[0]:
        raise node.fail(f"has {_count(len(rows), 'row')}, {high}")
    return tuple(_row_of_names(row, shape[1], wide) for row in rows)


def _row_of_names(node: Node, count: int, because: str) -> tuple[str, ...]:
    names = tuple(item.text() for item in node.items())
    if len(names) != count:
        raise node.fail(f"has {_count(len(names), 'name')}, {because}")
    return names


def _data(
    node: Node, fields: dict[str, Node], network: NetworkSpec, features: int, arrays: Arrays | None
) -> InlineData | BuiltinData:
    """The samples; `features` is how many those of the project's own must have."""
    if ("inline" in fields) == ("builtin" in fields):
        raise node.fail('must have either "inline" or "builtin"')
    if "inline" in fields:
        own = fields["inline"].fields(("x", "y"), ("features", "classes", "picture"))
        return _inline(own, network, features, arrays)
    chosen = fields["builtin"].fields(("name",), ("samples", "noise", "classes", "seed", "balance"))
    name = chosen["name"].word("data")
    samples, noise = rule("samples", name), rule("noise", name)
    return BuiltinData(
        name,
        chosen["samples"].whole("samples", samples) if "samples" in chosen else int(samples.default or 1),
        chosen["noise"].number("noise", noise) if "noise" in chosen else float(noise.default or 0.0),
        chosen["classes"].whole("classes", rule("classes", name)) if "classes" in chosen else None,
        chosen["seed"].whole("seed") if "seed" in chosen else int(RULES["seed"].default or 0),
        chosen["balance"].number("balance") if "balance" in chosen else BuiltinData.balance,
    )


def _inline(
    fields: dict[str, Node], network: NetworkSpec, features: int, arrays: Arrays | None
) -> InlineData:
    x = _array(fields["x"], (None, features), arrays)
    if x is None:
        rows = _row_count(fields["x"], features)
        why = f"the network has {_count(network.inputs, 'input')}"
        if features != network.inputs:
            why += f", made of {_count(features, 'feature')}"
        x = fields["x"].rows("feature", (rows, features), "", why)
    y = _array(fields["y"], (len(x), network.outputs), arrays)
    y = _targets(fields["y"], len(x), network) if y is None else y
    features_named, classes = (
        tuple(item.text() for item in fields[key].items()) if key in fields else None
        for key in ("features", "classes")
    )
    picture = _picture(fields["picture"]) if "picture" in fields else None
    return InlineData(x, y, features_named, classes, picture)


def _picture(node: Node) -> tuple[int, int]:
    sides = [side.whole("picture") for side in node.items()]
    if len(sides) != 2:
        raise node.fail(f"has {_count(len(sides), 'number')}, must have 2: rows and columns")
    return sides[0], sides[1]


def _row_count(node: Node, width: int) -> int:
    """How many rows a list has, when so many are allowed. Checked before room is made for them."""
    count = len(list(node.items()))
    limit = RULES["samples"].maximum or 0
    if not 1 <= count <= limit:
        raise node.fail(f"has {_count(count, 'row')}, must have from 1 to {limit:.0f}")
    if count * width > MAX_DATA_NUMBERS:
        raise node.fail(f"holds {count * width:,} numbers, at most {MAX_DATA_NUMBERS:,} are allowed")
    return count


def _targets(node: Node, rows: int, network: NetworkSpec) -> npt.NDArray[np.float64]:
    """Targets as written: a row of numbers a sample; or, of several outputs, a class's number, from 0, a
    sample, and of a single one that is no class, its number.
    """
    classes, kind = network.outputs, LOSSES[network.loss.name].targets
    key = "value" if kind == "real" else "target"
    items = list(node.items())
    if len(items) != rows:
        raise node.fail(f"has {_count(len(items), 'row')}, data.inline.x has {rows}")
    if rows * classes > MAX_DATA_NUMBERS:
        raise node.fail(f"is {rows * classes:,} numbers, at most {MAX_DATA_NUMBERS:,} are allowed")
    if any(isinstance(item.value, list) for item in items):
        return node.rows(key, (rows, classes), "", f"the last layer has {_count(classes, 'unit')}")
    if classes == 1 and kind != "distribution":
        return node.numbers(key, rows, f"data.inline.x has {rows}").reshape(rows, 1)
    label = Rule("Label", "", 0, classes - 1, integer=True)
    made = np.zeros((rows, classes))
    for row, item in enumerate(items):
        problem = label.problem(item.value)
        if problem:
            raise item.fail(f"{problem}: the last layer has {_count(classes, 'unit')}")
        made[row, int(item.value)] = 1.0
    return made


def _layer_written(layer: Layer, k: int, arrays: Arrays | None) -> dict[str, Any]:
    def put(key: str, array: npt.NDArray[Any]) -> Any:
        return _array_written(array, f"layer{k}.{key}", arrays)

    if layer.part is not None:
        return kinds.written(layer, put) | ({"frozen": True} if layer.frozen else {}) | naming.written(layer)
    made: dict[str, Any] = {"type": "dense", "units": layer.units, "activation": layer.activation}
    if layer.W is None or layer.init != RULES["init"].default:
        made["init"] = layer.init
    if layer.gain != Layer.gain:
        made["gain"] = layer.gain if isinstance(layer.gain, str) else float(layer.gain)
    if layer.constant != Layer.constant:
        made["constant"] = float(layer.constant)
    for key, array in (("W", layer.W), ("b", layer.b), ("mask", layer.mask)):
        if array is not None:
            made[key] = _array_written(array, f"layer{k}.{key}", arrays)
    names = _names_written(layer)
    if names:
        made["names"] = names
    frozen = freezing.written(layer)
    if frozen is not None:
        made["frozen"] = frozen
    if layer.skip is not None:
        made["skip"] = kinds.skip_written(layer.skip, put)
    return made | naming.written(layer)


def _names_written(layer: Layer) -> dict[str, Any]:
    names: dict[str, Any] = {}
    if layer.names_W is not None:
        names["W"] = [list(row) for row in layer.names_W]
    if layer.names_b is not None:
        names["b"] = list(layer.names_b)
    return names


def _data_written(data: InlineData | BuiltinData, arrays: Arrays | None) -> dict[str, Any]:
    if isinstance(data, InlineData):
        own = {"x": _array_written(data.x, "x", arrays), "y": _array_written(data.y, "y", arrays)}
        names = {"features": data.features, "classes": data.classes, "picture": data.picture}
        return {"inline": own | {key: list(given) for key, given in names.items() if given is not None}}
    made: dict[str, Any] = {"name": data.name, "samples": int(data.samples), "noise": float(data.noise)}
    if data.classes is not None:
        made["classes"] = int(data.classes)
    made["seed"] = int(data.seed)
    if data.balance != BuiltinData.balance:
        made["balance"] = float(data.balance)
    return {"builtin": made}


def put(name: str, array: npt.NDArray[Any], arrays: Arrays | None) -> Any:
    """What stands for an array in a document: itself, or with `arrays` its name there."""
    return _array_written(array, name, arrays)


def _array_written(array: npt.NDArray[Any], name: str, arrays: Arrays | None) -> Any:
    if arrays is not None:
        arrays.put(name, array)
        return {"array": name}
    return array.astype(np.int64).tolist() if array.dtype == np.bool_ else array.tolist()


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
