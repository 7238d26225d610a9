"""The numbers that only some kinds of layer have: normalised inputs, dropout's draw, shared weights."""

import math
from collections.abc import Callable

from deltaglow.engine.layers import Conv1dShape, DropoutShape
from deltaglow.explain import routes
from deltaglow.explain.context import TERMS, Bar, Context, bar_label
from deltaglow.explain.expr import Const, Difference, Expr, Product, Quotient, Ref, Sum, elide
from deltaglow.explain.functions import Square
from deltaglow.explain.numbers import plain
from deltaglow.explain.outputs.divisor import divisor, divisor_groups
from deltaglow.explain.parts import Derivation
from deltaglow.explain.pieces import Label
from deltaglow.explain.update_terms import Setting
from deltaglow.model.quantity import Quantity

Factors = Callable[[int], tuple[Ref, ...]]


def z(ctx: Context, q: Quantity) -> Derivation:
    """γ x̂ + β of batch normalisation; keep · a of dropout."""
    k, j = q.layer or 1, q.index[0]
    title = f"The pre-activation of {ctx.unit(k, j)}"
    if ctx.layer(k).kind == "dropout":
        kept = ctx.at("keep", k, j)
        worked: Expr = Product((kept, ctx.before(k, j)))
        silenced = "dropout silences it in this step"
        passed = "what the unit before says, made up for those that are silenced"
        if not ctx.frame.training:
            passed = "what the unit before says: in evaluation dropout does nothing"
        return ctx.derivation(q, title, passed if kept.value else silenced, [worked], [worked])
    gamma, beta = ctx.at("W", k, j, j), ctx.at("b", k, j)
    worked = Sum((Product((gamma, ctx.at("x_hat", k, j))), beta))
    sentence = "the normalised input, scaled by γ and moved by β, both of which are learnt"
    return ctx.derivation(q, title, sentence, [worked], [worked])


def x_hat(ctx: Context, q: Quantity) -> Derivation:
    """(a − μ) / √(σ² + ε)."""
    k, j = q.layer or 1, q.index[0]
    said = ctx.before(k, j)
    worked = Quotient(Difference(said, ctx.at("mean", k, j)), routes.deviation(ctx, k, j))
    sentence = "how far the input lies from the batch's mean, in standard deviations"
    if not ctx.frame.training:
        sentence = "how far the input lies from the running mean, in running standard deviations"
    return ctx.derivation(q, f"The normalised input of {ctx.unit(k, j)}", sentence, [worked], [worked])


def mean(ctx: Context, q: Quantity) -> Derivation:
    """(1/B) Σ a."""
    k, j = q.layer or 1, q.index[0]
    title = f"The mean of {ctx.unit(k - 1, j)}"
    if not ctx.frame.training:
        return ctx.derivation(q, title, "a running average of the batches trained on", ())

    def said(row: int) -> tuple[Ref, ...]:
        return (ctx.before(k, j, row=row),)

    values = (ctx.frame.x if k == 1 else ctx.layer(k - 1).a)[:, j].tolist()
    return _shared(ctx, q, title, "over the samples of the batch", values, said, ctx.samples)


def var(ctx: Context, q: Quantity) -> Derivation:
    """(1/B) Σ (a − μ)²."""
    k, j = q.layer or 1, q.index[0]
    title = f"The variance of {ctx.unit(k - 1, j)}"
    if not ctx.frame.training:
        return ctx.derivation(q, title, "a running average of the batches trained on", ())
    centre = ctx.at("mean", k, j)
    said = (ctx.frame.x if k == 1 else ctx.layer(k - 1).a)[:, j]
    values = ((said - centre.value) ** 2).tolist()

    def term(row: int) -> Expr:
        return Square(Difference(ctx.before(k, j, row=row), centre))

    worked = Product((_one_over(float(ctx.samples)), Sum(elide(values, TERMS, term))))
    sentence = "the mean of the squared distances from the mean, over the samples of the batch"
    note = "The running variance moves towards this times B / (B − 1), the unbiased estimate."
    return ctx.derivation(q, title, sentence, [worked], [worked], note=note)


def keep(ctx: Context, q: Quantity) -> Derivation:
    """0, or 1 / (1 − rate)."""
    k = q.layer or 1
    shape = ctx.layer(k).shape
    assert isinstance(shape, DropoutShape)
    rate = plain(shape.rate).text
    title = f"What dropout does with {ctx.unit(k - 1, q.index[0])}"
    if not ctx.frame.training:
        return ctx.derivation(q, title, "nothing: in evaluation every unit speaks as it is", ())
    sentence = f"drawn for this sample and step: silenced, as with probability {rate}"
    if ctx.value(q) != 0.0:
        sentence = (
            f"drawn for this sample and step: kept, and louder by 1 / (1 − {rate}), so that the sum of many"
        )
        sentence += " stays what it is on average"
        louder = Quotient(Const(1.0), Difference(Const(1.0), Setting(Label("r", "r"), shape.rate)))
        return ctx.derivation(q, title, sentence, [louder], [louder])
    return ctx.derivation(q, title, sentence, ())


