"""The samples of a project: drawn or given, split, scaled and extended with engineered features."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import numpy.typing as npt

from deltaglow import resources
from deltaglow.data import DATASETS, SCALINGS, Dataset, Scaling, Stored, draw, extended, parse
from deltaglow.engine import LOSSES
from deltaglow.model.errors import ProjectError
from deltaglow.model.project import BuiltinData, Preparation, Project
from deltaglow.model.training import held_out

Rows = npt.NDArray[np.intp]
_WORDS = {"distribution": "class", "unit": "label", "real": "target"}


@dataclass(frozen=True, eq=False)
class Prepared:
    """What a network is given. raw: the samples as they are. scaling: what was found in the training rows.

    dataset: scaled and extended, its first columns those of raw.
    """

    raw: Dataset
    scaling: Scaling
    dataset: Dataset


def prepared(project: Project) -> Prepared:
    """The project's samples and how they became inputs. Scaling looks at the training samples alone."""
    raw = drawn(project)
    chosen = project.preparation
    rows, _ = split(project)
    # Features so large that they overflow are for `check_finite` to refuse.
    with np.errstate(over="ignore", invalid="ignore"):
        scaling = SCALINGS[chosen.scale].fit(raw.x[rows])
        x = raw.x if chosen.scale == "none" else scaling(raw.x)
        names = raw.feature_names
        if chosen.features:
            x, names = extended(x, names, chosen.features)
    return Prepared(raw, scaling, replace(raw, x=x, feature_names=names))


def check_finite(project: Project) -> None:
    """Check that no feature is too large to be prepared as the project says. Raises ProjectError."""
    if project.preparation == Preparation() or isinstance(project.data, BuiltinData):
        return
    made = prepared(project)
    sized = np.isfinite(made.scaling.shift) & np.isfinite(made.scaling.span)
    if not sized.all():
        column = int(np.argmin(sized))
        row = int(np.abs(made.raw.x[:, column]).argmax())
        raise ProjectError(f"data.inline.x[{row}][{column}]", "is too large to be scaled")
    wrong = np.argwhere(~np.isfinite(made.dataset.x))
    if len(wrong):
        name = made.dataset.feature_names[wrong[0][1]]
        raise ProjectError(f"data.inline.x[{wrong[0][0]}]", f"is too large: {name} of it overflows")


def drawn(project: Project) -> Dataset:
    """The project's own samples, or those drawn from a built-in set."""
    given = project.data
    if isinstance(given, BuiltinData):
        kind = DATASETS[given.name]
        count = given.classes or kind.default_classes
        whole = whole_set(given.name) if isinstance(kind.make, Stored) else None
        return draw(kind, given.samples, given.noise, count, given.seed, given.balance, whole)
    features = given.features or _numbered(given.x.shape[1])
    word = output_word(project)
    classes = given.classes or tuple(numbered(word, k) for k in range(given.y.shape[1]))
    return Dataset(given.x, given.y, features, classes, project.title or "Own data")


def output_word(project: Project) -> str:
    """What one output is: a class, a label or a target."""
    return _WORDS[LOSSES[project.network.loss.name].targets]


def numbered(word: str, k: int) -> str:
    """The name of output k, from 0, where it has no other: "class 1"."""
    return f"{word} {k + 1}"


def split(project: Project) -> tuple[Rows, Rows]:
    """The rows of the data set that are trained on, and those that are kept out to judge it by; ascending."""
    data, chosen = project.data, project.validation
    count = data.samples if isinstance(data, BuiltinData) else len(data.x)
    if chosen is None:
        return np.arange(count), np.arange(0)
    order = np.random.default_rng(chosen.seed).permutation(count)
    held = held_out(count, chosen.fraction)
    return np.sort(order[held:]), np.sort(order[:held])


def picture(project: Project) -> tuple[int, int] | None:
    """Rows and columns, where the samples are pictures and the first features their pixels."""
    given = project.data
    return DATASETS[given.name].picture if isinstance(given, BuiltinData) else given.picture


@cache
def whole_set(name: str) -> Dataset:
    """All of a stored set, read once."""
    kind = DATASETS[name]
    if not isinstance(kind.make, Stored):
        raise TypeError(f"the set {name} is made, not stored")
    return parse(resources.text(f"data/{kind.make.file}"), kind.label)


@cache
def _numbered(count: int) -> tuple[str, ...]:
    """Names for features that have none: x₁, x₂ and so on."""
    return tuple(f"x{_subscript(i + 1)}" for i in range(count))


def _subscript(number: int) -> str:
    return "".join(chr(0x2080 + int(digit)) for digit in str(number))
