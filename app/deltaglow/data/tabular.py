"""From a table to samples: which column is the target, what the others become, and which rows are whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deltaglow.data.dataset import Array, Dataset, one_hot
from deltaglow.data.delimited import Column, Table, TableError

MOST_WORDS = 20
"""Different words up to which a column of them becomes features of its own accord: beyond, it is a name."""
MOST_MISSING = 0.5
"""Share of values that a column may miss before it is used no more of its own accord."""
MOST_CLASSES = 10
"""Different whole numbers up to which a target of them is taken for classes."""


@dataclass(frozen=True, eq=False)
class Samples:
    """Samples made of a table. classes: whether the targets are classes, and not numbers to be met.

    left_out: rows with a value missing in a column that is used. unused: columns that were not.
    """

    dataset: Dataset
    classes: bool
    left_out: int
    unused: tuple[str, ...]


def samples(
    table: Table, title: str, target: str | None = None, features: Sequence[str] | None = None
) -> Samples:
    """The table's rows as samples, those left out that miss a value.

    target: a column; the last one of words, or else the last, if not given. Words are classes, and so are at
    most MOST_CLASSES different whole numbers that come twice each on average; other numbers are to be met.
    features: columns; all others, if not given, but for words of which there are more than MOST_WORDS and
    columns that miss most of their values. Words become a feature for each, 1 where it is and 0 elsewhere.
    Raises TableError.
    """
    known = {column.name: column for column in table.columns}
    for name in (*(features or ()), *([] if target is None else [target])):
        if name not in known:
            raise TableError(0, f"has no column {name!r}; there are {', '.join(map(repr, known))}")
    aim = _target(table) if target is None else known[target]
    chosen = [
        column
        for column in table.columns
        if column is not aim and (column.name in features if features is not None else _usable(column))
    ]
    if not chosen:
        raise TableError(0, f"has no column beside {aim.name!r} to learn from")
    whole = ~np.logical_or.reduce([column.missing for column in (aim, *chosen)])
    if not whole.any():
        raise TableError(0, "misses a value in every row")
    blocks = [_features(column) for column in chosen]
    x = np.hstack([values for values, _ in blocks])[whole]
    names = tuple(name for _, found in blocks for name in found)
    y, classes, is_classes = _targets(aim, whole)
    unused = tuple(column.name for column in table.columns if column not in (aim, *chosen))
    dataset = Dataset(x, y, names, classes, title)
    return Samples(dataset, is_classes, int((~whole).sum()), unused)


def _usable(column: Column) -> bool:
    """Whether a column is used unasked: not if most of it is missing, or it has a word of its own for all."""
    return len(column.labels) <= MOST_WORDS and column.missing.mean() <= MOST_MISSING


def _target(table: Table) -> Column:
    usable = [column for column in table.columns if _usable(column)]
    words = [column for column in usable if len(column.labels) >= 2]
    return (words or usable or list(table.columns))[-1]


def _features(column: Column) -> tuple[Array, list[str]]:
    """The column as features (N, d) and their names; missing values as they come."""
    if column.numbers is not None:
        return column.numbers[:, None], [column.name]
    assert column.codes is not None
    return one_hot(column.codes, len(column.labels)), [f"{column.name} = {word}" for word in column.labels]


def _targets(column: Column, whole: np.ndarray) -> tuple[Array, tuple[str, ...], bool]:
    """The targets of the whole rows, (n, k), what each is called, and whether they are classes."""
    if column.numbers is None:
        assert column.codes is not None
        used, codes = np.unique(column.codes[whole], return_inverse=True)
        names = tuple(column.labels[k] for k in used)
    else:
        values = column.numbers[whole]
        different, codes = np.unique(values, return_inverse=True)
        few = 2 <= len(different) <= MOST_CLASSES and len(values) >= 2 * len(different)
        if not few or (different % 1).any():
            return values[:, None].copy(), (column.name,), False
        names = tuple(f"{value:.0f}" for value in different)
    if len(names) < 2:
        raise TableError(0, f"has a single class, {names[0]!r}, in the column {column.name!r}")
    return one_hot(codes, len(names)), names, True
