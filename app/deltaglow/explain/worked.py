"""What a term, or an output's part of the loss, comes to: in symbols, with its numbers, as printed."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from deltaglow.explain import softmax_lab, symbols
from deltaglow.explain.context import Context
from deltaglow.explain.expr import Expr, Product
from deltaglow.explain.numbers import DIGITS, reconcile, show
from deltaglow.explain.outputs import pair_of
from deltaglow.explain.pieces import SYMBOLS, join_text, with_numbers
from deltaglow.explain.terms import Term


@dataclass(frozen=True, slots=True)
class Worked:
    """A calculation as it is printed: in symbols, with its numbers, and what that makes."""

    symbols: str
    numbers: str
    result: str

    @property
    def text(self) -> str:
        """w₇ δ⁽²⁾₁ = 0.300·(−0.433) = −0.130"""
        parts = [part for part in (self.symbols, self.numbers, self.result) if part]
        return " = ".join(dict.fromkeys(parts))


def worked(ctx: Context, term: Term) -> Worked:
    """A term as it is printed, with digits with which it multiplies out."""
    if len(term.factors) < 2:
        name = f"{term.count} more"
        if term.factors:
            alone = ctx.value(term.factors[0]) == term.value
            name = symbols.text(ctx.project, term.factors[0]) if alone else ""
        return Worked(name, "", show(term.value).text)
    return _printed(ctx, Product(tuple(ctx.ref(q) for q in term.factors)), term.value)


def cost(ctx: Context, j: int) -> Worked:
    """What output j adds to the loss of the context's row."""
    number = float(softmax_lab.costs(ctx.frame, ctx.row)[j])
    expression = pair_of(ctx.frame).cost(ctx, j)
    if number == 0.0 or not isfinite(number):
        numbers = join_text(expression.pieces(with_numbers(DIGITS), leading=True))
        return Worked(join_text(expression.pieces(SYMBOLS, leading=True)), numbers, show(number).text)
    return _printed(ctx, expression, number)


def so_far(values: list[float], number: int) -> float:
    """The sum after term `number`, counted from 0; what is but rounding is 0."""
    values = values[: number + 1]
    total = sum(values)
    return 0.0 if abs(total) <= 1e-14 * sum(map(abs, values)) else total


def _printed(ctx: Context, expression: Expr, number: float) -> Worked:
    found = reconcile(number, [expression.evaluate], coarseness=ctx.coarseness)
    numbers = join_text(expression.pieces(with_numbers(found.digits), leading=True))
    return Worked(join_text(expression.pieces(SYMBOLS, leading=True)), numbers, found.result.text)