def gradient(ctx: Context, q: Quantity) -> Derivation | None:
    """∂L/∂W or ∂L/∂b of a layer that is not dense; None where it is made as in a dense one."""
    k, j = q.layer or 1, q.index[0]
    shape = ctx.layer(k).shape
    if shape.kind == "dropout":
        return ctx.derivation(q, "A gradient of dropout", "it has no parameters: zero", ())
    if shape.kind == "batch_norm" and len(q.index) == 2 and q.index[1] == j:
        values = (ctx.layer(k).delta[:, j] * ctx.layer(k).extra["x_hat"][:, j]).tolist()

        def pair(row: int) -> tuple[Ref, ...]:
            return ctx.at("delta", k, j, row=row), ctx.at("x_hat", k, j, row=row)

        title = f"The gradient of γ of {ctx.unit(k, j)}"
        sentence = "the unit's error, times the normalised input that γ scales"
        return _shared(ctx, q, title, sentence, values, pair)
    if isinstance(shape, Conv1dShape) and (len(q.index) == 1 or ctx.connected(k, *q.index)):
        return _over_stops(ctx, q, shape)
    return None


def _over_stops(ctx: Context, q: Quantity, shape: Conv1dShape) -> Derivation:
    """Of a shared weight: the sum over every sample and every stop of the kernel."""
    k, twins, layer = q.layer or 1, shape.twins(q.index), ctx.layer(q.layer or 1)
    before = ctx.frame.x if k == 1 else ctx.layer(k - 1).a
    places = [(row, twin) for row in range(ctx.samples) for twin in twins]
    weight = len(q.index) == 2
    values = [
        float(layer.delta[row, twin[0]] * (before[row, twin[1]] if weight else 1.0)) for row, twin in places
    ]

    def factors(n: int) -> tuple[Ref, ...]:
        row, twin = places[n]
        shown = None if ctx.samples == 1 else row
        error = ctx.at("delta", k, twin[0], row=shown)
        return (error, ctx.before(k, twin[1], row=shown)) if weight else (error,)

    what = "weight" if weight else "bias"
    title = f"The gradient of a shared {what} of layer {k}"
    sentence = (
        f"one {what} for all {shape.stops} positions: what each of them asks for, summed over positions"
    )
    return _shared(ctx, q, title, sentence, values, factors)


def around_weight(ctx: Context, q: Quantity) -> Derivation:
    """A weight of a connection around layers, before the step."""
    k, (j, i) = q.layer or 1, q.index
    source = _source(ctx, k)
    route = f"from {ctx.unit(source, i)} around to {ctx.unit(k, j)}"
    made = ctx.project.network.layers[k - 1].skip
    start = "given in the project" if made is not None and made.P is not None else "drawn at random"
    step = ctx.frame.step
    origin = start if step == 0 else f"left by the update of step {step - 1}; at the start {start}"
    return ctx.derivation(q, f"The weight {ctx.symbol(q)}", f"{route}; {origin}", ())


def around_gradient(ctx: Context, q: Quantity) -> Derivation:
    """∂D/∂P[j, i] = (1/B) Σₛ δⱼ aᵢ, a being what the connection starts from."""
    k, (j, i) = q.layer or 1, q.index
    source = _source(ctx, k)
    carried = (ctx.frame.x if source == 0 else ctx.layer(source).a)[:, i]

    def factors(row: int) -> tuple[Ref, ...]:
        shown = None if ctx.samples == 1 else row
        return ctx.at("delta", k, j, row=shown), ctx.before(source + 1, i, row=shown)

    whose = "The data's part of the gradient" if q.kind == "dP_data" else "The gradient"
    title = f"{whose} of {ctx.owner(q)}"
    sentence = f"the error of {ctx.unit(k, j)}, where it leads, times what {ctx.unit(source, i)} said"
    values = (ctx.layer(k).delta[:, j] * carried).tolist()
    return _shared(ctx, q, title, sentence, values, factors)


def _source(ctx: Context, k: int) -> int:
    skip = ctx.layer(k).shape.skip
    return 0 if skip is None else skip.source


def _shared(
    ctx: Context,
    q: Quantity,
    title: str,
    sentence: str,
    values: list[float],
    factors: Factors,
    over: int | None = None,
) -> Derivation:
    """(1/over) Σ of products; `over` is what the batch's sums are divided by, if nothing else is given."""
    total: Expr = Sum(elide(values, TERMS, lambda n: _product(factors(n))))
    below = divisor(ctx.frame) if over is None else Const(float(over))
    alone = (ctx.frame.divisor if over is None else over) == 1.0
    worked = total if alone else Product((Quotient(Const(1.0), below), total))

    def bar(n: int) -> Bar:
        refs = factors(n)
        return bar_label(*refs), refs[0].quantity, "delta" if refs[0].role == "delta" else "forward"

    token = "delta" if values and factors(0)[0].role == "delta" else "forward"
    group = ctx.sum_group("together", math.fsum(values), values, bar, token)
    groups = [group, *(divisor_groups(ctx) if over is None and ctx.samples > 1 else ())]
    return ctx.derivation(q, title, sentence, [worked], [worked], groups=groups)


def _product(refs: tuple[Ref, ...]) -> Expr:
    return refs[0] if len(refs) == 1 else Product(refs)


def _one_over(divisor: float) -> Expr:
    return Quotient(Const(1.0), Const(divisor))
