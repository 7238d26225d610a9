"""Names of layers, units and inputs: what people call them. Labels and no addresses, so two may be alike."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from dataclasses import replace

from deltaglow.model.errors import ProjectError, printable
from deltaglow.model.node import Node
from deltaglow.model.output_names import output_name
from deltaglow.model.project import Layer, NetworkSpec, Project
from deltaglow.model.rules import shown

MAX_LABEL = 40
"""Characters of a name."""
EXPECTED = f"one line of text, {MAX_LABEL} characters at most"


def layer_name(project: Project, k: int) -> str:
    """What layer k (from 1) is called, "" for nothing."""
    return project.network.layers[k - 1].name if k else ""


def unit_name(project: Project, k: int, j: int) -> str:
    """What unit j of layer k is called, of the inputs where k is 0; "" for nothing. An output without a name
    of its own is called what the data call it.
    """
    own = own_unit_name(project, k, j)
    return own or (output_name(project, j) if k == len(project.network.layers) else "")


def own_unit_name(project: Project, k: int, j: int) -> str:
    """The name that unit j of layer k was given, or input j where k is 0; "" for none."""
    spec = project.network
    names = spec.input_names if k == 0 else spec.layers[k - 1].unit_names
    return names[j] if names is not None else ""


def quoted(name: str) -> str:
    """A name behind what it is the name of, "" for none: " ‘edge detector’"."""
    return f" ‘{name}’" if name else ""


def titled(project: Project, k: int) -> str:
    """A layer with its number and its name, where it has one: "Layer 1 ‘Features’"."""
    return f"Layer {k}{quoted(layer_name(project, k))}"


def rename_layer(project: Project, k: int, name: str) -> Project:
    """Layer k has this name; "" for none."""
    layers = list(project.network.layers)
    layers[k - 1] = replace(layers[k - 1], name=name)
    return replace(project, network=replace(project.network, layers=tuple(layers)))


def rename_unit(project: Project, k: int, j: int, name: str) -> Project:
    """Unit j of layer k, or input j where k is 0, has this name; "" for none. Raises ProjectError if the
    layer's units can have none.
    """
    spec = project.network
    if k == 0:
        called = _with(spec.input_names, spec.inputs, j, name)
        return replace(project, network=replace(spec, input_names=called))
    layer, layers = spec.layers[k - 1], list(spec.layers)
    if layer.part is not None:
        why = f"Units of layer {k} follow from the layer before: the layer itself can be named"
        raise ProjectError("", why)
    layers[k - 1] = with_unit_name(layer, j, name)
    return replace(project, network=replace(spec, layers=tuple(layers)))


def with_unit_name(layer: Layer, j: int, name: str) -> Layer:
    """The layer, unit j called so; "" for no name."""
    return replace(layer, unit_names=_with(layer.unit_names, layer.units, j, name))


def _with(names: tuple[str, ...] | None, count: int, place: int, name: str) -> tuple[str, ...] | None:
    made = list(names or ("",) * count)
    made[place] = name
    return some(made)


def some(names: Sequence[str] | None) -> tuple[str, ...] | None:
    """The names, or None if there is none among them."""
    return tuple(names) if names is not None and any(names) else None


def without(spec: NetworkSpec) -> NetworkSpec:
    """The network without names of any kind."""
    bare = tuple(map(_nameless, spec.layers))
    if spec.input_names is None and all(map(operator.is_, bare, spec.layers)):
        return spec
    return replace(spec, layers=bare, input_names=None)


def _nameless(layer: Layer) -> Layer:
    """The very layer where it has no names: an edit asks many times, and of most networks."""
    if not layer.name and layer.unit_names is None and layer.names_W is None and layer.names_b is None:
        return layer
    return replace(layer, name="", unit_names=None, names_W=None, names_b=None)


def read(node: Node, count: int, because: str) -> tuple[str, ...] | None:
    """A list of `count` names; `because` says why so many. Raises ProjectError."""
    found = [item.text() for item in node.items()]
    if len(found) != count:
        raise node.fail(f"has {len(found)} name{'s' * (len(found) != 1)}, {because}")
    return some(found)


def written(layer: Layer) -> dict[str, object]:
    """A layer's name and those of its units, as a document has them."""
    made: dict[str, object] = {"name": layer.name} if layer.name else {}
    if layer.unit_names is not None:
        made["unit_names"] = list(layer.unit_names)
    return made


def check(spec: NetworkSpec) -> None:
    """Raise ProjectError unless every name can be shown, and there are as many as there is to be named."""
    _check(spec.input_names, spec.inputs, "network.input_names")
    for i, layer in enumerate(spec.layers):
        where = f"network.layers[{i}]"
        _one(layer.name, f"{where}.name")
        if layer.part is not None and layer.unit_names is not None:
            raise ProjectError(f"{where}.unit_names", f"is not for {layer.type} layers")
        _check(layer.unit_names, layer.units, f"{where}.unit_names")


def _check(names: tuple[str, ...] | None, count: int, where: str) -> None:
    if names is None:
        return
    if len(names) != count:
        raise ProjectError(where, f"has {len(names)} name{'s' * (len(names) != 1)}, must have {count}")
    for place, name in enumerate(names):
        _one(name, f"{where}[{place}]")


def _one(name: str, where: str) -> None:
    plain = len(name) <= MAX_LABEL and printable(name, MAX_LABEL) == name and name.strip() == name
    if not plain:
        raise ProjectError(where, f"is {shown(name)}, must be {EXPECTED}, without blanks around it")


def parameter_names(project: Project) -> Iterator[str]:
    """What the project calls its parameters, each with the name of its gradient after it: w8, dw8."""
    for layer in project.network.layers:
        for name in (*(each for row in layer.names_W or () for each in row), *(layer.names_b or ())):
            yield from (name, f"d{name}") if name else ()
