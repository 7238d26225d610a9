"""What a batch's sums are divided by: how many samples there are, or what their classes weigh together."""

import math

from deltaglow.engine import Frame
from deltaglow.explain.context import Bar, Context
from deltaglow.explain.expr import Const, Expr
from deltaglow.explain.functions import Named
from deltaglow.explain.parts import Group
from deltaglow.explain.pieces import Label
from deltaglow.explain.symbols import subscript


def divisor(frame: Frame) -> Expr:
    """The number of samples, or N, the sum of their classes' weights."""
    if not _weighted(frame):
        return Const(float(frame.samples))
    return Named(Label("N", "N"), frame.divisor)


def divisor_groups(ctx: Context) -> list[Group]:
    """N as the sum it is."""
    frame, weights = ctx.frame, ctx.frame.architecture.loss.class_weights
    if weights is None or not _weighted(frame):
        return []
    classes = [int(k) for k in frame.y.argmax(1)]
    values = [weights[k] for k in classes]

    def weight_bar(row: int) -> Bar:
        number = classes[row] + 1
        return (
            Label(rf"c_{{{number}}}", f"c{subscript(number)}"),
            ctx.flat("y", classes[row], row=row if ctx.samples > 1 else None).quantity,
            "text",
        )

    return [ctx.sum_group("N, what the samples weigh", math.fsum(values), values, weight_bar, "text")]


def _weighted(frame: Frame) -> bool:
    return frame.hard and frame.architecture.loss.class_weights is not None
