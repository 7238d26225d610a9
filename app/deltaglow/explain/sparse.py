"""Sparse gradients: what is sent of a gradient, and what is remembered of it."""

from deltaglow.explain import chain
from deltaglow.explain.context import Context
from deltaglow.explain.expr import Sum
from deltaglow.explain.parts import Derivation
from deltaglow.model.quantity import PART, Quantity

_WHY = (
    "Of numbers that are as large as each other the first in the network go first. What is sent and what is "
    "remembered add up to the gradient and the rest of earlier ones, so nothing is lost, only late."
)


def sent(ctx: Context, q: Quantity) -> Derivation:
    """g + e if it is one of the k largest, else 0."""
    there = f"the {ctx.frame.update.sent} largest of {len(ctx.frame.theta)} numbers"
    if _is_sent(ctx, q):
        return _told(ctx, q, "sent", f"one of {there}: sent, with what earlier gradients left", whole=True)
    return _told(ctx, q, "sent", f"not among {there}: nothing of it is sent now", whole=False)


def remembered(ctx: Context, q: Quantity) -> Derivation:
    """0 if it is sent, else g + e."""
    if _is_sent(ctx, q):
        return _told(ctx, q, "remembered", "all of it is sent, so nothing is left", whole=False)
    return _told(ctx, q, "remembered", "held back, with what earlier gradients left", whole=True)


def remembered_before(ctx: Context, q: Quantity) -> Derivation:
    """What earlier gradients left."""
    count = ctx.frame.update.count
    told = "nothing yet: this is the first update" if count == 1 else f"left by update {count - 1}"
    return ctx.derivation(q, f"Remembered of {ctx.owner(q)} from before", told, ())


def _is_sent(ctx: Context, q: Quantity) -> bool:
    return ctx.value(Quantity(f"d{PART[q.kind]}_remembered", q.layer, q.index)) == 0.0


def _told(ctx: Context, q: Quantity, what: str, sentence: str, whole: bool) -> Derivation:
    """The derivation of a number that is the `whole` of gradient and rest, or else 0."""
    title = f"The gradient of {ctx.owner(q)} that is {what}"
    if PART[q.kind] == "W" and not ctx.connected(q.layer or 1, *q.index):
        return ctx.derivation(q, title, "of a deleted connection: exactly zero", ())
    made = ctx.ref(Quantity(chain.gradient_made(ctx.frame, PART[q.kind]), q.layer, q.index))
    left = ctx.ref(Quantity(f"d{PART[q.kind]}_remembered_before", q.layer, q.index))
    worked = [Sum((made, left))] if whole else []
    if made.value == 0.0 and left.value == 0.0:
        sentence = "there is none: the gradient is zero, and nothing was held back"
    return ctx.derivation(q, title, sentence, worked, worked, why=_WHY, extra=(made, left))
