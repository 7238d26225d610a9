"""The way back in plain words, one sentence each: errors, what comes back, gradients and parameters."""

from __future__ import annotations

from deltaglow.explain import chain, routes
from deltaglow.explain.context import Context
from deltaglow.explain.depths.said import (
    Part,
    Telling,
    capital,
    mostly,
    num,
    owner,
    per_unit,
    percent,
    points,
    size,
    up_or_down,
)
from deltaglow.model.beside import SAMPLE_GRADIENTS, sample_gradients
from deltaglow.model.quantity import PART, Quantity


def delta(ctx: Context, q: Quantity) -> str:
    """δ."""
    k, j, number = q.layer or 1, q.index[0], ctx.value(q)
    if k == ctx.depth:
        return _at_output(ctx, q, number)
    came, slope, unit = ctx.at("back", k, j).value, ctx.at("slope", k, j).value, ctx.unit(k, j)
    told = f"{per_unit(f'the sum of {unit}', number)}, because "
    if came == 0.0:
        return f"{told}nothing comes back to it from the layers after."
    if slope == 0.0:
        return (
            f"{told}{unit} is flat where it stands and lets nothing of {num(came)} that comes back through."
        )
    where = _from_where(ctx, k, j, came)
    if ctx.activation(k) == "identity":
        return f"{told}that comes back from the layers after, {where}, and all of it gets through."
    through = percent(slope) if 0 < slope <= 1 else f"{num(slope)} times as much"
    return f"{told}{num(came)} comes back to it, {where}, and it lets {through} of that through."


def _at_output(ctx: Context, q: Quantity, number: float) -> str:
    spec, j = ctx.frame.architecture.loss, q.index[0]
    said, wanted = ctx.flat("y_hat", j).value, ctx.flat("y", j).value
    gap, plainly, unit = said - wanted, spec.name == "squared_error", capital(ctx.unit(ctx.depth, j))
    given = f"{unit} was given {percent(said)} where {percent(wanted)} is right"
    if plainly:
        given = f"{unit} said {num(said)} where {num(wanted)} is right"
    if gap == 0.0:
        return f"{given}, so there is nothing to mend, and its error is {num(number)}."
    amount = size(gap) if plainly else points(gap)
    off = f"{amount} {'too small' if gap < 0 else 'too large'}" if plainly else f"{amount} {_short(gap)}"
    if number == 0.0:
        return f"{given}, {off}, but nothing of that gets through to its sum, so its error is 0."
    counted = (
        " after smoothing and weighing the targets" if spec.label_smoothing or spec.class_weights else ""
    )
    whole = spec.name != "softmax_squared_error" and ctx.activation(ctx.depth) == "identity"
    error = f"so its error is {num(number)}" if whole else f"of which {num(number)} arrives as its error"
    way = up_or_down(-number, "raise", "lower", "leave")
    return f"{given}, {off}, {error}{counted}, and the step will {way} its sum."


def _short(gap: float) -> str:
    return "short" if gap < 0 else "too many"


def _from_where(ctx: Context, k: int, j: int, total: float) -> str:
    if ctx.layer(k + 1).kind == "batch_norm":
        return "through the normalisation, less what it shares with the whole batch"
    layer = ctx.layer(k + 1)
    if layer.kind == "dropout":
        parts = [Part(ctx.unit(k + 1, j), ways[0].value) for ways in [routes.back(ctx, k, j)] if ways]
    else:
        fed = [m for m in range(ctx.width(k + 1)) if ctx.connected(k + 1, m, j)]
        values = layer.W[:, j] * layer.delta[ctx.row]
        parts = [Part(ctx.unit(k + 1, m), float(values[m])) for m in fed]
    around = total - sum(part.value for part in parts)
    if abs(around) > 1e-12 * (abs(total) + sum(abs(part.value) for part in parts)):
        parts.append(Part("connections around layers", around))
    return mostly(parts, total)


def back(ctx: Context, q: Quantity) -> str:
    """∂L/∂a."""
    k, j, number = q.layer or 1, q.index[0], ctx.value(q)
    told = f"{per_unit(f'what {ctx.unit(k, j)} says', number)}, because"
    if k == ctx.depth:
        said, wanted = num(ctx.flat("y_hat", j).value), num(ctx.flat("y", j).value)
        return f"{told} the output is {said} where {wanted} would be right."
    if number == 0.0:
        return f"{told} no error comes back to it from the layers after."
    where = _from_where(ctx, k, j, number)
    return f"{told} errors return along the weights the signal came by, {where}."


def gradient(ctx: Telling, q: Quantity) -> str:
    """dW, db, dP, and their data's part."""
    part, k = PART[q.kind], q.layer or 1
    if ctx.layer(k).kind == "dropout":
        return "Dropout has no parameters, so that there is nothing to learn here, and the gradient is 0."
    if _absent(ctx, q, part):
        return "There is no connection here, so there is nothing to learn, and the gradient is exactly 0."
    told, after = f"{per_unit(owner(ctx, q, part), ctx.value(q))}, because", _what_next(ctx, q)
    if q.kind in ("dW", "dP") and chain.penalised(ctx.frame, k):
        data, penalty = (num(ctx.value(Quantity(f"{q.kind}_{of}", k, q.index))) for of in ("data", "penalty"))
        return f"{told} the data ask for {data} and the penalty on large weights adds {penalty}{after}."
    if ctx.samples == 1:
        return f"{told} {_single(ctx, q, part)}{after}."
    asked = [float(each) for each in sample_gradients(ctx.frame, k, part, q.index)]
    more, less = sum(each < 0 for each in asked), sum(each > 0 for each in asked)
    if not more and not less:
        return f"{told} not one of the {ctx.samples} samples of the batch asks anything of it{after}."
    parts = [Part(f"sample {n + 1}", each) for n, each in enumerate(asked)]
    return (
        f"{told} of the {ctx.samples} samples of the batch {_asking(more)} for more of it and"
        f" {less or 'none'} for less, {mostly(parts, sum(asked))} before the mean is taken{after}."
    )


