"""The update in plain words, one sentence each: from a gradient to where its parameter goes."""

from __future__ import annotations

from deltaglow.engine import OPTIMIZERS, SCHEDULES
from deltaglow.explain import chain
from deltaglow.explain.context import Context
from deltaglow.explain.depths.said import Teller, Telling, capital, many, num, owner, size, up_or_down
from deltaglow.explain.numbers import plain
from deltaglow.model.quantity import PART, UPDATE_ARRAYS, Quantity


def after(ctx: Context, q: Quantity) -> str:
    """W_after, b_after, P_after."""
    part, k = PART[q.kind], q.layer or 1
    before, number = ctx.value(Quantity(part, k, q.index)), ctx.value(q)
    name = owner(ctx, q, part)
    update = ctx.frame.update
    if part == "W" and not ctx.connected(k, *q.index):
        return "There is no connection here: no step brings it back from exactly 0."
    if ctx.layer(k).kind == "dropout":
        return "Dropout has no parameters: there is nothing to move, and this is 0."
    if chain.is_frozen(ctx.frame, q):
        return f"{capital(name)} is frozen at {num(number)}: training leaves it alone, whatever its gradient."
    if not update.updates:
        return (
            f"{capital(name)} waits at {num(number)}: this is batch {update.turn + 1} of the"
            f" {update.accumulate} whose gradients are gathered before anything moves."
        )
    if number == before:
        return (
            f"{capital(name)} stays at {num(number)}: the step that would move it is 0, or too small to"
            " change its last digit."
        )
    gradient = ctx.value(Quantity(chain.gradient_used(ctx.frame, part), k, q.index))
    rule = OPTIMIZERS[update.optimizer].label
    against = "against" if gradient * (number - before) < 0 else "with the push of earlier steps, not along"
    decay = ", and weight decay draws it towards 0" if chain.decays(ctx.frame, k, part) else ""
    return (
        f"{capital(name)} goes {up_or_down(number - before)} by {size(number - before)}, from {num(before)}"
        f" to {_told(before, number)}: {against} its gradient of {num(gradient)}, as far as {rule} with η ="
        f" {num(ctx.frame.learning_rate)} goes{decay}."
    )


def _told(before: float, number: float) -> str:
    """The number with enough digits to see that it moved."""
    digits = 3
    while digits < 9 and f"{before:.{digits}g}" == f"{number:.{digits}g}":
        digits += 1
    return plain(number, digits).text


def learning_rate(ctx: Context, q: Quantity) -> str:
    """η."""
    number, update = ctx.value(q), ctx.frame.update
    told = f"A gradient of 1 moves its weight by {num(number)} in a step of plain descent"
    if update.schedule == "constant":
        return f"{told}, as you have set it, and it stays so for the whole run."
    label = SCHEDULES[update.schedule](update.schedule_settings).label.lower()
    share = number / update.base if update.base else 0.0
    if share == 1.0:
        return f"{told}, what you have set as η₀, and so far the {label} schedule has left it there."
    return (
        f"{told}, because after {many(update.count - 1, 'update')} the {label} schedule stands at"
        f" {num(share)} of your η₀ = {num(update.base)}."
    )


def loss_after(ctx: Context, q: Quantity) -> str:
    """The loss of the same batch after the step."""
    number, before = ctx.value(q), ctx.frame.loss
    if number == before:
        return (
            f"The same batch costs {num(number)} after the step as before, since nothing that counts moved."
        )
    way = up_or_down(number - before, "more", "less")
    verdict = "has gone too far" if number > before else "was worth it"
    return (
        f"Asked again after the step, the network has a loss of {num(number)} on the same batch,"
        f" {size(number - before)} {way} than before it: the step {verdict}."
    )


def penalty(ctx: Context, q: Quantity) -> str:
    """R."""
    number, data = num(ctx.value(q)), num(ctx.frame.data_loss)
    return f"The weights cost {number} for being as large as they are, beside the data's loss of {data}."


def _name(ctx: Context, q: Quantity) -> str:
    return owner(ctx, q, PART[q.kind])


def _other(ctx: Context, q: Quantity, kind: str) -> float:
    return ctx.value(Quantity(kind, q.layer, q.index))


def _used(ctx: Context, q: Quantity) -> float:
    return _other(ctx, q, chain.gradient_used(ctx.frame, PART[q.kind]))


def _penalty_part(ctx: Context, q: Quantity) -> str:
    number, weight = ctx.value(q), _other(ctx, q, PART[q.kind])
    if number == 0.0:
        return f"The penalty asks nothing of {_name(ctx, q)}, which is {num(weight)}."
    return (
        f"{capital(_name(ctx, q))} is {num(weight)}, so the penalty on large weights pulls it"
        f" {up_or_down(-weight)}, with {size(number)}."
    )


def _gathered(ctx: Context, q: Quantity) -> str:
    update = ctx.frame.update
    new = _other(ctx, q, f"d{PART[q.kind]}")
    return (
        f"Batch {update.turn + 1} of {update.accumulate} has put its share of {num(new)} to the pile for"
        f" {_name(ctx, q)}, which is {num(ctx.value(q))} now;"
        f" {'with this one the update comes' if update.updates else 'nothing moves yet'}."
    )


