"""Frozen parameters: why nothing between their gradient and the update moves them."""

from __future__ import annotations

from deltaglow.explain.chain import STILL, is_frozen
from deltaglow.explain.context import Context
from deltaglow.explain.parts import Derivation
from deltaglow.model.quantity import PART, UPDATE_ARRAYS, Quantity


def stands_still(ctx: Context, q: Quantity) -> bool:
    """Whether a quantity is as it is because its parameter is frozen."""
    return (q.kind.endswith("_after") or UPDATE_ARRAYS.get(q.kind) in STILL) and is_frozen(ctx.frame, q)


def derivation(ctx: Context, q: Quantity) -> Derivation:
    """Of a quantity that stands still."""
    if q.kind.endswith("_after"):
        before = ctx.at(PART[q.kind], q.layer or 1, *q.index)
        words = "it is frozen: training leaves it exactly as it is, whatever its gradient"
        return ctx.derivation(q, f"{_named(ctx, q)} after the step", words, [before], [before])
    words = "zero, since the parameter is frozen: the optimiser is given nothing of it"
    return ctx.derivation(q, _named(ctx, q), words, ())


def _named(ctx: Context, q: Quantity) -> str:
    name = ctx.owner(q)
    return name[0].upper() + name[1:] if name.startswith("the ") else f"The weight {name}"
