"""From a table to samples: which column is the target, what the others become, and which rows are whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from deltaglow.data.dataset import Array, Dataset, one_hot
from deltaglow.data.delimited import Column, Table, TableError

Rows = npt.NDArray[np.intp]

MOST_WORDS = 20
"""Different words up to which a column of them becomes features of its own accord: beyond, it is a name."""
MOST_MISSING = 0.5
"""Share of values that a column may miss before it is used no more of its own accord."""
MOST_CLASSES = 10
"""Different whole numbers up to which a target of them is taken for classes."""


MOST_DIFFERENT = 1000
"""Different words or numbers that a column may have and be classes, or a feature for each."""
MISSING_RULES = {
    "drop": ("Leave the row out", "Rows that miss a value in a column that is used are no samples."),
    "mean": ("Put in the mean", "A missing number becomes its column's mean, a missing word the commonest."),
}
"""What to do where a feature is missing → what a person calls it, and a sentence. A row that misses its
target is no sample either way."""


@dataclass(frozen=True)
class Choices:
    """What is made of a table; None leaves it to `samples`.

    target: a column. features: columns. classes: whether the target's numbers are classes. missing: a key of
    MISSING_RULES. most: samples to take at most; of more, evenly spaced ones, or with a seed random ones.
    """

    target: str | None = None
    features: tuple[str, ...] | None = None
    classes: bool | None = None
    missing: str = "drop"
    most: int | None = None
    seed: int | None = None


@dataclass(frozen=True, eq=False)
class Samples:
    """Samples made of a table. classes: whether the targets are classes, and not numbers to be met.

    left_out: rows with a value missing in a column that is used. filled: values that were put in for missing
    ones. there_were: samples of which those were taken. unused: columns that were not used.
    """

    dataset: Dataset
    classes: bool
    left_out: int
    filled: int
    there_were: int
    unused: tuple[str, ...]


def samples(table: Table, title: str, choices: Choices | None = None) -> Samples:
    """The table's rows as samples, those left out that miss a value.

    The target is the last column of words, or else the last, if not chosen. Words are classes, and so are,
    if not chosen otherwise, at most MOST_CLASSES different whole numbers that come twice each on average;
    other numbers are to be met. Features are all other columns, if not chosen, but for words of which there
    are more than MOST_WORDS and columns that miss most of their values. Words become a feature for each, 1
    where it is and 0 elsewhere. Raises TableError.
    """
    choices = choices or Choices()
    aim, chosen = used(table, choices)
    if not chosen:
        raise TableError(0, f"has no column beside {aim.name!r} to learn from{_reason(table, aim)}")
    missing = np.logical_or.reduce([column.missing for column in chosen])
    drop = choices.missing == "drop"
    whole = ~(aim.missing | missing) if drop else ~aim.missing
    rows = np.flatnonzero(whole)
    if not len(rows):
        raise TableError(0, "misses a value in every row" if drop else f"misses {aim.name!r} in every row")
    taken = _taken(rows, choices)
    blocks = [_features(column, taken, drop) for column in chosen]
    x = np.hstack([values for values, _ in blocks])
    names = tuple(name for _, found in blocks for name in found)
    y, classes, is_classes = _targets(aim, taken, choices.classes)
    unused = tuple(column.name for column in table.columns if column not in (aim, *chosen))
    filled = 0 if drop else sum(int(column.missing[taken].sum()) for column in chosen)
    dataset = Dataset(x, y, names, classes, title)
    return Samples(dataset, is_classes, table.rows - len(rows), filled, len(rows), unused)


def used(table: Table, choices: Choices) -> tuple[Column, list[Column]]:
    """The column that is the target, and those that are features. Raises TableError if one is not there."""
    known = {column.name: column for column in table.columns}
    target, features = choices.target, choices.features
    for name in (*(features or ()), *([] if target is None else [target])):
        if name not in known:
            raise TableError(0, f"has no column {name!r}; there are {', '.join(map(repr, known))}")
    aim = _target(table) if target is None else known[target]
    wanted = None if features is None else frozenset(features)
    chosen = [
        column
        for column in table.columns
        if column is not aim and (column.name in wanted if wanted is not None else _usable(column))
    ]
    return aim, chosen


def _reason(table: Table, aim: Column) -> str:
    """Why the first of the other columns is not used."""
    for column in table.columns:
        if column is not aim and len(column.labels) > MOST_WORDS:
            return f": {column.name!r} has {len(column.labels):,} different words"
        if column is not aim and column.missing.mean() > MOST_MISSING:
            return f": {column.name!r} misses most of its values"
    return ""


def misread(table: Table) -> list[TableError]:
    """Of each column that is words because of a few cells, where nearly all others are numbers: the first of
    those cells, and its line.
    """
    found = []
    for column in table.columns:
        if column.misread is not None:
            line, text = column.misread
            reason = f"has {text[:40]!r} in the column {column.name!r}, whose other cells are numbers"
            found.append(TableError(line, reason))
    return found


def _taken(rows: Rows, choices: Choices) -> Rows:
    """At most as many rows as are wanted, ascending."""
    if choices.most is None or len(rows) <= choices.most:
        return rows
    if choices.seed is None:
        return rows[np.linspace(0, len(rows) - 1, choices.most).astype(np.intp)]
    return np.sort(np.random.default_rng(choices.seed).choice(rows, choices.most, replace=False))


def _usable(column: Column) -> bool:
    """Whether a column is used unasked: not if most of it is missing, or it has a word of its own for all."""
    return len(column.labels) <= MOST_WORDS and column.missing.mean() <= MOST_MISSING


def _target(table: Table) -> Column:
    usable = [column for column in table.columns if _usable(column)]
    words = [column for column in usable if len(column.labels) >= 2]
    return (words or usable or list(table.columns))[-1]


def _features(column: Column, rows: Rows, whole: bool) -> tuple[Array, list[str]]:
    """The column's rows as features (n, d) and their names; unless none is missing, what stands for them."""
    if column.numbers is not None:
        values = column.numbers[rows]
        if not whole and np.isnan(values).any():
            if column.missing.all():
                raise TableError(0, f"has no value in the column {column.name!r}")
            values = np.where(np.isnan(values), np.nanmean(column.numbers), values)
        return values[:, None], [column.name]
    assert column.codes is not None
    _check_different(column, len(column.labels))
    codes = column.codes[rows]
    if not whole:
        codes = np.where(codes < 0, np.bincount(column.codes[column.codes >= 0]).argmax(), codes)
    return one_hot(codes, len(column.labels)), [f"{column.name} = {word}" for word in column.labels]


