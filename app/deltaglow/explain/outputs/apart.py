"""Softmax and loss taken one after the other: the slopes of each, whose product is δ at the output."""

import math

from deltaglow.explain.context import Context
from deltaglow.explain.expr import Const, Difference, Expr, Negation, Product, Quotient, Raw
from deltaglow.explain.outputs.base import numbered
from deltaglow.explain.outputs.cross_entropy import Targets
from deltaglow.explain.parts import Derivation
from deltaglow.explain.pieces import Label
from deltaglow.explain.symbols import subscript
from deltaglow.model.quantity import Quantity


def jacobian_formula(ctx: Context, j: int, i: int) -> Expr:
    """∂ŷⱼ/∂(logit i), worked out from the outputs."""
    said = ctx.flat("y_hat", j)
    if i == j:
        return Product((said, Difference(Const(1.0), said)))
    return Negation(Product((said, ctx.flat("y_hat", i))))


def loss_slope_formula(ctx: Context, j: int) -> Expr:
    """∂L/∂ŷⱼ, worked out from output and target."""
    said = ctx.flat("y_hat", j)
    if ctx.frame.architecture.loss.name != "softmax_cross_entropy":
        return Difference(said, ctx.flat("y", j))
    targets = Targets(ctx)
    quotient = Quotient(targets.expr(j), said)
    return quotient if targets.value(j) == 0.0 else Negation(quotient)


def jacobian(ctx: Context, q: Quantity) -> Derivation:
    """∂ŷⱼ/∂(logit i) = ŷⱼ ([j = i] − ŷᵢ): an entry of diag(ŷ) − ŷ ŷᵀ."""
    j, i = q.index
    definition = Raw(
        Label(
            rf"\hat{{y}}_{{{j + 1}}}\,([{j + 1}={i + 1}] - \hat{{y}}_{{{i + 1}}})",
            f"ŷ{subscript(j + 1)} ([{j + 1} = {i + 1}] − ŷ{subscript(i + 1)})",
        ),
        6.0,
    )
    worked = jacobian_formula(ctx, j, i)
    sentence = (
        f"how much logit {i + 1} raises its own output: most, a quarter, where that is one half"
        if i == j
        else f"how much logit {i + 1} takes from output {j + 1}: the outputs share a whole of 1"
    )
    why = "The Jacobian of softmax is diag(ŷ) − ŷ ŷᵀ. It is symmetric, and every row and column adds up to 0."
    title = f"The slope of softmax output {j + 1} for logit {i + 1}"
    return ctx.derivation(q, title, sentence, [definition, worked], [worked], why=why)


def loss_slope(ctx: Context, q: Quantity) -> Derivation:
    """∂L/∂ŷⱼ = −tⱼ/ŷⱼ of cross-entropy, ŷⱼ − yⱼ of squared error."""
    j = q.index[0]
    said, number = ctx.flat("y_hat", j), ctx.value(q)
    title = f"The slope of the loss for output {numbered(ctx, j)}"
    worked = loss_slope_formula(ctx, j)
    if ctx.frame.architecture.loss.name != "softmax_cross_entropy":
        return ctx.derivation(q, title, "the gap itself: the slope of half its square", [worked], [worked])
    targets = Targets(ctx)
    if targets.value(j) == 0.0:
        sentence = "nothing: this class is not the target, and the loss does not look at it"
    else:
        sentence = "minus one over the target's probability: the smaller that is, the steeper"
    if not math.isfinite(number):
        note = (
            "ŷ is so small here that its inverse is beyond the largest float, and softmax's slope beside "
            "it is 0: "
            "0·∞ is no number. The fused δ = ŷ − y needs neither of them."
        )
        return ctx.derivation(q, title, sentence, [worked], extra=[said], note=note)
    why = "Softmax's slopes have the same ŷ as a factor, so that it cancels in δ: what is left is ŷ − y."
    return ctx.derivation(q, title, sentence, [worked], [worked], why=why, note=targets.note())
