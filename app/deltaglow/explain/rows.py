"""The bars of a group beside the formula: each number there is what the formula's own numbers give."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from deltaglow.explain.expr import Expr, Product, Sum
from deltaglow.explain.numbers import MINUS, MOST_DIGITS, Reconciled, Shown
from deltaglow.explain.parts import Group, Row

ROOM = 3
"""Digits more than the result needs that a formula is given for the sake of the bars."""
_SAME = 1e-12
"""Relative difference up to which a bar and a term are the same number."""


def enough(numerics: Sequence[Expr], groups: Iterable[Group], found: Reconciled) -> int:
    """With how many digits of the operands every product of the formula that is a bar as well, worked out as
    printed, gives the number beside the bar, and the formula its result; as many as `found` has, if `ROOM`
    more would not do.

    numerics: the right-hand sides that are shown with numbers.
    """
    pairs = [
        (term, float(_decimal(row)), _unit(row))
        for term in _products(numerics)
        for group in groups
        for row in group.rows
        if _readable(row) and math.isclose(term.evaluate(MOST_DIGITS)[0], row.value, rel_tol=_SAME)
    ]
    for count in range(found.digits, min(found.digits + ROOM, MOST_DIGITS) + 1):
        result = all(_rounds(expression, found.result, count) for expression in numerics)
        if result and all(abs(term.evaluate(count)[0] - read) <= 0.5001 * unit for term, read, unit in pairs):
            return count
    return found.digits


def _products(expressions: Iterable[Expr]) -> Iterator[Expr]:
    """The terms of sums that are worked out themselves."""
    for expression in expressions:
        if isinstance(expression, Sum):
            yield from (term for term in expression.terms if isinstance(term, Product))
        yield from _products(expression.children())


def _rounds(expression: Expr, result: Shown, count: int) -> bool:
    got, noise = expression.evaluate(count)
    return abs(got - result.value) + noise <= 0.5 * result.unit


def _readable(row: Row) -> bool:
    return row.value != 0.0 and math.isfinite(row.value)


def _decimal(row: Row) -> Decimal:
    return Decimal(row.printed.replace(MINUS, "-"))


def _unit(row: Row) -> float:
    return 10.0 ** int(_decimal(row).as_tuple().exponent)
