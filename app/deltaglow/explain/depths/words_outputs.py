"""The outputs in plain words, one sentence each: targets, softmax step by step, the loss and its slopes."""

from __future__ import annotations

import math

from deltaglow.engine import LOSSES, LossSpec
from deltaglow.explain.context import Context
from deltaglow.explain.depths.said import Part, Telling, capital, largest, num, per_unit, percent, size
from deltaglow.model.quantity import Quantity


def y(ctx: Telling, q: Quantity) -> str:
    """A target."""
    j, number, given = q.index[0], ctx.value(q), ctx.flat("y_hat", q.index[0])
    known = ctx.known(given.quantity)
    if ctx.frame.architecture.loss.name == "squared_error":
        says = f", and the network says {num(given.value)}" if known else ""
        return f"{capital(ctx.unit(ctx.depth, j))} should say {num(number)} for this sample{says}."
    what = (
        "is its class"
        if number == 1.0
        else "is not its class"
        if number == 0.0
        else "is a part of what is right"
    )
    gives = f", and the network gives it {percent(given.value)}" if known else ""
    unit = capital(ctx.unit(ctx.depth, j))
    return f"{unit} should have {percent(number)}, because for this sample that {what}{gives}."


def y_hat(ctx: Context, q: Quantity) -> str:
    """An output."""
    j, number = q.index[0], ctx.value(q)
    spec, logit, wanted = ctx.frame.architecture.loss, ctx.logit(j).value, ctx.flat("y", j).value
    if spec.name == "squared_error":
        return f"The network predicts {num(number)}, as its last layer says, where {num(wanted)} is right."
    if not LOSSES[spec.name].softmax:
        return (
            f"{capital(ctx.unit(ctx.depth, j))} gets {percent(number)}, its logit of {num(logit)} squeezed"
            f" between 0 and 1, where {percent(wanted)} would be right."
        )
    others = [ctx.logit(i).value for i in range(ctx.width(ctx.depth)) if i != j]
    lead = logit - max(others, default=logit)
    best = "the best of the others" if len(others) > 1 else "the other"
    where = f"as high as {best}" if lead == 0.0 else f"{size(lead)} {'above' if lead > 0 else 'below'} {best}"
    if not others:
        return "The only output gets 100 %, whatever its logit is, since softmax shares out a whole."
    return (
        f"{capital(ctx.unit(ctx.depth, j))} gets {percent(number)}, because its logit of {num(logit)} is"
        f" {where}, where {percent(wanted)} would be right."
    )


def shifted(ctx: Context, q: Quantity) -> str:
    """A logit less the largest."""
    number, j = ctx.value(q), q.index[0]
    if ctx.frame.architecture.loss.naive:
        return f"Naive softmax takes nothing off, and logit {j + 1} is exponentiated as it is, {num(number)}."
    if number == 0.0:
        return f"Logit {j + 1} is the largest, so that nothing is left of it once the largest is taken off."
    return f"Logit {j + 1} lies {size(number)} below the largest, and only such distances matter to softmax."


def exp(ctx: Context, q: Quantity) -> str:
    """An exponential."""
    j, share = q.index[0], percent(ctx.flat("y_hat", q.index[0]).value)
    unit = capital(ctx.unit(ctx.depth, j))
    return f"{unit} counts {num(ctx.value(q))} when the shares are given out, which comes to {share}."


def exp_sum(ctx: Context, q: Quantity) -> str:
    """The sum of the exponentials."""
    depth = ctx.depth
    powers = [Part(ctx.unit(depth, j), ctx.flat("exp", j).value) for j in range(ctx.width(depth))]
    most = largest(powers)
    told = "" if most is None else f", of which the largest, {num(most.value)}, is that of {most.name}"
    return f"All exponentials together are {num(ctx.value(q))}{told}."


def jacobian(ctx: Context, q: Quantity) -> str:
    """A slope of softmax."""
    j, i = q.index
    number = ctx.value(q)
    if i == j:
        return (
            f"Raising logit {j + 1} a little raises its own output {num(number)} times as much, where a"
            f" quarter is the most, because that output has {percent(ctx.flat('y_hat', j).value)}."
        )
    return (
        f"Raising logit {i + 1} a little takes {size(number)} times as much from {ctx.unit(ctx.depth, j)},"
        " because what one output gains the others lose."
    )


def loss_slope(ctx: Context, q: Quantity) -> str:
    """∂L/∂ŷ."""
    j, number = q.index[0], ctx.value(q)
    if number == 0.0:
        return (
            f"{capital(ctx.unit(ctx.depth, j))} is not what is asked for, and the loss does not look at it."
        )
    said, wanted = percent(ctx.flat("y_hat", j).value), percent(ctx.flat("y", j).value)
    return f"{per_unit(ctx.unit(ctx.depth, j), number)}, because it has {said} where {wanted} would be right."


def loss(ctx: Context, q: Quantity) -> str:
    """The loss of a row, or of the batch."""
    number = ctx.value(q)
    if q.kind == "loss" and q.sample is None and bool(ctx.frame.update.penalties):
        return (
            f"What training makes small is {num(number)}: {num(ctx.frame.data_loss)} for what the network"
            f" gets wrong, and {num(ctx.frame.penalty)} for the size of its weights."
        )
    if q.sample is None and ctx.samples > 1:
        return _batch_loss(ctx, number)
    return _row_loss(ctx, number)


def _batch_loss(ctx: Context, number: float) -> str:
    losses = [float(each) for each in ctx.frame.losses]
    low, high = min(losses), max(losses)
    rows = (losses.index(low) + 1, losses.index(high) + 1)
    return (
        f"On average over the {ctx.samples} samples of the batch the network is {num(number)} off: from "
        f"{num(low)} for sample {rows[0]} to {num(high)} for sample {rows[1]}."
    )


def _least_and_idle(spec: LossSpec, wanted: list[float]) -> tuple[float, float]:
    """The lowest cross-entropy that a target can have, and that of the same share for every output."""
    count, smoothing = len(wanted), spec.label_smoothing
    weights = spec.class_weights or (1.0,) * count
    asked = [c * ((1.0 - smoothing) * y + smoothing / count) for c, y in zip(weights, wanted, strict=True)]
    whole = sum(asked)
    least = -sum(each * math.log(each / whole) for each in asked if each) if smoothing else 0.0
    return least, whole * math.log(count)


def _row_loss(ctx: Context, number: float) -> str:
    spec, outputs = ctx.frame.architecture.loss, range(ctx.width(ctx.depth))
    wanted = [ctx.flat("y", j).value for j in outputs]
    said = [ctx.flat("y_hat", j).value for j in outputs]
    names = [ctx.unit(ctx.depth, j) for j in outputs]
    gaps = [Part(name, abs(s - t)) for name, s, t in zip(names, said, wanted, strict=True)]
    worst = largest(gaps)
    assert worst is not None
    if spec.name == "softmax_cross_entropy" and 1.0 in wanted and len(wanted) > 1:
        given = percent(said[wanted.index(1.0)])
        least, none = _least_and_idle(spec, wanted)
        best = f"{num(least)} is the least that smoothing leaves" if least else "0 would be certain of it"
        return (
            f"The right answer was given {given}, so the loss is {num(number)}, where {best} and {num(none)}"
            " would be having no idea."
        )
    if spec.name.endswith("cross_entropy"):
        return (
            f"The network is {num(number)} surprised by the targets, furthest off at {worst.name}, by"
            f" {percent(worst.value)}."
        )
    return (
        f"Half the squared distance between what the network says and what is right is {num(number)},"
        f" furthest off at {worst.name}, by {num(worst.value)}."
    )
