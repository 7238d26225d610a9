"""The ways into a unit and back to it: through the layer beside it, and through connections around layers."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from deltaglow.engine.layers import BatchNormShape
from deltaglow.explain.context import TERMS, Bar, Context, bar_label, sign_role, worked_group
from deltaglow.explain.expr import Const, Expr, Negation, Product, Quotient, Ref, Sum, elide
from deltaglow.explain.functions import Named
from deltaglow.explain.parts import Group
from deltaglow.explain.pieces import Label, coloured
from deltaglow.explain.update_terms import Root, Setting


@dataclass(frozen=True)
class Way:
    """One term of a sum: what it is worth, how it is written, and its bar."""

    value: float
    term: Callable[[], Expr]
    bar: Callable[[], Bar]


def around(ctx: Context, k: int, j: int) -> list[Way]:
    """What a connection around layers brings to z of unit j in layer k."""
    skip = ctx.layer(k).shape.skip
    if skip is None:
        return []
    said = ctx.said(skip.source)
    if not skip.projection:
        return [_alone(float(said[j]), lambda: ctx.before(skip.source + 1, j), None)]
    block = ctx.layer(k).own(ctx.layer(k).block)["P"]

    def pair(i: int) -> tuple[Ref, Ref]:
        return ctx.at("P", k, j, i), ctx.before(skip.source + 1, i)

    return [_product(float(block[j, i] * said[i]), partial(pair, i)) for i in range(len(said))]


def back(ctx: Context, k: int, j: int) -> list[Way]:
    """What comes back to unit j of layer k: from the layer after it, then from around."""
    found = list(_from_next(ctx, k, j))
    for m in range(k + 1, ctx.depth + 1):
        skip = ctx.layer(m).shape.skip
        if skip is not None and skip.source == k:
            found += _from_around(ctx, m, j, skip.projection)
    return found


def total(ways: Sequence[Way]) -> Expr | None:
    """The ways as a sum, the largest of many one by one; None if there are none."""
    terms = elide([way.value for way in ways], TERMS, lambda n: ways[n].term())
    if not terms:
        return None
    return terms[0] if len(terms) == 1 else Sum(terms)


def words(ctx: Context, k: int) -> str:
    """How what comes back to layer k is made, in words."""
    skips = [shape.skip for shape in ctx.frame.architecture.layers]
    around = "; and the errors that connections around layers lead to"
    more = around if any(skip is not None and skip.source == k for skip in skips) else ""
    match ctx.layer(k + 1).kind:
        case "dropout":
            return "the error behind it, times what dropout did with it" + more
        case "batch_norm" if ctx.frame.training:
            return "the error behind it, less what it shares with the whole batch through μ and σ" + more
        case "batch_norm":
            return "the error behind it, on the scale of the running averages" + more
        case _:
            return "every error it fed, times the weight between them, added up" + more


def group(ctx: Context, k: int, j: int, ways: Sequence[Way]) -> Group:
    """What comes back as bars."""
    came = ctx.at("back", k, j)
    values = [way.value for way in ways]
    return ctx.sum_group("comes back", came.value, values, lambda n: ways[n].bar(), "delta", came.quantity)


def batch_means(ctx: Context, k: int, j: int) -> tuple[list[Group], list[Ref]]:
    """What a normalisation after layer k takes off an error, each worked out, and the numbers in it."""
    if ctx.layer(k + 1).kind != "batch_norm" or not ctx.frame.training:
        return [], []
    shift, tilt = _means(ctx, k + 1, j)

    def pair(row: int) -> tuple[Ref, ...]:
        return ctx.at("delta", k + 1, j, row=row), ctx.at("x_hat", k + 1, j, row=row)

    both = [
        _mean(ctx, shift, ctx.layer(k + 1).delta[:, j].tolist(), lambda row: pair(row)[:1]),
        _mean(ctx, tilt, (ctx.layer(k + 1).delta * ctx.layer(k + 1).extra["x_hat"])[:, j].tolist(), pair),
    ]
    return [group for group, _ in both], [ref for _, refs in both for ref in refs]


def _mean(
    ctx: Context, mean: Named, values: Sequence[float], factors: Callable[[int], tuple[Ref, ...]]
) -> tuple[Group, list[Ref]]:
    total = Sum(elide(values, TERMS, lambda row: _multiplied(factors(row))))
    worked = Product((Quotient(Const(1.0), Const(float(len(values)))), total))
    group = worked_group(mean.label.text, mean.label, worked, mean.value, ctx.coarseness)
    return group, list(worked.refs())


def _multiplied(refs: tuple[Ref, ...]) -> Expr:
    return refs[0] if len(refs) == 1 else Product(refs)


def deviation(ctx: Context, k: int, j: int) -> Expr:
    """√(σ² + ε) of batch normalisation."""
    shape = ctx.layer(k).shape
    assert isinstance(shape, BatchNormShape)
    epsilon = Setting(Label(r"\varepsilon", "ε"), shape.eps)
    return Root(Sum((ctx.at("var", k, j), epsilon)))


def _from_next(ctx: Context, k: int, j: int) -> Iterator[Way]:
    following = ctx.layer(k + 1)
    if following.kind == "batch_norm":
        value = float(ctx.layer(k).back[ctx.row, j]) - sum(way.value for way in _arounds(ctx, k, j))
        yield _through_batch(ctx, k + 1, j, value)
        return
    if following.kind == "dropout":
        kept, error = ctx.at("keep", k + 1, j), ctx.at("delta", k + 1, j)
        yield _product(kept.value * error.value, lambda: (kept, error))
        return
    fed = [m for m in range(ctx.width(k + 1)) if ctx.connected(k + 1, m, j)]
    products = (following.W[:, j] * following.delta[ctx.row])[fed].tolist()
    for m, value in zip(fed, products, strict=True):
        yield _product(value, partial(_sent_back, ctx, k, m, j))


def _sent_back(ctx: Context, k: int, m: int, j: int) -> tuple[Ref, Ref]:
    return ctx.at("W", k + 1, m, j), ctx.at("delta", k + 1, m)


def _arounds(ctx: Context, k: int, j: int) -> list[Way]:
    ways = []
    for m in range(k + 1, ctx.depth + 1):
        skip = ctx.layer(m).shape.skip
        if skip is not None and skip.source == k:
            ways += _from_around(ctx, m, j, skip.projection)
    return ways


def _from_around(ctx: Context, m: int, j: int, projected: bool) -> list[Way]:
    errors = ctx.layer(m).delta[ctx.row]
    if not projected:
        return [_alone(float(errors[j]), lambda: ctx.at("delta", m, j), "delta")]
    block = ctx.layer(m).own(ctx.layer(m).block)["P"]

    def pair(n: int) -> tuple[Ref, Ref]:
        return ctx.at("P", m, n, j), ctx.at("delta", m, n)

    return [_product(float(block[n, j] * errors[n]), partial(pair, n)) for n in range(len(errors))]


def _through_batch(ctx: Context, k: int, j: int, value: float) -> Way:
    """γ / √(σ² + ε) (δ − mean δ − x̂ mean(δ x̂)): every sample's error moves μ and σ, and so every other's."""
    error, gamma = ctx.at("delta", k, j), ctx.at("W", k, j, j)
    scale = Quotient(gamma, deviation(ctx, k, j))
    own: Expr = error
    if ctx.frame.training:
        shift, tilt = _means(ctx, k, j)
        own = Sum((error, Negation(shift), Negation(Product((ctx.at("x_hat", k, j), tilt)))))
    label = Label(coloured("delta", r"\text{through }\mu, \sigma"), "through μ, σ")
    return Way(value, lambda: Product((scale, own)), lambda: (label, error.quantity, "delta"))


def _means(ctx: Context, k: int, j: int) -> tuple[Named, Named]:
    """Over the batch: of the error behind a normalisation, and of it times the normalised input."""
    deltas, normalised = ctx.layer(k).delta[:, j], ctx.layer(k).extra["x_hat"][:, j]
    return (
        Named(Label(r"\overline{\delta}", "mean δ"), float(deltas.mean())),
        Named(Label(r"\overline{\delta\,\hat{x}}", "mean(δ x̂)"), float((deltas * normalised).mean())),
    )


def _product(value: float, pair: Callable[[], tuple[Ref, Ref]]) -> Way:
    def bar() -> Bar:
        first, second = pair()
        backward = second.role == "delta"
        leads = second if backward else first
        return bar_label(first, second), leads.quantity, "delta" if backward else sign_role(value)

    return Way(value, lambda: Product(pair()), bar)


def _alone(value: float, ref: Callable[[], Ref], role: str | None) -> Way:
    def bar() -> Bar:
        said = ref()
        return bar_label(said), said.quantity, role or sign_role(value)

    return Way(value, ref, bar)
