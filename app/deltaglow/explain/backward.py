"""The backward pass: what comes back to a unit, and its error δ."""

from collections.abc import Sequence

from deltaglow.explain import routes, symbols
from deltaglow.explain.activations import slope_share
from deltaglow.explain.context import Context, worked_lines
from deltaglow.explain.expr import Const, Expr, Product, Ref
from deltaglow.explain.forward import flat, slope_formula
from deltaglow.explain.numbers import DIGITS
from deltaglow.explain.output_words import output_words
from deltaglow.explain.outputs import pair_of
from deltaglow.explain.parts import Derivation, Group
from deltaglow.explain.pieces import Label
from deltaglow.model.quantity import Quantity


def back(ctx: Context, q: Quantity) -> Derivation:
    """∂L/∂a: the loss's own slope at the output, Σⱼ wⱼ δⱼ at a hidden unit."""
    k, j = q.layer or 1, q.index[0]
    title = f"What comes back to {ctx.unit(k, j)}"
    if k == ctx.depth:
        return _from_loss(ctx, q, title)
    total = _returning(ctx, k, j)
    sentence = routes.words(ctx, k)
    if total is None:
        return ctx.derivation(q, title, "nothing: every connection out of it is deleted", [Const(0.0)])
    means, averaged = routes.batch_means(ctx, k, j)
    groups = [_returning_group(ctx, k, j), *means]
    return ctx.derivation(q, title, sentence, [total], [total], groups=groups, extra=averaged)


def delta(ctx: Context, q: Quantity) -> Derivation:
    """δ = ∂L/∂z = back · φ′(z)."""
    k, j = q.layer or 1, q.index[0]
    title = f"The error of {ctx.unit(k, j)}"
    came = ctx.at("back", k, j)
    if k == ctx.depth:
        return _output_delta(ctx, q, title)
    total = _returning(ctx, k, j)
    sentence = "what comes back, times how much the unit listens"
    if total is None:
        silent = "nothing comes back: every connection out of it is deleted"
        return ctx.derivation(q, title, silent, [Const(0.0)], extra=[came, ctx.at("slope", k, j)])
    slope = ctx.at("slope", k, j)
    worked = Product((total, slope))
    means, averaged = routes.batch_means(ctx, k, j)
    groups = [_returning_group(ctx, k, j), *means, _listening_group(ctx, k, j)]
    return ctx.derivation(
        q, title, sentence, [worked], [worked], groups=groups, extra=[came, *averaged], note=flat(ctx, k, j)
    )


def _output_delta(ctx: Context, q: Quantity, title: str) -> Derivation:
    k, j = ctx.depth, q.index[0]
    came, pair = ctx.at("back", k, j), pair_of(ctx.frame)
    if ctx.activation(k) == "identity":
        return _from_loss(ctx, q, title, [came])
    slope = ctx.at("slope", k, j)
    worked = Product((pair.gap(ctx, j), slope))
    note = pair.gap_note(ctx, j)
    return ctx.derivation(
        q,
        title,
        f"{pair.gap_words}, times how much the unit listens",
        [Product((formula, slope)) for formula in pair.gap_formulas(ctx, j)],
        [worked],
        groups=[*pair.gap_groups(ctx, j), _listening_group(ctx, k, j)],
        extra=[came],
        why=output_words(ctx.frame.architecture.loss).why,
        note=" ".join(part for part in (note, flat(ctx, k, j)) if part) or None,
    )


def _from_loss(ctx: Context, q: Quantity, title: str, extra: Sequence[Ref] = ()) -> Derivation:
    """The loss's slope by a logit, which is δ as well where the last activation is the identity."""
    j, pair = q.index[0], pair_of(ctx.frame)
    groups = pair.gap_groups(ctx, j) if q.kind == "delta" or len(pair.gap_formulas(ctx, j)) > 1 else []
    return ctx.derivation(
        q,
        title,
        pair.gap_words,
        pair.gap_formulas(ctx, j),
        [pair.gap(ctx, j)],
        groups=groups,
        extra=extra,
        why=output_words(ctx.frame.architecture.loss).why,
        note=pair.gap_note(ctx, j),
    )


def _returning(ctx: Context, k: int, j: int) -> Expr | None:
    """The sum of what comes back to a unit; None if it feeds none."""
    return routes.total(routes.back(ctx, k, j))


def _returning_group(ctx: Context, k: int, j: int) -> Group:
    return routes.group(ctx, k, j, routes.back(ctx, k, j))


def _listening_group(ctx: Context, k: int, j: int) -> Group:
    slope = ctx.at("slope", k, j)
    formula = slope_formula(ctx, k, j)
    name = symbols.function(ctx.project, k)
    worked: tuple[Label, ...] = ()
    if formula is not None:
        head = Label(rf"{name.latex}'(z)", f"{name.text}′(z)")
        worked = worked_lines(head, [formula], slope.value, ctx.coarseness)
    note = slope_share(ctx.activation(k), slope.value) or ""
    return Group(
        "the unit listens", slope.value, slope.shown(DIGITS).text, "forward", (), note, worked, slope.quantity
    )
