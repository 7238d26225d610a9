"""Softmax opened: shift by the largest logit, exponentiate, add up, divide; then the cross-entropy loss."""

import math
from collections.abc import Callable, Sequence

import numpy as np

from deltaglow.explain.context import TERMS, Bar, Context, bar_label
from deltaglow.explain.expr import Const, Difference, Expr, Negation, Product, Quotient, Raw, Ref, Sum, elide
from deltaglow.explain.functions import Exp, Log, Max
from deltaglow.explain.parts import Derivation, Group
from deltaglow.explain.pieces import Label, coloured
from deltaglow.explain.symbols import subscript, superscript
from deltaglow.explain.uses import logs_from_shifted
from deltaglow.model.quantity import Quantity


def shifted(ctx: Context, q: Quantity) -> Derivation:
    """s = logit − largest logit."""
    j = q.index[0]
    logits = [ctx.logit(i) for i in range(ctx.width(ctx.depth))]
    largest = max(logits, key=lambda ref: ref.value)
    formula = Difference(logits[j], _largest(logits))
    own = "it is the largest itself" if logits[j].value == largest.value else "never above 0"
    return ctx.derivation(
        q,
        f"Shifted logit {j + 1}",
        f"the logit less the largest one: {own}",
        [formula],
        [Difference(logits[j], largest)],
        why="The same number taken from every logit cancels in softmax, and no exponential can overflow.",
    )


def exp(ctx: Context, q: Quantity) -> Derivation:
    """e to the shifted logit."""
    j = q.index[0]
    logits = [ctx.logit(i) for i in range(ctx.width(ctx.depth))]
    definition = Exp(Difference(logits[j], _largest(logits)))
    power = Exp(ctx.flat("shifted", j))
    sentence = "makes every logit positive, and turns differences into ratios"
    return ctx.derivation(q, f"The exponential of shifted logit {j + 1}", sentence, [definition], [power])


def exp_sum(ctx: Context, q: Quantity) -> Derivation:
    """S, what softmax divides by."""
    total = Sum(elide(_exponentials(ctx), TERMS, lambda j: ctx.flat("exp", j)))
    group = _exponentials_group(ctx, "the exponentials", None)
    return ctx.derivation(
        q,
        "The sum of the exponentials",
        "what each exponential is divided by, so that the outputs add up to 1",
        [total],
        [total],
        groups=[group],
    )


def y_hat(ctx: Context, q: Quantity) -> Derivation:
    """ŷ = exp / exp_sum."""
    j = q.index[0]
    share = Quotient(ctx.flat("exp", j), ctx.flat("exp_sum"))
    letter = ctx.logit(j)
    definition = Quotient(Exp(letter), Raw(_sum_of_exponentials(letter), 4.0))
    group = _exponentials_group(ctx, "all exponentials together", j)
    return ctx.derivation(
        q,
        f"Softmax output {j + 1}",
        "its exponential as a share of all of them",
        [definition, share],
        [share],
        groups=[group],
        why="s is the logit less the largest logit: the quotient is the same, and nothing can overflow.",
    )


def _exponentials(ctx: Context) -> list[float]:
    return [float(power) for power in ctx.frame.exps[ctx.row]]


def _exponentials_group(ctx: Context, heading: str, marked: int | None) -> Group:
    """The exponentials as bars that add up to S; with one `marked`, the others are muted."""

    def power_bar(j: int) -> Bar:
        power = ctx.flat("exp", j)
        role = power.role if marked is None else "y_hat" if j == marked else "muted"
        return bar_label(power), power.quantity, role

    total = ctx.flat("exp_sum")
    link = None if marked is None else total.quantity
    return ctx.sum_group(heading, total.value, _exponentials(ctx), power_bar, "forward", link)


def loss(ctx: Context, q: Quantity) -> Derivation:
    """Cross-entropy of one row, or the batch's mean when the address names no row."""
    if q.sample is None and ctx.samples > 1:
        return _mean_loss(ctx, q)
    return _row_loss(ctx, q)


