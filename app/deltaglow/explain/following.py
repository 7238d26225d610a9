"""Tables that hold as printed: with how many digits each column is printed, so that others follow from it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from deltaglow.explain.layout import DIGITS, column
from deltaglow.explain.numbers import FULL_DIGITS, MINUS, plain, show

MOST = 12
"""Digits that the largest number of a column has at most."""
_FINER = 2
"""Digits more that a result may have, where it lies too near the middle between two printed numbers."""
_SAME = 1e-12

Rule = Callable[..., Sequence[float]]
"""The printed numbers of some columns, one sequence each → what each row's number is by them; nan where a row
does not follow."""


@dataclass(frozen=True, slots=True)
class Column:
    """values: a number for each row, or a single one. rule: how they are worked out from the columns at the
    places `of`, which come before; None for numbers that the table takes as given. least: digits that the
    largest has at least. short: printed without padding zeros where so many digits write a number exactly.
    floating: numbers of many sizes, each with so many digits.
    """

    values: tuple[float, ...]
    rule: Rule | None = None
    of: tuple[int, ...] = ()
    least: int = DIGITS
    short: bool = False
    floating: bool = False


def printed(columns: Sequence[Column]) -> list[list[str]]:
    """Each column's numbers with the same count of decimals, as few as it takes for every number with a rule
    to be what the rule gives, worked out with the numbers as printed.

    A column that would need more than `MOST` digits has those.
    """

    @cache
    def texts(n: int, digits: int) -> list[str]:
        values = columns[n].values
        if columns[n].floating:
            return [show(v, digits).text for v in values]
        return [plain(v, digits).text for v in values] if columns[n].short else column(values, digits)

    @cache
    def read(n: int, digits: int) -> list[float]:
        return [float(text.replace(MINUS, "-")) for text in texts(n, digits)]

    def follows(n: int, digits: Sequence[int]) -> bool:
        rule = columns[n].rule
        if rule is None:
            return True
        got = rule(*(read(m, digits[m]) for m in columns[n].of))
        return all(map(_rounds, got, texts(n, digits[n])))

    found = [each.least for each in columns]
    for n in reversed(range(len(columns))):
        if columns[n].rule is not None:
            found = _reaching(n, columns[n].of, found, follows)
    for n in range(len(columns)):
        found = _trimmed(n, columns, found, follows)
    return [texts(n, digits) for n, digits in enumerate(found)]


def telling(before: Sequence[float], after: Sequence[float]) -> int:
    """Digits of a column with which every number that moves is seen to, if `FULL_DIGITS` show it at all."""
    largest = max((abs(value) for value in (*before, *after) if math.isfinite(value)), default=0.0)
    moves = [abs(b - a) for b, a in zip(before, after, strict=True) if math.isfinite(b - a)]
    seen = [move for move in moves if move > largest * 10.0 ** (1 - FULL_DIGITS)]
    if not seen:
        return DIGITS
    return max(DIGITS, 1 + math.floor(math.log10(largest)) - math.floor(math.log10(min(seen))))


def _reaching(
    n: int, of: Sequence[int], found: list[int], follows: Callable[[int, Sequence[int]], bool]
) -> list[int]:
    """The digits with more of them for the columns that column `n` is made of, until it follows from them."""
    for finer in range(_FINER + 1):
        trial = list(found)
        trial[n] += finer
        while any(trial[m] < MOST for m in of):
            if follows(n, trial):
                return trial
            for m in of:
                trial[m] = min(trial[m] + 1, MOST)
        if follows(n, trial):
            return trial
    return found


def _trimmed(
    n: int, columns: Sequence[Column], found: list[int], follows: Callable[[int, Sequence[int]], bool]
) -> list[int]:
    """The digits with as few of column `n` as leave everything that follows from it true."""
    users = [m for m, each in enumerate(columns) if n in each.of or m == n]
    for digits in range(columns[n].least, found[n]):
        trial = [*found[:n], digits, *found[n + 1 :]]
        if all(follows(m, trial) for m in users):
            return trial
    return found


def _rounds(got: float, text: str) -> bool:
    """Whether a number rounds to the printed one; true of what is no number."""
    if not math.isfinite(got):
        return True
    shown = Decimal(text.replace(MINUS, "-"))
    if not shown.is_finite():
        return True
    unit = 10.0 ** int(shown.as_tuple().exponent)
    return abs(got - float(shown)) <= 0.5 * unit + _SAME * abs(got)
