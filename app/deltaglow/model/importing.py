"""From a table of delimited text to a project that learns it: what `deltaglow data.csv` opens."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from deltaglow.data import Dataset, Table, TableError
from deltaglow.data.dataset import Array
from deltaglow.data.delimited import read
from deltaglow.data.tabular import MOST_CLASSES, Choices, Samples, misread, samples, used
from deltaglow.engine import LossSpec
from deltaglow.model.errors import ProjectError, printable
from deltaglow.model.project import (
    Change,
    InlineData,
    Layer,
    NetworkSpec,
    Optimizer,
    Preparation,
    Project,
    Training,
    Validation,
    unchanged,
)
from deltaglow.model.rules import MAX_DATA_NUMBERS, RULES
from deltaglow.model.validate import validate

_PLACE = re.compile(r"data\.inline\.x\[(\d+)\]\[(\d+)\]")
SUFFIXES = (".csv", ".tsv", ".tab", ".txt")
MAX_BYTES = 512 * 2**20
_FEW = 20
"""Samples below which none are kept out for validation."""


def is_table(name: str) -> bool:
    """Whether a file of this name is read as a table."""
    return Path(name).suffix.lower() in SUFFIXES


def project(
    data: bytes,
    name: str,
    target: str | None = None,
    features: Sequence[str] | None = None,
    change: Change = unchanged,
) -> Project:
    """A project with the samples of the table in `data`, the bytes of the file `name`.

    target, features: columns of it, chosen as `deltaglow.data.tabular.samples` does if not given. The
    network has one hidden layer; features, and targets that are numbers, are standardised; a fifth of the
    samples is kept out, and `change` made. Of more samples than a project holds, evenly spaced ones are
    taken, and its title says so. Raises ProjectError, about the line where the table is broken.
    """
    title = printable(Path(name).stem, 100)
    choices = Choices(target, None if features is None else tuple(features))
    try:
        table = read(sized(data))
        if target is None and features is None and (wrong := misread(table)):
            raise wrong[0]
        most = most_samples(table, choices)
        found = samples(table, title, replace(choices, most=most))
    except TableError as error:
        raise ProjectError(f"line {error.line}" if error.line else "", error.reason) from None
    if found.there_were > most:
        share = f"{most:,} of {found.there_were:,} samples, evenly spaced"
        found = replace(found, dataset=replace(found.dataset, title=f"{title}: {share}"))
    made = change(learner(found))
    check(made)
    return made


def check(made: Project) -> None:
    """Check a project whose samples come of a table. Raises ProjectError, about the column by its name."""
    try:
        validate(made)
    except ProjectError as error:
        place, data = _PLACE.fullmatch(error.where), made.data
        if place is None or not isinstance(data, InlineData) or data.features is None:
            raise
        row, column = int(place[1]), int(place[2])
        what = f"has {data.x[row, column]:g} in the column {data.features[column]!r}, which {error.what}"
        raise ProjectError("", what) from None


def sized(data: bytes) -> bytes:
    """The bytes of a file, if they are not too many for a table. Raises ProjectError."""
    if len(data) > MAX_BYTES:
        raise ProjectError("", f"is larger than {MAX_BYTES // 2**20} MiB, the most that is read as a table")
    return data


def most_samples(table: Table, choices: Choices) -> int:
    """How many samples of the table a project can hold, whose numbers are limited together too."""
    aim, chosen = used(table, choices)
    width = sum(max(len(column.labels), 1) for column in (aim, *chosen))
    if aim.numbers is not None:
        width += MOST_CLASSES - 1
    return min(int(RULES["samples"].maximum or 0), max(MAX_DATA_NUMBERS // width, 1))


def learner(found: Samples, scale: str = "standard", held_out: float | None = None) -> Project:
    """A project that learns these samples with one hidden layer; not judged, `validate` does that.

    scale: a key of SCALINGS. held_out: the share kept out for validation; if not given, a fifth of them, but
    none of a few.
    """
    data = found.dataset
    outputs = data.y.shape[1]
    loss = "softmax_cross_entropy" if found.classes else "squared_error"
    hidden = Layer(16, "tanh", "xavier_normal")
    share = (0.2 if len(data.x) >= _FEW else 0.0) if held_out is None else held_out
    return Project(
        NetworkSpec(data.x.shape[1], (hidden, Layer(outputs)), LossSpec(loss)),
        own_data(found),
        Training(Optimizer("adam", 0.01), min(32, len(data.x)), shuffle=True),
        data.title,
        Validation(share) if share else None,
        Preparation(scale),
    )


def own_data(found: Samples) -> InlineData:
    """The samples as a project keeps them: targets that are numbers standardised, all named."""
    data = found.dataset
    y, classes = (data.y, data.class_names) if found.classes else _standardised(data)
    return InlineData(data.x, y, tuple(map(_name, data.feature_names)), tuple(map(_name, classes)))


def _standardised(data: Dataset) -> tuple[Array, tuple[str, ...]]:
    """Targets that are numbers with mean 0 and deviation 1, near to where networks begin; named so too."""
    mean, deviation = float(data.y.mean()), float(data.y.std()) or 1.0
    return (data.y - mean) / deviation, (f"({data.class_names[0]} − {mean:.6g}) / {deviation:.6g}",)


def _name(text: str) -> str:
    return printable(text, 60)