def _clipped(ctx: Context, q: Quantity) -> str:
    update, number = ctx.frame.update, ctx.value(q)
    assert update.clip is not None
    whole, limit = (
        _other(ctx, q, chain.links(ctx.frame, q.layer or 1, PART[q.kind])[q.kind][0]),
        update.clip.limit,
    )
    gradient = f"gradient of {_name(ctx, q)}"
    if number == whole:
        return f"The {gradient}, {num(number)}, is within the limit of {num(limit)} and stays as it is."
    if update.clip.kind == "norm":
        return (
            f"All gradients together are {num(update.norm)} long, over the limit of {num(limit)}, so that the"
            f" {gradient} is scaled down with them from {num(whole)} to {num(number)}."
        )
    return f"The {gradient} is {num(whole)}, beyond ±{num(limit)}, and is held at {num(number)}."


def _sent(ctx: Context, q: Quantity) -> str:
    number, count = ctx.value(q), ctx.frame.update.sent
    if number == 0.0:
        return (
            f"{capital(_name(ctx, q))} is not among the {count} that ask loudest, so that nothing of its"
            " gradient is used now, and it is remembered."
        )
    return (
        f"The gradient of {_name(ctx, q)}, with what was left of earlier ones, is among the {count} largest,"
        f" so that {num(number)} is used."
    )


def _remembered(ctx: Context, q: Quantity) -> str:
    number = ctx.value(q)
    if number == 0.0:
        return f"Nothing is owed to {_name(ctx, q)}, since all of its gradient was used in this update."
    return f"{num(number)} of what {_name(ctx, q)} was asked for is held back, and counts in later updates."


def _velocity(ctx: Context, q: Quantity) -> str:
    number, gradient, beta = ctx.value(q), _used(ctx, q), ctx.frame.update.settings["momentum"]
    old = _other(ctx, q, q.kind.replace("velocity_", "velocity_before_"))
    agrees = up_or_down(old * gradient, "adds to", "works against", "is added to")
    return (
        f"{capital(_name(ctx, q))} keeps {num(beta)} of its velocity of {num(old)}, and the gradient of"
        f" {num(gradient)} {agrees} that, which makes {num(number)}."
    )


def _m(ctx: Context, q: Quantity) -> str:
    gradient, beta = _used(ctx, q), ctx.frame.update.settings["beta1"]
    return (
        f"What {_name(ctx, q)} has been asked for of late is {num(ctx.value(q))} on average, to which the new"
        f" gradient of {num(gradient)} counts {num(1.0 - beta)} and all earlier ones the rest."
    )


def _v(ctx: Context, q: Quantity) -> str:
    number, gradient = ctx.value(q), _used(ctx, q)
    if ctx.frame.update.optimizer == "adagrad":
        return (
            f"The squares of all gradients of {_name(ctx, q)} so far add up to {num(number)}, of which this"
            f" step's {num(gradient)} brought {num(gradient * gradient)}."
        )
    typical = number**0.5 if number > 0.0 else 0.0
    return (
        f"Gradients of {_name(ctx, q)} have been about {num(typical)} in size of late, this step's is"
        f" {num(gradient)}, and this is the mean of their squares, {num(number)}."
    )


def _corrected(ctx: Context, q: Quantity) -> str:
    raw = _other(ctx, q, q.kind.replace("_hat", ""))
    what = "mean" if q.kind[0] == "m" else "mean square"
    return (
        f"The running {what} of {_name(ctx, q)} started at 0 and is too small at first, so that after"
        f" {many(ctx.frame.update.age, 'update')} {num(raw)} stands for {num(ctx.value(q))}."
    )


def _rate(ctx: Context, q: Quantity) -> str:
    number, eta = ctx.value(q), ctx.frame.learning_rate
    factor = number / eta if eta else 0.0
    return (
        f"{capital(_name(ctx, q))} has a learning rate of its own, {num(number)}, {num(factor)} times η ="
        f" {num(eta)}, because its gradients have been {'small' if factor > 1 else 'large'}."
    )


def _left(ctx: Context, q: Quantity) -> str:
    number = ctx.value(q)
    if number == 0.0:
        return f"Nothing was left to {_name(ctx, q)} from before, so that this starts from 0."
    return (
        f"{num(number)} is what earlier steps have left to {_name(ctx, q)}, and this step starts from there."
    )


_BETWEEN: dict[str, Teller] = {
    "penalty": _penalty_part,
    "gathered": _gathered,
    "clipped": _clipped,
    "sent": _sent,
    "remembered": _remembered,
    "velocity": _velocity,
    "m": _m,
    "v": _v,
    "m_hat": _corrected,
    "v_hat": _corrected,
    "rate": _rate,
    **dict.fromkeys(
        ("gathered_before", "remembered_before", "velocity_before", "m_before", "v_before"), _left
    ),
}


def between(ctx: Telling, q: Quantity) -> str:
    """Any number between gradient and update."""
    if PART[q.kind] == "W" and not ctx.connected(q.layer or 1, *q.index):
        return "There is no connection here: nothing is asked of it, and this is exactly 0."
    if chain.is_frozen(ctx.frame, q) and UPDATE_ARRAYS[q.kind] in chain.STILL:
        return f"{capital(_name(ctx, q))} is frozen, so the optimiser is given nothing of it: 0."
    return _BETWEEN[UPDATE_ARRAYS[q.kind]](ctx, q)
