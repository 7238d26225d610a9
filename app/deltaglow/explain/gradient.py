"""Gradients, averaged over the batch: error times what the weight carried; for a bias, the error alone."""

import math
from collections.abc import Callable

from deltaglow.explain import special
from deltaglow.explain.context import TERMS, Bar, Context, bar_label
from deltaglow.explain.expr import Const, Expr, Product, Quotient, Ref, Sum, elide
from deltaglow.explain.outputs.divisor import divisor, divisor_groups
from deltaglow.explain.parts import Derivation
from deltaglow.model.quantity import Quantity


def weight(ctx: Context, q: Quantity) -> Derivation:
    """∂L/∂W[j, i] = (1/B) Σₛ δⱼ aᵢ."""
    own = special.gradient(ctx, q)
    if own is not None:
        return own
    k, (j, i) = q.layer or 1, q.index
    whose = "The data's part of the gradient" if q.kind == "dW_data" else "The gradient"
    title = f"{whose} of {ctx.symbol(Quantity('W', k, (j, i)))}"
    if not ctx.connected(k, j, i):
        return ctx.derivation(q, title, "a deleted connection: exactly zero", ())
    carried = (ctx.frame.x if k == 1 else ctx.layer(k - 1).a)[:, i]

    def factors(row: int | None) -> tuple[Ref, ...]:
        return ctx.at("delta", k, j, row=row), ctx.before(k, i, row=row)

    fed = f"what {ctx.unit(k - 1, i)} fed it"
    sentence = f"the error of {ctx.unit(k, j)}, where the weight leads, times {fed}"
    note = None if carried.any() else "The weight carried nothing, a 0, so it had no part in the error."
    return _mean(ctx, q, title, sentence, (ctx.layer(k).delta[:, j] * carried).tolist(), factors, note)


def bias(ctx: Context, q: Quantity) -> Derivation:
    """∂L/∂b[j] = (1/B) Σₛ δⱼ."""
    own = special.gradient(ctx, q)
    if own is not None:
        return own
    k, j = q.layer or 1, q.index[0]
    title = f"The gradient of the bias of {ctx.unit(k, j)}"
    sentence = "the unit's error itself: a bias is a weight on a constant 1"

    def factors(row: int | None) -> tuple[Ref, ...]:
        return (ctx.at("delta", k, j, row=row),)

    return _mean(ctx, q, title, sentence, ctx.layer(k).delta[:, j].tolist(), factors, None)


def _mean(
    ctx: Context,
    q: Quantity,
    title: str,
    sentence: str,
    values: list[float],
    factors: Callable[[int | None], tuple[Ref, ...]],
    note: str | None,
) -> Derivation:
    """values: each row's own gradient. factors: what is multiplied to give it, for a row of the batch."""
    if ctx.frame.divisor == 1.0 and ctx.samples == 1:
        worked = _product(factors(None))
        return ctx.derivation(q, title, sentence, [worked], [worked], note=note)
    alone = ctx.samples == 1
    terms = elide(values, TERMS, lambda row: _product(factors(None if alone else row)))
    mean = Product((Quotient(Const(1.0), divisor(ctx.frame)), terms[0] if alone else Sum(terms)))

    def row_bar(row: int) -> Bar:
        refs = factors(None if alone else row)
        return bar_label(*refs), refs[0].quantity, "delta"

    heading = f"the {ctx.samples} samples together"
    group = ctx.sum_group(heading, math.fsum(values), values, row_bar, "delta")
    averaged = f"{sentence}; averaged over the {ctx.samples} samples of the batch"
    groups = [group, *divisor_groups(ctx)]
    return ctx.derivation(q, title, averaged, [mean], [mean], groups=groups, note=note)


def _product(refs: tuple[Ref, ...]) -> Expr:
    return refs[0] if len(refs) == 1 else Product(refs)
