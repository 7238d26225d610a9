"""An output and the loss: what is the same for every pair of them, and which pair says the rest."""

import math

from deltaglow.explain.context import TERMS, Bar, Context, bar_label
from deltaglow.explain.expr import Const, Expr, Product, Quotient, Sum, elide
from deltaglow.explain.outputs import pair_of
from deltaglow.explain.outputs.divisor import divisor, divisor_groups
from deltaglow.explain.parts import Derivation
from deltaglow.model.quantity import Quantity


def y_hat(ctx: Context, q: Quantity) -> Derivation:
    """One output of one row."""
    return pair_of(ctx.frame).y_hat(ctx, q)


def loss(ctx: Context, q: Quantity) -> Derivation:
    """The loss of one row, or the batch's mean when the address names no row."""
    if q.sample is None and (ctx.samples > 1 or ctx.frame.divisor != 1.0):
        return _mean_loss(ctx, q)
    return pair_of(ctx.frame).loss(ctx, q)


def _mean_loss(ctx: Context, q: Quantity) -> Derivation:
    losses = [float(loss) for loss in ctx.frame.losses]

    def loss_of(row: int) -> Expr:
        return ctx.flat("loss", row=row)

    terms = elide(losses, TERMS, loss_of, ctx.row)
    mean = Product((Quotient(Const(1.0), divisor(ctx.frame)), Sum(terms) if len(terms) > 1 else terms[0]))

    def loss_bar(row: int) -> Bar:
        one = ctx.flat("loss", row=row)
        return bar_label(one), one.quantity, one.role

    group = ctx.sum_group("the samples' losses", math.fsum(losses), losses, loss_bar, "loss", always=ctx.row)
    weighed = ctx.frame.divisor != ctx.samples
    sentence = f"the mean of the losses of the batch's {ctx.samples} samples"
    if ctx.samples == 1:
        sentence = "the loss of the sample; in a mean weighted by class, that of a single one is its own"
    elif weighed:
        sentence += ", each counting as much as its class weighs"
    return ctx.derivation(q, "The loss", sentence, [mean], [mean], groups=[group, *divisor_groups(ctx)])
