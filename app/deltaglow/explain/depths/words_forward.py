"""The forward pass in plain words: inputs, sums, activations, outputs and the loss."""

from __future__ import annotations

import math

from deltaglow.engine import LOSSES
from deltaglow.explain import routes, symbols
from deltaglow.explain.activations import slope_share
from deltaglow.explain.context import Context
from deltaglow.explain.depths.said import (
    Part,
    Telling,
    capital,
    largest,
    many,
    mostly,
    num,
    percent,
    size,
    times,
)
from deltaglow.explain.forward import flat
from deltaglow.model.quantity import Quantity


def x(ctx: Context, q: Quantity) -> str:
    """An input."""
    i, number = q.index[0], ctx.value(q)
    row = int(ctx.frame.rows[ctx.row]) + 1
    fed = many(sum(ctx.connected(1, j, i) for j in range(ctx.width(1))), "unit", "listen")
    return (
        f"Sample {row} of the data says {num(number)} here, and {fed} to it in the first layer."
        " Nothing in the network moves an input; the gradients of the weights that leave it grow with its"
        " size."
    )


def y(ctx: Telling, q: Quantity) -> str:
    """A target."""
    j, number = q.index[0], ctx.value(q)
    given = ctx.flat("y_hat", j)
    said, known = given.value, ctx.known(given.quantity)
    if ctx.frame.architecture.loss.name == "squared_error":
        says = f"; it says {num(said)}" if known else ""
        return f"Output {j + 1} should say {num(number)} for this sample{says}."
    what = "its class" if number == 1.0 else "not its class" if number == 0.0 else "a part of what is right"
    if not known:
        return f"Output {j + 1} should have {percent(number)}: for this sample that is {what}."
    return (
        f"Output {j + 1} should have {percent(number)}: for this sample that is {what}. "
        f"The network gives it {percent(said)}, and that gap is what sets out on the way back."
    )


def z(ctx: Context, q: Quantity) -> str:
    """A weighted sum."""
    k, j, number = q.layer or 1, q.index[0], ctx.value(q)
    unit, kind = ctx.unit(k, j), ctx.layer(k).kind
    name = capital(unit)
    if kind == "dropout":
        kept = ctx.at("keep", k, j).value
        if kept == 0.0:
            return f"{name} is silenced in this step by dropout, so its sum is 0 whatever arrives."
        return (
            f"{name} takes {num(ctx.before(k, j).value)} from the unit before, times {num(kept)}:"
            f" {num(number)}."
        )
    if kind == "batch_norm":
        gamma, x_hat = ctx.at("W", k, j, j).value, ctx.at("x_hat", k, j).value
        return (
            f"The input of {unit} lies {size(x_hat)} standard deviations {'above' if x_hat >= 0 else 'below'}"
            f" the mean; stretched by γ = {num(gamma)} and moved by β = {num(ctx.at('b', k, j).value)}, that"
            f" is {num(number)}."
        )
    parts = _arriving(ctx, k, j)
    return (
        f"{name} adds up what arrives and gets {num(number)}: {mostly(parts, number)}. "
        "A weight moves it in proportion to what it carries, and an input in proportion to its weight."
    )


def _arriving(ctx: Context, k: int, j: int) -> list[Part]:
    said = ctx.said(k - 1)
    fed = [i for i in range(ctx.width(k - 1)) if ctx.connected(k, j, i)]
    weights = ctx.layer(k).W[j]
    parts = [Part(ctx.unit(k - 1, i), float(weights[i] * said[i])) for i in fed]
    parts += [Part("a connection around layers", way.value) for way in routes.around(ctx, k, j)]
    return [*parts, Part("the bias", float(ctx.layer(k).b[j]))]


_SHAPES = {
    "sigmoid": "the sigmoid, which squeezes any sum between 0 and 1 and turns 0 into a half",
    "tanh": "tanh, which squeezes any sum between −1 and 1",
    "relu": "ReLU, which passes positive sums as they are and cuts negative ones to 0",
    "leaky_relu": "leaky ReLU, which passes positive sums and a hundredth of negative ones",
    "hard_tanh": "hard tanh, which cuts a sum off at −1 and at 1",
    "softplus": "softplus, a ReLU with a soft bend",
}