def _single(ctx: Context, q: Quantity, part: str) -> str:
    k, layer = q.layer or 1, ctx.layer(q.layer or 1)
    j = q.index[0]
    error, unit = num(ctx.at("delta", k, j).value), ctx.unit(k, j)
    if layer.kind == "conv1d":
        return "it is shared, and what each of its positions asks for is added up"
    if part == "b":
        return f"that is the error of {unit} itself"
    if layer.kind == "batch_norm":
        carried, what = ctx.at("x_hat", k, j).value, "its normalised input"
    else:
        source = k - 1 if part == "W" or layer.shape.skip is None else layer.shape.skip.source
        carried, what = ctx.before(source + 1, q.index[1]).value, f"what {ctx.unit(source, q.index[1])} said"
    if carried == 0.0:
        return f"it carried nothing, a 0, {what}, to {unit}"
    if error == "0":
        return f"{unit}, where it leads, has no error"
    return f"it carried {num(carried)}, {what}, to {unit}, whose error is {error}"


def _asking(count: int) -> str:
    return f"{count or 'none'} ask{'s' if count <= 1 else ''}"


def _what_next(ctx: Telling, q: Quantity) -> str:
    part, k = PART[q.kind], q.layer or 1
    if not ctx.known(Quantity(f"{part}_after", k, q.index)):
        return ""
    before = ctx.value(Quantity(part, k, q.index))
    after = ctx.value(Quantity(f"{part}_after", k, q.index))
    if chain.is_frozen(ctx.frame, q):
        return "; it is frozen, so the step leaves it all the same"
    if after == before:
        return "; this step leaves it where it is"
    return f"; the step moves it {up_or_down(after - before)}, from {num(before)} to {num(after)}"


def sample_gradient(ctx: Context, q: Quantity) -> str:
    """What one sample asks."""
    part, k = SAMPLE_GRADIENTS[q.kind], q.layer or 1
    name, number = owner(ctx, q, part), ctx.value(q)
    whole = ctx.value(Quantity(f"d{part}", k, q.index))
    mean = f"while the batch's gradient, the mean over all {ctx.samples}, is {num(whole)}"
    if number == 0.0:
        return f"Sample {ctx.row + 1} alone asks nothing of {name}, {mean}."
    asks, against = up_or_down(-number, "more", "less"), number * whole < 0.0
    outvoted = ", so that this sample is outvoted" if against else ""
    return f"Sample {ctx.row + 1} alone asks for {asks} of {name}, with {num(number)}, {mean}{outvoted}."


def weight(ctx: Telling, q: Quantity) -> str:
    """W, P."""
    k, (j, i) = q.layer or 1, q.index
    number, layer = ctx.value(q), ctx.layer(k)
    name, unit = capital(owner(ctx, q, q.kind)), ctx.unit(k, j)
    if _absent(ctx, q, q.kind):
        return "There is no connection here, so the weight is exactly 0 and nothing passes, forward or back."
    if layer.kind == "batch_norm":
        return (
            f"{name} is {num(number)}, and the normalised input of {unit} is stretched by it{_moves(ctx, q)}."
        )
    source = k - 1 if q.kind == "W" or layer.shape.skip is None else layer.shape.skip.source
    came, speaker = ctx.before(source + 1, i), ctx.unit(source, i)
    if not ctx.known(came.quantity):
        return f"{name}, {num(number)}, is how much {unit} makes of what {speaker} says."
    push = number * came.value
    pushes = up_or_down(
        push, "pushes the sum of {} up", "pulls the sum of {} down", "leaves the sum of {} as it is"
    )
    by = f" by {size(push)}" if push else ""
    return (
        f"{name} is {num(number)}, so that the {num(came.value)} that {speaker} says"
        f" {pushes.format(unit)}{by}{_moves(ctx, q)}."
    )


def bias(ctx: Telling, q: Quantity) -> str:
    """b."""
    k, number = q.layer or 1, ctx.value(q)
    if ctx.layer(k).kind == "dropout":
        return "Dropout has no biases, so that there is nothing to shift, and this is 0."
    return (
        f"Whatever arrives, {num(number)} is added to the sum of {ctx.unit(k, q.index[0])}{_moves(ctx, q)}."
    )


def _moves(ctx: Telling, q: Quantity) -> str:
    if not ctx.known(Quantity(f"d{q.kind}", q.layer, q.index)):
        return ""
    slope = ctx.value(Quantity(f"d{q.kind}", q.layer, q.index))
    if slope == 0.0:
        return "; its gradient is 0 in this step"
    better = up_or_down(slope, "smaller", "larger")
    return f"; its gradient is {num(slope)}, so a {better} one would lower the loss"


def _absent(ctx: Context, q: Quantity, part: str) -> bool:
    k = q.layer or 1
    return ctx.layer(k).kind == "dropout" or (part == "W" and not ctx.connected(k, *q.index))
