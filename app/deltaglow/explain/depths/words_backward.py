"""The way back in plain words: errors, what comes back, gradients and parameters."""

from __future__ import annotations

from deltaglow.engine import LOSSES
from deltaglow.engine.ops import Array
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
        return _at_output(ctx, j, number)
    came, slope, unit = ctx.at("back", k, j).value, ctx.at("slope", k, j).value, ctx.unit(k, j)
    told = f"{per_unit(f'the sum of {unit}', number)}. "
    if came == 0.0:
        return f"{told}Nothing comes back to it from the layers after, so there is nothing for it to mend."
    if slope == 0.0:
        return (
            f"{told}{num(came)} comes back to it, but the unit is flat where it stands, and lets nothing"
            " through."
        )
    if ctx.activation(k) == "identity":
        return (
            f"{told}That is what comes back from the layers after, {_from_where(ctx, k, j, came)}; all of it"
            " gets through."
        )
    return (
        f"{told}{num(came)} comes back from the layers after, {_from_where(ctx, k, j, came)}; of that the"
        f" unit lets {percent(slope) if 0 < slope <= 1 else f'{num(slope)} times as much'} through."
    )


def _at_output(ctx: Context, j: int, number: float) -> str:
    spec = ctx.frame.architecture.loss
    said, wanted = ctx.flat("y_hat", j).value, ctx.flat("y", j).value
    gap = said - wanted
    given = f"Output {j + 1} was given {percent(said)} and should have had {percent(wanted)}"
    if not LOSSES[spec.name].softmax and spec.name == "squared_error":
        given = f"Output {j + 1} said {num(said)} and should have said {num(wanted)}"
    if gap == 0.0:
        return f"{given}: there is nothing to mend, and its error is {num(number)}."
    way = up_or_down(-number, "raise", "lower", "leave")
    verdict = (
        f"it is {_amount(spec.name, gap)}"
        f" {'too many' if spec.name != 'squared_error' and gap > 0 else 'too much' if gap > 0 else 'short'}"
    )
    plainly = spec.name != "softmax_squared_error" and ctx.activation(ctx.depth) == "identity"
    error = f"so its error is {num(number)}" if plainly else f"of which {num(number)} arrives as its error"
    if number == 0.0:
        return f"{given}; {verdict}, but nothing of that gets through to its sum."
    counted = (
        " after smoothing and weighing the targets" if spec.label_smoothing or spec.class_weights else ""
    )
    return f"{given}; {verdict}, {error}{counted}, and the step will {way} its sum."


def _amount(loss: str, gap: float) -> str:
    return size(gap) if loss == "squared_error" else points(gap)


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
    unit = ctx.unit(k, j)
    told = f"{per_unit(f'what {unit} says', number)}"
    if k == ctx.depth:
        said, wanted = ctx.flat("y_hat", j).value, ctx.flat("y", j).value
        return f"{told}: the output is {num(said)}, and {num(wanted)} would be right."
    if number == 0.0:
        return f"{told}: no error comes back to it from the layers after."
    return f"{told}: errors return along the weights the signal came by, {_from_where(ctx, k, j, number)}."


def loss_slope(ctx: Context, q: Quantity) -> str:
    """∂L/∂ŷ."""
    j, number = q.index[0], ctx.value(q)
    said, wanted = ctx.flat("y_hat", j).value, ctx.flat("y", j).value
    if number == 0.0:
        return (
            f"Output {j + 1} is not what is asked for, and the loss does not look at it: it only counts the"
            " right answer."
        )
    return (
        f"{per_unit(f'output {j + 1}', number)}: it has {percent(said)} where {percent(wanted)} would be"
        " right. The less the right answer is given, the steeper this is."
    )


def gradient(ctx: Telling, q: Quantity) -> str:
    """dW, db, dP, and their data's part."""
    part, k = PART[q.kind], q.layer or 1
    name, number = owner(ctx, q, part), ctx.value(q)
    if _absent(ctx, q, part):
        return "There is no connection here, so there is nothing to learn, and the gradient is exactly 0."
    told = f"{per_unit(name, number)}. "
    if ctx.layer(k).kind == "dropout":
        return "Dropout has no parameters: there is nothing to learn here, and the gradient is 0."
    if q.kind in ("dW", "dP") and chain.penalised(ctx.frame, k):
        data, penalty = (ctx.value(Quantity(f"{q.kind}_{name}", k, q.index)) for name in ("data", "penalty"))
        return (
            f"{told}The data ask for {num(data)}, and the penalty on large weights adds"
            f" {num(penalty)}.{_what_next(ctx, q)}"
        )
    asked = [float(each) for each in _by_sample(ctx, q, part)]
    if ctx.samples == 1:
        return f"{told}{_single(ctx, q, part)}{_what_next(ctx, q)}"
    more, less = sum(each < 0 for each in asked), sum(each > 0 for each in asked)
    if not more and not less:
        return (
            f"{told}Not one of the {ctx.samples} samples asks anything of it: no error arrived, or nothing"
            " was carried."
        )
    parts = [Part(f"sample {n + 1}", each) for n, each in enumerate(asked)]
    return (
        f"{told}Of the {ctx.samples} samples of the batch {_asking(more)} for more of it and {less or 'none'}"
        f" for less; the gradient is their mean, {mostly(parts, sum(asked))} (before the"
        f" division).{_what_next(ctx, q)}"
    )