def a(ctx: Context, q: Quantity) -> str:
    """An activation."""
    k, j, number = q.layer or 1, q.index[0], ctx.value(q)
    inside, slope = ctx.at("z", k, j).value, ctx.at("slope", k, j).value
    activation = ctx.activation(k)
    name = ctx.unit(k, j)
    if activation == "identity":
        return f"{capital(name)} passes its sum on as it is: {num(number)}. What moves z moves it as much."
    shape = _SHAPES.get(activation, f"its function {symbols.function(ctx.project, k).text}")
    moved = "does not move it at all" if slope == 0.0 else f"moves it {times(slope)}"
    return (
        f"{capital(name)} says {num(number)}: its sum of {num(inside)} has gone through {shape}. "
        f"Here a small change of the sum {moved}."
    )


def slope(ctx: Context, q: Quantity) -> str:
    """φ′."""
    k, j, number = q.layer or 1, q.index[0], ctx.value(q)
    unit = ctx.unit(k, j)
    if ctx.activation(k) == "identity":
        return f"How much {unit} listens: all of it, 1, since the identity passes every change on in full."
    said = f"Move the sum of {unit} a little, and what it says moves {times(number)}"
    remark = flat(ctx, k, j) or slope_share(ctx.activation(k), number)
    told = f" That is {remark}" if remark and remark[0].isdigit() else f" {remark}" if remark else ""
    return f"{said}. So much of the error that comes back gets through to its weights.{told}"


def y_hat(ctx: Context, q: Quantity) -> str:
    """An output."""
    j, number = q.index[0], ctx.value(q)
    spec, logit, wanted = ctx.frame.architecture.loss, ctx.logit(j).value, ctx.flat("y", j).value
    if spec.name == "squared_error":
        return (
            f"The network predicts {num(number)} where {num(wanted)} would be right: what its last layer"
            " says, as it is."
        )
    if not LOSSES[spec.name].softmax:
        return (
            f"Label {j + 1} gets {percent(number)}: its logit of {num(logit)}, squeezed between 0 and 1, "
            f"whatever the other outputs say. {percent(wanted)} would be right."
        )
    others = [ctx.logit(i).value for i in range(ctx.width(ctx.depth)) if i != j]
    lead = logit - max(others, default=logit)
    best = "the best of the others" if len(others) > 1 else "the other"
    where = (
        f"as high as {best}" if lead == 0.0
        else f"{size(lead)} {'above' if lead > 0 else 'below'} {best}"
    )  # fmt: skip
    return (
        f"Output {j + 1} gets {percent(number)} of the belief: its logit of {num(logit)} is {where}, and"
        f" softmax turns distances between logits into shares of 100 %. {percent(wanted)} would be right."
    )


def shifted(ctx: Context, q: Quantity) -> str:
    """A logit less the largest."""
    number, j = ctx.value(q), q.index[0]
    if ctx.frame.architecture.loss.naive:
        return (
            f"Naive softmax takes nothing off: logit {j + 1} goes into the exponential as it is,"
            f" {num(number)}."
        )
    if number == 0.0:
        return (
            f"Logit {j + 1} is the largest, so nothing is left of it once the largest is taken off; every"
            " share is measured from it."
        )
    return (
        f"Logit {j + 1} lies {size(number)} below the largest. Only such distances matter to softmax, so the "
        "largest logit is taken off first, and no exponential can overflow."
    )


def exp(ctx: Context, q: Quantity) -> str:
    """An exponential."""
    number, j = ctx.value(q), q.index[0]
    share = ctx.flat("y_hat", j).value
    return (
        f"Logit {j + 1} weighs {num(number)} in the distribution of shares, which comes to {percent(share)}. "
        "A logit that is 1 higher weighs e = 2.72 times as much."
    )


def exp_sum(ctx: Context, q: Quantity) -> str:
    """The sum of the exponentials."""
    powers = [Part(f"output {j + 1}", ctx.flat("exp", j).value) for j in range(ctx.width(ctx.depth))]
    most = largest(powers)
    told = "" if most is None else f"; the largest weight, {num(most.value)}, is that of {most.name}"
    return (
        f"All weights together are {num(ctx.value(q))}{told}. Divided by this, the outputs add up to 100 %."
    )


def loss(ctx: Context, q: Quantity) -> str:
    """The loss of a row, or of the batch."""
    number = ctx.value(q)
    penalised = q.kind == "loss" and q.sample is None and bool(ctx.frame.update.penalties)
    if penalised:
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


