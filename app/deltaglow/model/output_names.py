"""What the outputs are called: the data's classes, labels or targets, where these have names of their own."""

from __future__ import annotations

from functools import cache

from deltaglow.data import DATASETS, Stored
from deltaglow.model.project import BuiltinData, Project
from deltaglow.model.samples import numbered, whole_set


def output_name(project: Project, j: int) -> str:
    """What the data call output j; "" where they only count their outputs."""
    names = _names(project)
    name = names[j] if j < len(names) else ""
    return "" if name in {numbered(word, j) for word in ("class", "label", "target")} else name


def short_name(project: Project, j: int) -> str:
    """What output j is called in a column of its own: its name, or its number from 1."""
    return output_name(project, j) or str(j + 1)


def _names(project: Project) -> tuple[str, ...]:
    data = project.data
    if not isinstance(data, BuiltinData):
        return data.classes or ()
    return _of_set(data.name, data.classes or DATASETS[data.name].default_classes)


@cache
def _of_set(name: str, classes: int) -> tuple[str, ...]:
    """They are the same however many samples there are."""
    kind = DATASETS[name]
    if isinstance(kind.make, Stored):
        return whole_set(name).class_names
    return kind.make(max(kind.min_samples, classes), 0.0, classes, 0).class_names
