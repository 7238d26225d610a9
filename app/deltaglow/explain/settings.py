"""All settings of a project, each by the name that forms have for it: what tables of runs are made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from deltaglow.engine import OPTIMIZERS, SCHEDULES
from deltaglow.model.parts import Dropout
from deltaglow.model.project import InlineData, Project

from .differences import in_form, label_of, shape_words

_WHOLE = ("training.early_stopping", "training.loss_scale")
"""Parts that are told in one: some runs have them, others do not."""
_OWN = {"network.loss.name": "Loss function"}
"""Where a form's word would be that of a result."""


@dataclass(frozen=True)
class Entry:
    """A value in a table: as what it is put in order and drawn, and as what it is read."""

    value: float | str
    text: str


def settings(project: Project) -> dict[str, Entry]:
    """What a run was made with, by name: of the network first, then of the training, then of the data."""
    found = dict(_network(project))
    training = project.training
    for path, value in (("training", training), ("network.loss", project.network.loss)):
        found.update(_walk(path, value))
    for chosen, kinds in ((training.optimizer, OPTIMIZERS), (training.schedule, SCHEDULES)):
        numbers = {**kinds[chosen.name].defaults, **dict(chosen.settings)}
        found.update((label_of(f"training.{name}"), _entry(number)) for name, number in numbers.items())
    found.update(_data(project))
    found.update(_walk("validation", project.validation))
    found.update(_walk("preparation", project.preparation))
    return found


def _network(project: Project) -> Iterator[tuple[str, Entry]]:
    network = project.network
    dense = [layer for layer in network.layers if layer.part is None]
    yield "Layers", _entry(shape_words(project))
    yield "Parameters", _entry(network.parameter_count)
    yield "Activations", _several([layer.activation for layer in dense[:-1]])
    yield "Initialisation", _several(["given" if layer.W is not None else layer.init for layer in dense])
    rates = [layer.part.rate for layer in network.layers if isinstance(layer.part, Dropout)]
    if rates:
        yield "Dropout", _several(rates)


def _several(values: list[Any]) -> Entry:
    """One value where all layers have the same, else one after the other."""
    return _entry(values[0] if len(set(values)) == 1 else tuple(values))


def _data(project: Project) -> Iterator[tuple[str, Entry]]:
    if isinstance(project.data, InlineData):
        yield label_of("data.name"), _entry("own samples")
        yield label_of("data.samples"), _entry(len(project.data.x))
    else:
        yield from _walk("data", project.data)


def _walk(path: str, value: Any) -> Iterator[tuple[str, Entry]]:
    if is_dataclass(value) and path not in _WHOLE:
        for field in fields(value):
            if field.name != "settings":
                yield from _walk(f"{path}.{field.name}", getattr(value, field.name))
    else:
        yield _OWN.get(path) or label_of(path), _entry(value)


def _entry(value: Any) -> Entry:
    text = in_form(value)
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return Entry(float(value) if number else text, f"{value:,}" if type(value) is int else text)