def _row_loss(ctx: Context, number: float) -> str:
    spec, outputs = ctx.frame.architecture.loss, range(ctx.width(ctx.depth))
    wanted = [ctx.flat("y", j).value for j in outputs]
    said = [ctx.flat("y_hat", j).value for j in outputs]
    gaps = [Part(f"output {j + 1}", abs(s - t)) for j, (s, t) in enumerate(zip(said, wanted, strict=True))]
    worst = largest(gaps)
    assert worst is not None
    if spec.name == "softmax_cross_entropy" and 1.0 in wanted:
        given = said[wanted.index(1.0)]
        guess = math.log(len(wanted))
        return (
            f"The right answer was given {percent(given)}, and the loss, {num(number)}, is how surprising it"
            f" then is to be told: 0 for someone who was certain of it, {num(guess)} for one who has no idea."
        )
    if spec.name in ("softmax_cross_entropy", "sigmoid_cross_entropy"):
        return (
            f"How surprised the network is by the targets: {num(number)}, and 0 only if it were certain and"
            f" right of all that can be known. It is furthest off at {worst.name}, by {percent(worst.value)}."
        )
    return (
        f"Half the squared distance between what the network says and what is right: {num(number)}. It is"
        f" furthest off at {worst.name}, by {num(worst.value)}; twice the distance would cost four times as"
        " much."
    )


def x_hat(ctx: Context, q: Quantity) -> str:
    """A normalised input."""
    k, j, number = q.layer or 1, q.index[0], ctx.value(q)
    said, mean = ctx.before(k, j).value, ctx.at("mean", k, j).value
    whose = "the batch's" if ctx.frame.training else "the running"
    return (
        f"{num(said)} arrives, and {whose} mean is {num(mean)}: that is {size(number)} standard deviations"
        f" {'above' if number >= 0 else 'below'} it. Whatever the scale of the layer before, this stays near"
        " 1 in size."
    )


def mean(ctx: Context, q: Quantity) -> str:
    """μ."""
    k, j, number = q.layer or 1, q.index[0], ctx.value(q)
    if not ctx.frame.training:
        return (
            f"The running mean of {ctx.unit(k - 1, j)} over the batches of training, {num(number)}; asking"
            " does not move it."
        )
    column = (ctx.frame.x if k == 1 else ctx.layer(k - 1).a)[:, j]
    return (
        f"Over the batch {ctx.unit(k - 1, j)} says {num(number)} on average,"
        f" from {num(float(column.min()))} to {num(float(column.max()))}. Each sample moves it by a share of"
        f" 1/{ctx.samples}."
    )


def var(ctx: Context, q: Quantity) -> str:
    """σ²."""
    k, j, number = q.layer or 1, q.index[0], ctx.value(q)
    if not ctx.frame.training:
        return f"The running variance of {ctx.unit(k - 1, j)} over the batches of training, {num(number)}."
    return (
        f"Over the batch {ctx.unit(k - 1, j)} strays from its mean by {num(math.sqrt(number))} or so; this is"
        f" that squared, {num(number)}. Samples far from the mean move it most."
    )


def keep(ctx: Context, q: Quantity) -> str:
    """Dropout's draw."""
    k, j, number = q.layer or 1, q.index[0], ctx.value(q)
    unit = ctx.unit(k - 1, j)
    if not ctx.frame.training:
        return f"In evaluation dropout rests: {unit} speaks as it is."
    if number == 0.0:
        return (
            f"The dice have silenced {unit} for this sample: nothing of it goes on, and no error comes back"
            " to it."
        )
    return (
        f"The dice have left {unit} in for this sample, {num(number)} times as loud, to make up for those"
        " that are out."
    )


def jacobian(ctx: Context, q: Quantity) -> str:
    """A slope of softmax."""
    j, i = q.index
    number = ctx.value(q)
    if i == j:
        return (
            f"Raising logit {j + 1} a little raises its own output {num(number)} times as much: most, a"
            f" quarter, at 50 %, and here it has {percent(ctx.flat('y_hat', j).value)}."
        )
    return (
        f"Raising logit {i + 1} a little takes {size(number)} times as much from output {j + 1}: what one"
        " output gains the others lose, each in proportion to its own share."
    )
