"""How large whole gradients are, in plain words."""

from __future__ import annotations

from deltaglow.explain.context import Context
from deltaglow.explain.depths.said import Teller, num, percent
from deltaglow.explain.lengths import weights
from deltaglow.model.quantity import Quantity


def _norm(ctx: Context, q: Quantity) -> str:
    k, number = q.layer or 1, ctx.value(q)
    slopes = ctx.layer(k).dW[tuple(weights(ctx.frame, k).T)]
    if not len(slopes):
        return f"Layer {k} has no weights, so there is no gradient to measure."
    if number == 0.0:
        return f"No weight of layer {k} is asked to move at all in this step."
    share = float(abs(slopes).max() / number) ** 2
    count = len(slopes)
    most = f"; the strongest of its {count:,} weights makes up {percent(share)}" if count > 1 else ""
    return (
        f"The whole of layer {k} is pushed with {num(number)}: so long are the gradients of its weights as"
        f" one arrow{most}{_beside(ctx, k, number)}."
    )


def _beside(ctx: Context, k: int, number: float) -> str:
    """What the layer after is pushed with, for comparison."""
    if k == ctx.depth:
        return ""
    after = ctx.value(Quantity("gradient_norm", k + 1))
    if not after:
        return ""
    arrives = num(number / after)
    return f", and layer {k + 1} is pushed with {num(after)}, so that {arrives} of it arrives here"


def _total(ctx: Context, q: Quantity) -> str:
    clip = ctx.frame.update.clip
    limit = num(clip.limit) if clip is not None else ""
    return (
        f"All gradients together, as one arrow, are {num(ctx.value(q))} long, and the limit that you have set"
        f" is {limit}."
    )


def _factor(ctx: Context, q: Quantity) -> str:
    number = ctx.value(q)
    if number == 1.0:
        return "The whole gradient is within its limit, so that none of it is taken away."
    return f"The whole gradient is too long for its limit, so that only {num(number)} of each of it is used."


def _ratio(ctx: Context, q: Quantity) -> str:
    number = ctx.value(q)
    if number == 0.0:
        return "Nothing moves in this step, however large the parameters are."
    return (
        f"All parameters together move by {num(number)} of their size in this step; about 0.001 is what"
        " usually goes well."
    )


TELLERS: dict[str, Teller] = {
    "gradient_norm": _norm,
    "total_norm": _total,
    "clip_factor": _factor,
    "update_ratio": _ratio,
}
"""One sentence for each."""
