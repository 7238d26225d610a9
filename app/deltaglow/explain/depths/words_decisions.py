"""What a step decides beside its update, in plain words."""

from __future__ import annotations

from deltaglow.explain.context import Context
from deltaglow.explain.depths.said import Teller, many, num
from deltaglow.model.decided import improves, setting
from deltaglow.model.quantity import Quantity


def _scale(ctx: Context, q: Quantity) -> str:
    number = f"{ctx.value(q):,.0f}"
    if ctx.frame.left_out:
        return f"Errors travelled {number} times as large, which was too much for float16, so nothing moves."
    return f"Errors travel {number} times as large as they are, so that float16 does not lose the small ones."


def _scale_after(ctx: Context, q: Quantity) -> str:
    before, number = ctx.flat("loss_scale").value, ctx.value(q)
    if number < before:
        return f"A gradient overflowed, so the next step tries half the loss scale, {number:,.0f}."
    if number > before:
        return (
            f"So many steps went well in a row that the next one dares twice the loss scale, {number:,.0f}."
        )
    return (
        f"The loss scale stays at {number:,.0f}, because nothing overflowed and it is too early to raise it."
    )


def _watched(ctx: Context, q: Quantity) -> str:
    whose = "samples it has not learnt from" if setting(ctx.frame, "kept_out") else "all its samples"
    return f"Asked about {whose} after this epoch, the network is {num(ctx.value(q))} off on average."


def _best(ctx: Context, q: Quantity) -> str:
    found, number = improves(ctx.frame), num(ctx.value(q))
    if q.kind == "best_loss_before" or not found:
        return f"No epoch has ended with a loss of less than {number} so far, or not by enough to count."
    return f"This epoch has ended with a loss of {number}, the best so far."


def _waited(ctx: Context, q: Quantity) -> str:
    number, patience = int(ctx.value(q)), many(int(setting(ctx.frame, "patience")), "epoch")
    if setting(ctx.frame, "stops") and q.kind == "waited":
        return f"The loss has not got better for {patience}, as long as you allow, so the run stops here."
    if number == 0:
        return f"The last epoch was the best so far, so the patience of {patience} is still whole."
    return f"The loss has not got better for {many(number, 'epoch')} of the {patience} that the run is given."


TELLERS: dict[str, Teller] = {
    "loss_scale": _scale,
    "loss_scale_after": _scale_after,
    "watched_loss": _watched,
    "best_loss_before": _best,
    "best_loss": _best,
    "waited_before": _waited,
    "waited": _waited,
}
"""One sentence for each."""
