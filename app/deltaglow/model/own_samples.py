"""Samples as a person edits them: each of these makes own data of what there was, with one thing other.

A project that learns from a built-in set then carries the samples itself: they can no longer be drawn anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from deltaglow.model.errors import printable
from deltaglow.model.project import BuiltinData, InlineData, Project
from deltaglow.model.rules import RULES
from deltaglow.model.samples import drawn, numbered, picture

Array = npt.NDArray[np.float64]
MOST_SAMPLES = int(RULES["samples"].maximum or 0)


def own(project: Project) -> InlineData:
    """The project's samples as data of its own: what they are already, or a built-in set as it was drawn."""
    if not isinstance(project.data, BuiltinData):
        return project.data
    found = drawn(project)
    features, classes = (
        tuple(printable(name, 100) for name in names) for names in (found.feature_names, found.class_names)
    )
    return InlineData(found.x, found.y, features, classes, picture(project))


def with_feature(data: InlineData, row: int, feature: int, value: float) -> InlineData:
    """One number of one sample is another."""
    x = data.x.copy()
    x[row, feature] = value
    return replace(data, x=x)


def with_features(data: InlineData, row: int, values: Array) -> InlineData:
    """All numbers (features,) of one sample are others."""
    x = data.x.copy()
    x[row] = values
    return replace(data, x=x)


def with_target(data: InlineData, row: int, target: Array) -> InlineData:
    """The target (outputs,) of one sample is another."""
    y = data.y.copy()
    y[row] = target
    return replace(data, y=y)


def of_class(data: InlineData, k: int) -> Array:
    """The target of a sample that is of class k."""
    target = np.zeros(data.y.shape[1])
    target[k] = 1.0
    return target


def appended(data: InlineData, x: Array, y: Array) -> InlineData:
    """More samples, x (n, features) and y (n, outputs), after those there are."""
    return replace(data, x=np.vstack([data.x, x]), y=np.vstack([data.y, y]))


def without(data: InlineData, rows: Sequence[int] | npt.NDArray[np.intp]) -> InlineData:
    """Those rows are gone. Raises ValueError if none would be left."""
    kept = np.ones(len(data.x), dtype=bool)
    kept[np.asarray(rows, dtype=np.intp)] = False
    if not kept.any():
        raise ValueError("no sample would be left")
    return replace(data, x=data.x[kept], y=data.y[kept])


def with_classes(data: InlineData, count: int, word: str = "class") -> InlineData:
    """So many classes, of which the new ones have no samples yet; there are never fewer than before.

    word: what one is called before its number.
    """
    before = data.y.shape[1]
    if count <= before:
        return data
    names = data.classes or tuple(numbered(word, k) for k in range(before))
    more: list[str] = []
    for k in range(before, count):
        name, number = numbered(word, k), k + 1
        while name in (*names, *more):
            number += 1
            name = numbered(word, number - 1)
        more.append(name)
    empty = np.zeros((len(data.y), count - before))
    return replace(data, y=np.hstack([data.y, empty]), classes=(*names, *more))
