"""Softmax opened: shift by the largest logit, exponentiate, add up, divide."""

from deltaglow.explain.context import TERMS, Bar, Context, bar_label
from deltaglow.explain.expr import Difference, Expr, Quotient, Raw, Ref, Sum, elide
from deltaglow.explain.functions import Exp, Max
from deltaglow.explain.outputs.base import numbered
from deltaglow.explain.parts import Derivation, Group
from deltaglow.explain.pieces import Label
from deltaglow.explain.symbols import superscript
from deltaglow.model.quantity import Quantity

_LIMIT = 710
"""The first whole number whose exponential a float cannot hold."""
_PROTECTED = "s is the logit less the largest logit: the quotient is the same, and nothing can overflow."
_UNPROTECTED = (
    f"Naive softmax takes no care: from a logit of {_LIMIT} on an exponential is infinite, and ∞/∞ is no "
    "number."
)


def _naive(ctx: Context) -> bool:
    return ctx.frame.architecture.loss.naive


def shifted(ctx: Context, q: Quantity) -> Derivation:
    """s = logit − largest logit; the logit itself in naive softmax."""
    j = q.index[0]
    logits = [ctx.logit(i) for i in range(ctx.width(ctx.depth))]
    if _naive(ctx):
        sentence = "nothing is taken off: naive softmax exponentiates the logit as it is"
        note = f"From a logit of {_LIMIT} on, its exponential is beyond the largest float."
        return ctx.derivation(q, f"Logit {j + 1}", sentence, [logits[j]], [logits[j]], note=note)
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
    definition = Exp(logits[j] if _naive(ctx) else Difference(logits[j], _largest(logits)))
    power = Exp(ctx.flat("shifted", j))
    sentence = "makes every logit positive, and turns differences into ratios"
    name = "logit" if _naive(ctx) else "shifted logit"
    return ctx.derivation(q, f"The exponential of {name} {j + 1}", sentence, [definition], [power])


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


def softmax_output(ctx: Context, q: Quantity) -> Derivation:
    """ŷ = exp / exp_sum."""
    j = q.index[0]
    share = Quotient(ctx.flat("exp", j), ctx.flat("exp_sum"))
    letter = ctx.logit(j)
    definition = Quotient(Exp(letter), Raw(_sum_of_exponentials(letter), 4.0))
    group = _exponentials_group(ctx, "all exponentials together", j)
    return ctx.derivation(
        q,
        f"Softmax output {numbered(ctx, j)}",
        "its exponential as a share of all of them",
        [definition, share],
        [share],
        groups=[group],
        why=_UNPROTECTED if _naive(ctx) else _PROTECTED,
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


def _largest(logits: list[Ref]) -> Expr:
    if len(logits) <= 3:
        return Max(tuple(logits))
    name, k = ("z" if logits[0].quantity.kind == "z" else "a"), logits[0].quantity.layer or 1
    return Raw(Label(rf"\max_{{j}} {name}^{{({k})}}_{{j}}", f"max({name}⁽{superscript(k)}⁾ⱼ)"), 4.0)


def _sum_of_exponentials(letter: Ref) -> Label:
    name, k = ("z" if letter.quantity.kind == "z" else "a"), letter.quantity.layer or 1
    return Label(rf"\sum_{{j}} e^{{{name}^{{({k})}}_{{j}}}}", f"Σⱼ exp({name}⁽{superscript(k)}⁾ⱼ)")
