"""What one sample of a batch asks of a parameter: one of the numbers that the gradient is the mean of."""

from deltaglow.engine.layers import Conv1dShape
from deltaglow.explain.context import TERMS, Bar, Context, bar_label
from deltaglow.explain.expr import Expr, Product, Ref, Sum, elide
from deltaglow.explain.parts import Derivation
from deltaglow.model.beside import SAMPLE_GRADIENTS
from deltaglow.model.quantity import Quantity


def gradient(ctx: Context, q: Quantity) -> Derivation:
    """δⱼ aᵢ of one sample; of a shared weight the sum over its places."""
    part, k = SAMPLE_GRADIENTS[q.kind], q.layer or 1
    layer = ctx.layer(k)
    title = f"Sample {ctx.row + 1}'s part in the gradient of {_owner(ctx, part, k, q.index)}"
    if layer.kind == "dropout":
        return ctx.derivation(q, title, "it has no parameters: zero", ())
    if part == "W" and not ctx.connected(k, *q.index):
        return ctx.derivation(q, title, "a deleted connection: exactly zero", ())
    places = layer.shape.twins(q.index) if isinstance(layer.shape, Conv1dShape) else [q.index]
    terms = [_factors(ctx, part, k, place) for place in places]
    sentence = "its error at the unit, times what the weight carried; the gradient is the mean over samples"
    if part == "b":
        sentence = "its error at the unit: a bias is a weight on a constant 1; the gradient is the mean"
    if len(terms) == 1:
        worked = _product(terms[0])
        return ctx.derivation(q, title, sentence, [worked], [worked])
    values = [_worth(each) for each in terms]
    total = Sum(elide(values, TERMS, lambda n: _product(terms[n])))

    def bar(n: int) -> Bar:
        return bar_label(*terms[n]), terms[n][0].quantity, "delta"

    group = ctx.sum_group("all positions together", ctx.value(q), values, bar, "delta")
    return ctx.derivation(q, title, f"{sentence}; summed over positions", [total], [total], groups=[group])


def _owner(ctx: Context, part: str, k: int, index: tuple[int, ...]) -> str:
    return ctx.owner(Quantity(f"d{part}", k, index))


def _factors(ctx: Context, part: str, k: int, index: tuple[int, ...]) -> tuple[Ref, ...]:
    error = ctx.at("delta", k, index[0])
    if part == "b":
        return (error,)
    layer = ctx.layer(k)
    if layer.kind == "batch_norm":
        return error, ctx.at("x_hat", k, index[0])
    skip = layer.shape.skip
    source = skip.source if part == "P" and skip is not None else k - 1
    return error, ctx.before(source + 1, index[1])


def _product(refs: tuple[Ref, ...]) -> Expr:
    return refs[0] if len(refs) == 1 else Product(refs)


def _worth(refs: tuple[Ref, ...]) -> float:
    value = 1.0
    for ref in refs:
        value *= ref.value
    return value
