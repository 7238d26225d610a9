"""The forward pass in plain words, one sentence each: inputs, sums, activations and what is done to them."""

from __future__ import annotations

import math

from deltaglow.explain import routes, symbols
from deltaglow.explain.activations import slope_share
from deltaglow.explain.context import Context
from deltaglow.explain.depths.said import Part, capital, many, mostly, num, size, times
from deltaglow.model.quantity import Quantity


def x(ctx: Context, q: Quantity) -> str:
    """An input."""
    row = int(ctx.frame.rows[ctx.row]) + 1
    fed = many(sum(ctx.connected(1, j, q.index[0]) for j in range(ctx.width(1))), "unit", "listen")
    return f"Sample {row} of the data says {num(ctx.value(q))} here, and {fed} to it in the first layer."


def z(ctx: Context, q: Quantity) -> str:
    """A weighted sum."""
    k, j, number = q.layer or 1, q.index[0], num(ctx.value(q))
    unit, kind = ctx.unit(k, j), ctx.layer(k).kind
    name = capital(unit)
    if kind == "dropout":
        kept, came = ctx.at("keep", k, j).value, num(ctx.before(k, j).value)
        if kept == 0.0:
            return f"{name} is silenced in this step by dropout, so its sum is 0 whatever arrives."
        return f"{name} takes {came} from the unit before, times {num(kept)}, which makes {number}."
    if kind == "batch_norm":
        gamma, x_hat = ctx.at("W", k, j, j).value, ctx.at("x_hat", k, j).value
        return (
            f"The input of {unit} lies {_deviations(x_hat)} the mean, which stretched by γ = {num(gamma)} and"
            f" moved by β = {num(ctx.at('b', k, j).value)} is {number}."
        )
    parts = _arriving(ctx, k, j)
    return f"{name} adds up what arrives and gets {number}: {mostly(parts, ctx.value(q))}."


def _deviations(x_hat: float) -> str:
    return f"{size(x_hat)} standard deviations {'above' if x_hat >= 0 else 'below'}"


def _arriving(ctx: Context, k: int, j: int) -> list[Part]:
    said = ctx.said(k - 1)
    fed = [i for i in range(ctx.width(k - 1)) if ctx.connected(k, j, i)]
    weights = ctx.layer(k).W[j]
    parts = [Part(ctx.unit(k - 1, i), float(weights[i] * said[i])) for i in fed]
    parts += [Part("a connection around layers", way.value) for way in routes.around(ctx, k, j)]
    return [*parts, Part("the bias", float(ctx.layer(k).b[j]))]


_SHAPES = {
    "sigmoid": "the sigmoid, which squeezes any sum between 0 and 1",
    "tanh": "tanh, which squeezes any sum between −1 and 1",
    "relu": "ReLU, which passes positive sums as they are and cuts negative ones to 0",
    "leaky_relu": "leaky ReLU, which passes positive sums and a hundredth of negative ones",
    "hard_tanh": "hard tanh, which cuts a sum off at −1 and at 1",
    "softplus": "softplus, a ReLU with a soft bend",
}


def a(ctx: Context, q: Quantity) -> str:
    """An activation."""
    k, j, number = q.layer or 1, q.index[0], num(ctx.value(q))
    name, activation = capital(ctx.unit(k, j)), ctx.activation(k)
    if activation == "identity":
        return f"{name} passes its sum on as it is, {number}."
    shape = _SHAPES.get(activation, f"its function {symbols.function(ctx.project, k).text}")
    return f"{name} says {number}, because its sum of {num(ctx.at('z', k, j).value)} goes through {shape}."


def slope(ctx: Context, q: Quantity) -> str:
    """φ′."""
    k, j, number = q.layer or 1, q.index[0], ctx.value(q)
    unit = ctx.unit(k, j)
    if ctx.activation(k) == "identity":
        return f"{capital(unit)} listens in full, 1, since the identity passes every change on as it is."
    if number == 0.0:
        inside = num(ctx.at("z", k, j).value)
        return (
            f"{capital(unit)} is flat at its sum of {inside}, so that no error gets through to its weights."
        )
    share = (slope_share(ctx.activation(k), number) or "").split(" (")[0].removesuffix(".")
    told = f"If the sum of {unit} moves a little, what it says moves {times(number)}"
    return f"{told}, {share}." if share else f"{told}, and so much of the error gets through to its weights."


def x_hat(ctx: Context, q: Quantity) -> str:
    """A normalised input."""
    k, j = q.layer or 1, q.index[0]
    said, centre = num(ctx.before(k, j).value), num(ctx.at("mean", k, j).value)
    whose = "the batch's" if ctx.frame.training else "the running"
    return f"{said} arrives and {whose} mean is {centre}, so that it lies {_deviations(ctx.value(q))} it."


def mean(ctx: Context, q: Quantity) -> str:
    """μ."""
    k, j, number = q.layer or 1, q.index[0], num(ctx.value(q))
    said = ctx.unit(k - 1, j)
    if not ctx.frame.training:
        return (
            f"Over the batches of training {said} has said {number} on average, and asking does not move it."
        )
    column = (ctx.frame.x if k == 1 else ctx.layer(k - 1).a)[:, j]
    low, high = num(float(column.min())), num(float(column.max()))
    return f"Over the batch {said} says {number} on average, from {low} to {high}."


def var(ctx: Context, q: Quantity) -> str:
    """σ²."""
    k, j, number = q.layer or 1, q.index[0], ctx.value(q)
    said, spread = ctx.unit(k - 1, j), num(math.sqrt(number))
    when = "Over the batch" if ctx.frame.training else "Over the batches of training"
    return f"{when} {said} strays from its mean by {spread} or so, and {num(number)} is the square of that."


def keep(ctx: Context, q: Quantity) -> str:
    """Dropout's draw."""
    k, j, number = q.layer or 1, q.index[0], ctx.value(q)
    unit = ctx.unit(k - 1, j)
    if not ctx.frame.training:
        return f"In evaluation dropout rests, and {unit} speaks as it is."
    if number == 0.0:
        return f"The dice have silenced {unit} for this sample, so that nothing of it goes on or comes back."
    return (
        f"The dice have left {unit} in for this sample, {num(number)} times as loud to make up for those that"
        " are out."
    )