def _check_different(column: Column, count: int) -> None:
    if count > MOST_DIFFERENT:
        what = f"{count:,} different values, at most {MOST_DIFFERENT:,} can be classes or features"
        raise TableError(0, f"has in the column {column.name!r} {what}")


def _targets(column: Column, rows: Rows, wanted: bool | None) -> tuple[Array, tuple[str, ...], bool]:
    """The targets of the rows, (n, k), what each is called, and whether they are classes."""
    if column.numbers is None:
        assert column.codes is not None
        present, codes = np.unique(column.codes[rows], return_inverse=True)
        _check_different(column, len(present))
        names = tuple(column.labels[k] for k in present)
        if wanted is False:
            line, text = column.first_text or (0, names[0])
            raise TableError(line, f"has {text!r} in the column {column.name!r}, which is no number")
    else:
        values = column.numbers[rows]
        different, codes = np.unique(values, return_inverse=True)
        few = 2 <= len(different) <= MOST_CLASSES and len(values) >= 2 * len(different)
        if wanted is False or (wanted is None and (not few or bool((different % 1).any()))):
            return values[:, None].copy(), (column.name,), False
        _check_different(column, len(different))
        names = tuple(f"{value:g}" if value % 1 else f"{value:.0f}" for value in different)
    if len(names) < 2:
        raise TableError(0, f"has a single class, {names[0]!r}, in the column {column.name!r}")
    return one_hot(codes, len(names)), names, True
