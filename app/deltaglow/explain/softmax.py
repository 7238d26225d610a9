"""Softmax opened: shift by the largest logit, exponentiate, add up, divide; then the cross-entropy loss."""

import math
from collections.abc import Sequence

from deltaglow.explain.context import TERMS, Context, bar_label
from deltaglow.explain.expr import Const, Difference, Expr, Negation, Product, Quotient, Raw, Ref, Sum, elide
from deltaglow.explain.functions import Exp, Log, Max
from deltaglow.explain.parts import Derivation
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
    powers = [ctx.flat("exp", j) for j in range(ctx.width(ctx.depth))]
    total = Sum(elide([(power, power.value) for power in powers], TERMS))
    rows = [(bar_label(power), power.quantity, power.value, power.role) for power in powers]
    group = ctx.sum_group("the exponentials", ctx.value(q), rows, "forward")
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
    powers = [ctx.flat("exp", i) for i in range(ctx.width(ctx.depth))]
    rows = [(bar_label(p), p.quantity, p.value, "y_hat" if i == j else "muted") for i, p in enumerate(powers)]
    total = ctx.flat("exp_sum")
    group = ctx.sum_group("all exponentials together", total.value, rows, "forward", total.quantity)
    return ctx.derivation(
        q,
        f"Softmax output {j + 1}",
        "its exponential as a share of all of them",
        [definition, share],
        [share],
        groups=[group],
        why="s is the logit less the largest logit: the quotient is the same, and nothing can overflow.",
    )


def loss(ctx: Context, q: Quantity) -> Derivation:
    """Cross-entropy of one row, or the batch's mean when the address names no row."""
    if q.sample is None and ctx.samples > 1:
        return _mean_loss(ctx, q)
    return _row_loss(ctx, q)


def _row_loss(ctx: Context, q: Quantity) -> Derivation:
    row, mark = ctx.row, ctx.mark
    targets = [j for j in range(ctx.frame.y.shape[1]) if ctx.frame.y[row, j] != 0.0]
    definition = Negation(Raw(Label(r"\sum_{j} y_{j} \,\ln \hat{y}_{j}", "Σⱼ yⱼ ln ŷⱼ"), 5.5))
    if logs_from_shifted(ctx.frame, row):
        terms = [(ctx.flat("y", j), ctx.flat("shifted", j)) for j in targets]
        picked = _total([(Product(pair), pair[0].value * pair[1].value) for pair in terms])
        worked: Expr = Difference(Log(ctx.flat("exp_sum")), picked)
        why: str | None = "ŷ is too small for its logarithm, so ln ŷ = s − ln S is put in first."
        parts = [(y, s, -y.value * s.value) for y, s in terms]
    else:
        terms = [(ctx.flat("y", j), ctx.flat("y_hat", j)) for j in targets]
        logged = [(Product((y, Log(p))), y.value * math.log(p.value)) for y, p in terms]
        worked = Negation(_total(logged))
        why = "Only the target's output counts: y is 0 everywhere else." if len(targets) == 1 else None
        parts = [(y, p, -y.value * math.log(p.value)) for y, p in terms]
    groups = []
    if len(parts) > 1:
        rows = [(_cost_label(y, p), p.quantity, part, "loss") for y, p, part in parts]
        groups.append(ctx.sum_group("what each target costs", ctx.value(q), rows, "loss"))
    whose = "" if ctx.samples == 1 else f" of sample {(row if mark is None else mark) + 1} of the batch"
    sentence = "how surprised the network is by the target: 0 would mean it was certain of it"
    return ctx.derivation(
        q, f"The loss{whose}", sentence, [definition, worked], [worked], groups=groups, why=why
    )


def _mean_loss(ctx: Context, q: Quantity) -> Derivation:
    losses = [ctx.flat("loss", row=row) for row in range(ctx.samples)]
    total = Sum(elide([(one, one.value) for one in losses], TERMS))
    mean = Product((Quotient(Const(1.0), Const(float(ctx.samples))), total))
    rows = [(bar_label(one), one.quantity, one.value, one.role) for one in losses]
    group = ctx.sum_group("the samples' losses", float(ctx.frame.losses.sum()), rows, "loss")
    sentence = f"the mean of the losses of the batch's {ctx.samples} samples"
    return ctx.derivation(q, "The loss", sentence, [mean], [mean], groups=[group])


def _cost_label(y: Ref, p: Ref) -> Label:
    number = p.quantity.index[0] + 1
    estimate = coloured("y_hat", rf"\hat{{y}}_{{{number}}}")
    target = coloured(y.role, y.label.latex)
    return Label(rf"-{target} \ln {estimate}", f"−{y.label.text} ln ŷ{subscript(number)}")


def _total(terms: Sequence[tuple[Expr, float]]) -> Expr:
    kept = elide(terms, TERMS)
    return kept[0] if len(kept) == 1 else Sum(kept)


def _largest(logits: list[Ref]) -> Expr:
    if len(logits) <= 3:
        return Max(tuple(logits))
    name, k = ("z" if logits[0].quantity.kind == "z" else "a"), logits[0].quantity.layer or 1
    return Raw(Label(rf"\max_{{j}} {name}^{{({k})}}_{{j}}", f"max({name}⁽{superscript(k)}⁾ⱼ)"), 4.0)


def _sum_of_exponentials(letter: Ref) -> Label:
    name, k = ("z" if letter.quantity.kind == "z" else "a"), letter.quantity.layer or 1
    return Label(rf"\sum_{{j}} e^{{{name}^{{({k})}}_{{j}}}}", f"Σⱼ exp({name}⁽{superscript(k)}⁾ⱼ)")
