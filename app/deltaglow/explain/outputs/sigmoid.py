"""Independent sigmoids with binary cross-entropy."""

import math

from deltaglow.explain.context import Bar, Context
from deltaglow.explain.expr import Const, Difference, Expr, Negation, Product, Quotient, Raw, Ref, Sum
from deltaglow.explain.functions import Exp, Log
from deltaglow.explain.logarithms import logs_from_logits
from deltaglow.explain.outputs.base import Pair, loss_title, numbered, total
from deltaglow.explain.parts import Derivation
from deltaglow.explain.pieces import Label
from deltaglow.explain.symbols import subscript
from deltaglow.model.quantity import Quantity

_FORMULA = Label(
    r"\sum_{j} \left(y_{j} \ln \hat{y}_{j} + (1 - y_{j}) \ln(1 - \hat{y}_{j})\right)",
    "Σⱼ (yⱼ ln ŷⱼ + (1 − yⱼ) ln(1 − ŷⱼ))",
)


class SigmoidCrossEntropy(Pair):
    """ŷ = σ(logit), L = −Σ (y ln ŷ + (1 − y) ln(1 − ŷ)), ∂L/∂logit = ŷ − y."""

    gap_words = "what the sigmoid says, less what the target says"

    def y_hat(self, ctx: Context, q: Quantity) -> Derivation:
        j = q.index[0]
        worked = Quotient(Const(1.0), Sum((Const(1.0), Exp(Negation(ctx.logit(j))))))
        sentence = "its logit squeezed between 0 and 1, whatever the other outputs say"
        return ctx.derivation(q, f"Sigmoid output {numbered(ctx, j)}", sentence, [worked], [worked])

    def loss(self, ctx: Context, q: Quantity) -> Derivation:
        outputs = range(ctx.width(ctx.depth))
        saturated = logs_from_logits(ctx.frame, ctx.row)
        costs = [_cost(ctx, j) for j in outputs]
        why: str | None
        if saturated:
            worked: Expr = total(costs, lambda j: _from_logit(ctx, j))
            why = (
                "An output is too near 0 or 1 for the logarithm, so its cost is worked out from the logit v: "
                "(1 − y) v + ln(1 + e^−v), or the same as −y v + ln(1 + e^v) where v is negative."
            )
        else:
            worked = Negation(total([-cost for cost in costs], lambda j: _from_output(ctx, j)))
            why = "A label that is true costs −ln ŷ, one that is not −ln(1 − ŷ)."
        groups = []
        if len(costs) > 1:

            def cost_bar(j: int) -> Bar:
                return _cost_label(ctx, j), ctx.flat("y_hat", j).quantity, "loss"

            groups.append(ctx.sum_group("what each label costs", ctx.value(q), costs, cost_bar, "loss"))
        sentence = "how surprised the network is by every label, added up: 0 would mean it was certain of all"
        definition = Negation(Raw(_FORMULA, 13.0))
        return ctx.derivation(
            q, loss_title(ctx), sentence, [definition, worked], [worked], groups=groups, why=why
        )

    def cost(self, ctx: Context, j: int) -> Expr:
        if logs_from_logits(ctx.frame, ctx.row):
            return _from_logit(ctx, j)
        return Negation(_from_output(ctx, j))


def _cost(ctx: Context, j: int) -> float:
    v, y = ctx.logit(j).value, ctx.flat("y", j).value
    return max(v, 0.0) - v * y + math.log1p(math.exp(-abs(v))) if math.isfinite(v) else math.nan


def _from_output(ctx: Context, j: int) -> Expr:
    """y ln ŷ + (1 − y) ln(1 − ŷ); of a target of 0 or 1, the one that counts."""
    y, y_hat = ctx.flat("y", j), ctx.flat("y_hat", j)
    true = Product((y, Log(y_hat)))
    false = Product((Difference(Const(1.0), y), Log(Difference(Const(1.0), y_hat))))
    if y.value == 1.0:
        return true
    return false if y.value == 0.0 else Sum((true, false))


def _from_logit(ctx: Context, j: int) -> Expr:
    """The same from the logit, with an exponential that cannot overflow."""
    y, logit = ctx.flat("y", j), ctx.logit(j)
    if logit.value > 0.0:
        counted: Expr = Product((Difference(Const(1.0), y), logit))
        return Sum((counted, _softplus(Negation(logit))))
    return Difference(_softplus(logit), Product((y, logit)))


def _softplus(power: Expr) -> Expr:
    return Log(Sum((Const(1.0), Exp(power))))


def _cost_label(ctx: Context, j: int) -> Label:
    y: Ref = ctx.flat("y", j)
    below = subscript(j + 1)
    hat = rf"\hat{{y}}_{{{j + 1}}}"
    if y.value == 1.0:
        return Label(rf"-\ln {hat}", f"−ln ŷ{below}")
    if y.value == 0.0:
        return Label(rf"-\ln(1 - {hat})", f"−ln(1 − ŷ{below})")
    return Label(rf"\text{{label }}{j + 1}", f"label {j + 1}")