def _row_loss(ctx: Context, q: Quantity) -> Derivation:
    targets = np.flatnonzero(ctx.frame.y[ctx.row]).tolist()
    underflow = logs_from_shifted(ctx.frame, ctx.row)
    pairs = [(ctx.flat("y", j), ctx.flat("shifted" if underflow else "y_hat", j)) for j in targets]
    if underflow:
        picked = [target.value * s.value for target, s in pairs]
        worked: Expr = Difference(Log(ctx.flat("exp_sum")), _total(picked, lambda n: Product(pairs[n])))
        why: str | None = "ŷ is too small for its logarithm, so ln ŷ = s − ln S is put in first."
    else:
        picked = [target.value * math.log(p.value) for target, p in pairs]
        worked = Negation(_total(picked, lambda n: Product((pairs[n][0], Log(pairs[n][1])))))
        why = "Only the target's output counts: y is 0 everywhere else." if len(pairs) == 1 else None
    groups = []
    if len(pairs) > 1 and not underflow:

        def cost_bar(n: int) -> Bar:
            return _cost_label(*pairs[n]), pairs[n][1].quantity, "loss"

        costs = [-value for value in picked]
        groups.append(ctx.sum_group("what each target costs", ctx.value(q), costs, cost_bar, "loss"))
    definition = Negation(Raw(Label(r"\sum_{j} y_{j} \,\ln \hat{y}_{j}", "Σⱼ yⱼ ln ŷⱼ"), 5.5))
    title = "The loss" if ctx.samples == 1 else f"The loss of sample {ctx.row + 1} of the batch"
    sentence = "how surprised the network is by the target: 0 would mean it was certain of it"
    return ctx.derivation(q, title, sentence, [definition, worked], [worked], groups=groups, why=why)


def _mean_loss(ctx: Context, q: Quantity) -> Derivation:
    losses = [float(loss) for loss in ctx.frame.losses]
    total = Sum(elide(losses, TERMS, lambda row: ctx.flat("loss", row=row)))
    mean = Product((Quotient(Const(1.0), Const(float(ctx.samples))), total))

    def loss_bar(row: int) -> Bar:
        one = ctx.flat("loss", row=row)
        return bar_label(one), one.quantity, one.role

    group = ctx.sum_group("the samples' losses", math.fsum(losses), losses, loss_bar, "loss")
    sentence = f"the mean of the losses of the batch's {ctx.samples} samples"
    return ctx.derivation(q, "The loss", sentence, [mean], [mean], groups=[group])


def _cost_label(y: Ref, p: Ref) -> Label:
    number = p.quantity.index[0] + 1
    estimate = coloured("y_hat", rf"\hat{{y}}_{{{number}}}")
    target = coloured(y.role, y.label.latex)
    return Label(rf"-{target} \ln {estimate}", f"−{y.label.text} ln ŷ{subscript(number)}")


def _total(values: Sequence[float], term: Callable[[int], Expr]) -> Expr:
    kept = elide(values, TERMS, term)
    return kept[0] if len(kept) == 1 else Sum(kept)


def _largest(logits: list[Ref]) -> Expr:
    if len(logits) <= 3:
        return Max(tuple(logits))
    name, k = ("z" if logits[0].quantity.kind == "z" else "a"), logits[0].quantity.layer or 1
    return Raw(Label(rf"\max_{{j}} {name}^{{({k})}}_{{j}}", f"max({name}⁽{superscript(k)}⁾ⱼ)"), 4.0)


def _sum_of_exponentials(letter: Ref) -> Label:
    name, k = ("z" if letter.quantity.kind == "z" else "a"), letter.quantity.layer or 1
    return Label(rf"\sum_{{j}} e^{{{name}^{{({k})}}_{{j}}}}", f"Σⱼ exp({name}⁽{superscript(k)}⁾ⱼ)")
