"""Gradients, averaged over the batch: error times what the weight carried; for a bias, the error alone."""

from collections.abc import Sequence

from deltaglow.explain.context import TERMS, Context, bar_label
from deltaglow.explain.expr import Const, Expr, Product, Quotient, Ref, Sum, elide
from deltaglow.explain.parts import Derivation, Group
from deltaglow.model.quantity import Quantity


def weight(ctx: Context, q: Quantity) -> Derivation:
    """∂L/∂W[j, i] = (1/B) Σₛ δⱼ aᵢ."""
    k, (j, i) = q.layer or 1, q.index
    title = f"The gradient of {ctx.symbol(Quantity('W', k, (j, i)))}"
    if not ctx.connected(k, j, i):
        return ctx.derivation(q, title, "a deleted connection: exactly zero", ())
    pairs = [(ctx.at("delta", k, j, row=row), ctx.before(k, i, row=row)) for row in ctx.batch_rows()]
    fed = f"what {ctx.unit(k - 1, i)} fed it"
    note = None
    if all(said.value == 0.0 for _, said in pairs):
        note = "The weight carried nothing, a 0, so it had no part in the error."
    return _mean(
        ctx, q, title, f"the error of {ctx.unit(k, j)}, where the weight leads, times {fed}", pairs, note
    )


def bias(ctx: Context, q: Quantity) -> Derivation:
    """∂L/∂b[j] = (1/B) Σₛ δⱼ."""
    k, j = q.layer or 1, q.index[0]
    title = f"The gradient of the bias of {ctx.unit(k, j)}"
    errors = [(ctx.at("delta", k, j, row=row),) for row in ctx.batch_rows()]
    return _mean(ctx, q, title, "the unit's error itself: a bias is a weight on a constant 1", errors, None)


def _mean(
    ctx: Context, q: Quantity, title: str, sentence: str, per_row: Sequence[tuple[Ref, ...]], note: str | None
) -> Derivation:
    terms = [(_product(refs), _value(refs)) for refs in per_row]
    if ctx.samples == 1:
        worked = terms[0][0]
        return ctx.derivation(q, title, sentence, [worked], [worked], note=note)
    mean = Product((Quotient(Const(1.0), Const(float(ctx.samples))), Sum(elide(terms, TERMS))))
    rows = [
        (bar_label(*refs), refs[0].quantity, value, "delta")
        for refs, (_, value) in zip(per_row, terms, strict=True)
    ]
    total = sum(value for _, value in terms)
    group: Group = ctx.sum_group(f"the {ctx.samples} samples together", total, rows, "delta")
    averaged = f"{sentence}; averaged over the {ctx.samples} samples of the batch"
    return ctx.derivation(q, title, averaged, [mean], [mean], groups=[group], note=note)


def _product(refs: tuple[Ref, ...]) -> Expr:
    return refs[0] if len(refs) == 1 else Product(refs)


def _value(refs: tuple[Ref, ...]) -> float:
    product = 1.0
    for ref in refs:
        product *= ref.value
    return product
