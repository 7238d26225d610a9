"""In what two projects differ, in words: "Learning rate η: 0.3 → 0.05"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import numpy as np

from deltaglow.model import naming
from deltaglow.model.parts import same
from deltaglow.model.project import InlineData, Layer, Project
from deltaglow.model.rules import RULES


@dataclass(frozen=True)
class Difference:
    """One thing that is otherwise: what, and how it is in one project and in the other."""

    what: str
    one: str
    other: str

    def __str__(self) -> str:
        return f"{self.what}: {self.one} → {self.other}"


_OWN_LABELS = {
    "training.seed": "Seed",
    "training.noise": RULES["input_noise"].label,
    "training.optimizer.name": RULES["optimizer"].label,
    "training.schedule.name": RULES["schedule"].label,
    "training.clip.kind": "Clipping",
    "training.clip.limit": "Clipping limit",
    "training.clip": "Clipping",
    "training.early_stopping": "Early stopping",
    "training.loss_scale": RULES["initial"].label,
    "network.loss.name": RULES["loss"].label,
    "network.loss.class_weights": "Class weights",
    "data": RULES["data"].label,
    "data.name": RULES["data"].label,
    "data.seed": "Seed of the data",
    "data.noise": "Noise of the data",
    "validation": RULES["validation"].label,
    "validation.fraction": RULES["validation"].label,
    "validation.seed": "Seed of the validation",
    "preparation.features": RULES["engineered"].label,
    "layer.skip.source": RULES["from"].label,
    "layer.skip": "Skip",
    "layer.part.momentum": RULES["running_momentum"].label,
    "layer.part.rate": RULES["rate"].label,
    "layer.part": RULES["type"].label,
}
_NUMBERS = {"W", "b", "mask", "frozen_W", "frozen_b", "P", "gamma", "beta", "running_mean", "running_var"}
"""Fields of arrays, of which it is only said that they differ."""
_LABELS = {"names_W", "names_b", "name", "unit_names", "features", "classes"}
"""Fields of layers and of samples that only people read."""
_SAID = {
    "W": "weights",
    "b": "biases",
    "mask": "connections",
    "frozen_W": "frozen weights",
    "frozen_b": "frozen biases",
    "P": "projection",
    "gamma": "γ",
    "beta": "β",
    "running_mean": "running means",
    "running_var": "running variances",
}


def differences(one: Project, other: Project) -> list[Difference]:
    """All in which two projects differ, but for names and for where their runs stand; training first."""
    bare, changed = (replace(p, network=naming.without(p.network)) for p in (one, other))
    found = list(_walk("training", bare.training, changed.training))
    if shape_words(bare) != shape_words(changed):
        found.append(Difference("Layers", shape_words(bare), shape_words(changed)))
    else:
        pairs = zip(bare.network.layers, changed.network.layers, strict=True)
        for k, (mine, theirs) in enumerate(pairs, start=1):
            found += (replace(d, what=f"Layer {k}, {_lower(d.what)}") for d in _layer(mine, theirs))
    found += _walk("network.loss", bare.network.loss, changed.network.loss)
    found += _data(bare, changed)
    found += _walk("validation", bare.validation, changed.validation)
    found += _walk("preparation", bare.preparation, changed.preparation)
    return found


def in_words(found: list[Difference], most: int = 3) -> str:
    """Differences as one line, the first few of them."""
    if not found:
        return "nothing but the run itself"
    said = "; ".join(map(str, found[:most]))
    return said + (f"; {len(found) - most} more" if len(found) > most else "")


def shape_words(project: Project) -> str:
    """The units of every column: 2–8–dropout 8–3."""
    parts = [
        str(layer.units) if layer.part is None else f"{layer.type.replace('_', ' ')} {layer.units}"
        for layer in project.network.layers
    ]
    return "–".join([str(project.network.inputs), *parts])


def _layer(one: Layer, other: Layer) -> Iterator[Difference]:
    for field in fields(Layer):
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        if field.name in _NUMBERS:
            yield from _arrays(field.name, mine, theirs)
        elif field.name not in _LABELS:
            yield from _walk(f"layer.{field.name}", mine, theirs)


def _data(one: Project, other: Project) -> Iterator[Difference]:
    mine, theirs = one.data, other.data
    if not isinstance(mine, InlineData) and not isinstance(theirs, InlineData):
        yield from _walk("data", mine, theirs)
    elif isinstance(mine, InlineData) and isinstance(theirs, InlineData):
        before, after = (
            {"Samples": len(data.x), "Features": data.x.shape[1], "Targets": data.y.shape[1]}
            for data in (mine, theirs)
        )
        changed = [name for name in before if before[name] != after[name]]
        yield from (Difference(name, f"{before[name]:,}", f"{after[name]:,}") for name in changed)
        if not changed and not (same(mine.x, theirs.x) and same(mine.y, theirs.y)):
            yield Difference("Samples", "as they were", "other values")
    else:
        said = (
            "own samples" if isinstance(data, InlineData) else in_form(data.name) for data in (mine, theirs)
        )
        yield Difference(RULES["data"].label, *said)


def _walk(path: str, one: Any, other: Any) -> Iterator[Difference]:
    """What differs at and below a place."""
    if is_dataclass(one) and type(one) is type(other):
        for field in fields(one):
            mine, theirs = getattr(one, field.name), getattr(other, field.name)
            if field.name == "settings":
                yield from _settings(path, dict(mine), dict(theirs))
            elif field.name in _NUMBERS:
                yield from _arrays(field.name, mine, theirs)
            else:
                yield from _walk(f"{path}.{field.name}", mine, theirs)
    elif one != other:
        yield Difference(label_of(path), in_form(one), in_form(other))


def _settings(path: str, one: dict[str, float], other: dict[str, float]) -> Iterator[Difference]:
    for name in dict.fromkeys((*one, *other)):
        default = RULES[name].default if name in RULES else None
        mine, theirs = one.get(name, default), other.get(name, default)
        if mine != theirs:
            yield Difference(label_of(f"{path}.{name}"), in_form(mine), in_form(theirs))


def _arrays(name: str, one: Any, other: Any) -> Iterator[Difference]:
    if one is None and other is None:
        return
    if one is None or other is None:
        said = ("as drawn" if array is None else "given" for array in (one, other))
        yield Difference(_SAID[name].capitalize(), *said)
    elif not np.array_equal(one, other):
        count = int(np.sum(one != other)) if one.shape == other.shape else one.size
        yield Difference(_SAID[name].capitalize(), "as they were", f"{count} changed")


def label_of(path: str) -> str:
    """What forms call the setting at a place, "training.batch_size"."""
    name = path.rpartition(".")[2]
    if path in _OWN_LABELS:
        return _OWN_LABELS[path]
    return RULES[name].label if name in RULES else name.replace("_", " ").capitalize()


def in_form(value: Any) -> str:
    """A setting's value as people read it."""
    match value:
        case None:
            return "none"
        case bool():
            return "on" if value else "off"
        case float():
            return f"{value:.6g}".replace("-", "\u2212")
        case str():
            return value.replace("_", " ")
        case tuple():
            return ", ".join(map(in_form, value)) or "none"
    if is_dataclass(value) and not isinstance(value, type):
        parts = {field.name: getattr(value, field.name) for field in fields(value)}
        plain = {name: part for name, part in parts.items() if isinstance(part, (str, int, float))}
        return ", ".join(f"{_lower(label_of(name))} {in_form(part)}" for name, part in plain.items())
    return str(value)


def _lower(label: str) -> str:
    return label[:1].lower() + label[1:] if label[1:2].islower() else label