def _by_sample(ctx: Context, q: Quantity, part: str) -> Array:
    return sample_gradients(ctx.frame, q.layer or 1, part, q.index)


def _single(ctx: Context, q: Quantity, part: str) -> str:
    k, layer = q.layer or 1, ctx.layer(q.layer or 1)
    j = q.index[0]
    error = ctx.at("delta", k, j).value
    if layer.kind == "conv1d":
        return "The weight is shared: what each of its positions asks for is added up."
    if part == "b":
        return (
            f"It is the error of {ctx.unit(k, j)} itself, {num(error)}: a bias is a weight on a constant 1."
        )
    if layer.kind == "batch_norm":
        carried, what = ctx.at("x_hat", k, j).value, "its normalised input"
    else:
        source = k - 1 if part == "W" or layer.shape.skip is None else layer.shape.skip.source
        carried, what = ctx.before(source + 1, q.index[1]).value, f"what {ctx.unit(source, q.index[1])} said"
    if carried == 0.0:
        return f"It carried nothing: {what} was 0, so it had no part in the error of {ctx.unit(k, j)}."
    if error == 0.0:
        return f"{capital(ctx.unit(k, j))}, where it leads, has no error, so there is nothing to change."
    return (
        f"It leads to {ctx.unit(k, j)}, whose error is {num(error)}, and carried {num(carried)}, {what}:"
        " their product."
    )


def _asking(count: int) -> str:
    return f"{count or 'none'} ask{'s' if count <= 1 else ''}"


def _what_next(ctx: Telling, q: Quantity) -> str:
    part, k = PART[q.kind], q.layer or 1
    if not ctx.known(Quantity(f"{part}_after", k, q.index)):
        return ""
    before = ctx.value(Quantity(part, k, q.index))
    after = ctx.value(Quantity(f"{part}_after", k, q.index))
    if chain.is_frozen(ctx.frame, q):
        return " It is frozen, so the step leaves it all the same."
    if after == before:
        return " This step leaves it where it is."
    return f" The step moves it {up_or_down(after - before)}, from {num(before)} to {num(after)}."


def sample_gradient(ctx: Context, q: Quantity) -> str:
    """What one sample asks."""
    part, k = SAMPLE_GRADIENTS[q.kind], q.layer or 1
    name, number = owner(ctx, q, part), ctx.value(q)
    whole = ctx.value(Quantity(f"d{part}", k, q.index))
    asks = up_or_down(-number, "more", "less")
    if number == 0.0:
        return (
            f"Sample {ctx.row + 1} alone asks nothing of {name}; the batch's gradient, the mean over all"
            f" {ctx.samples}, is {num(whole)}."
        )
    against = ", so this sample is outvoted" if number * whole < 0.0 else ""
    return (
        f"Sample {ctx.row + 1} alone asks for {asks} of {name}, with {num(number)}; the batch's gradient, the"
        f" mean over all {ctx.samples}, is {num(whole)}{against}."
    )


def weight(ctx: Telling, q: Quantity) -> str:
    """W, P."""
    k, (j, i) = q.layer or 1, q.index
    number, layer = ctx.value(q), ctx.layer(k)
    name, unit = owner(ctx, q, q.kind), ctx.unit(k, j)
    if _absent(ctx, q, q.kind):
        return (
            "There is no connection here, so the weight is exactly 0 and stays so: nothing passes, forward"
            " or back."
        )
    if layer.kind == "batch_norm":
        return (
            f"{capital(name)}, {num(number)}, stretches the normalised input of {unit}; 1 would leave it as"
            f" it is.{_moves(ctx, q)}"
        )
    source = k - 1 if q.kind == "W" or layer.shape.skip is None else layer.shape.skip.source
    came = ctx.before(source + 1, i)
    if not ctx.known(came.quantity):
        told = f"{capital(name)}, {num(number)}, says how much {unit}"
        return f"{told} makes of what {ctx.unit(source, i)} says."
    said = came.value
    pushes = up_or_down(number * said, "pushes its sum up", "pulls its sum down", "leaves its sum as it is")
    return (
        f"{capital(name)}, {num(number)}, says how much {unit} makes of what {ctx.unit(source, i)} says:"
        f" {num(said)} now, which"
        f" {pushes}{'' if number * said == 0.0 else f' by {size(number * said)}'}.{_moves(ctx, q)}"
    )


def bias(ctx: Telling, q: Quantity) -> str:
    """b."""
    k, number = q.layer or 1, ctx.value(q)
    unit = ctx.unit(k, q.index[0])
    if ctx.layer(k).kind == "dropout":
        return "Dropout has no biases: there is nothing to shift, and this is 0."
    return (
        f"Whatever arrives, {num(number)} is added to the sum of {unit}: it shifts where the unit turns"
        f" on.{_moves(ctx, q)}"
    )


def _moves(ctx: Telling, q: Quantity) -> str:
    if not ctx.known(Quantity(f"d{q.kind}", q.layer, q.index)):
        return ""
    slope = ctx.value(Quantity(f"d{q.kind}", q.layer, q.index))
    if slope == 0.0:
        return " Its gradient is 0 in this step."
    return (
        f" Its gradient is {num(slope)}, so a {up_or_down(slope, 'smaller', 'larger')} one would lower the"
        " loss."
    )


def _absent(ctx: Context, q: Quantity, part: str) -> bool:
    k = q.layer or 1
    return ctx.layer(k).kind == "dropout" or (part == "W" and not ctx.connected(k, *q.index))
