"""What a step decides beside its update, derived: the loss scale of the next step, and early stopping."""

from __future__ import annotations

from collections.abc import Callable

from deltaglow.engine import Frame
from deltaglow.engine.loss_scale import LARGEST
from deltaglow.explain.context import Context
from deltaglow.explain.expr import Const, Expr, Product, Quotient, Ref, Sum
from deltaglow.explain.functions import Max, Min
from deltaglow.explain.numbers import plain
from deltaglow.explain.parts import Derivation
from deltaglow.explain.scaling import scale_words
from deltaglow.model.decided import improves, setting
from deltaglow.model.quantity import Quantity


def _scale(ctx: Context, q: Quantity) -> Derivation:
    why = (
        "float16 has nothing between 0 and 6e−8: small errors would vanish in it. S is a power of two, so "
        "that multiplying and dividing by it changes no digit."
    )
    return ctx.derivation(q, "The loss scale", scale_words(ctx.frame), (), why=why)


def _scale_after(ctx: Context, q: Quantity) -> Derivation:
    frame, scale = ctx.frame, ctx.flat("loss_scale")
    good, grow_after = int(setting(frame, "good")), int(setting(frame, "grow_after"))
    worked: Expr = scale
    if frame.left_out:
        told = "a gradient overflowed: half the scale for the next try, and never below 1"
        worked = Max((Const(1.0), Quotient(scale, Const(2.0))))
    elif good + 1 >= grow_after:
        told = f"{grow_after:,} steps in a row without an overflow: twice the scale, up to {LARGEST:,.0f}"
        worked = Min((Const(LARGEST), Product((Const(2.0), scale))))
    else:
        told = (
            f"unchanged: {good + 1:,} of {grow_after:,} steps in a row without an overflow, then it doubles"
        )
    return ctx.derivation(q, "The loss scale of the next step", told, [worked], [worked])


def _watched_loss(ctx: Context, q: Quantity) -> Derivation:
    frame = ctx.frame
    whose = "the samples kept out of the training" if setting(frame, "kept_out") else "all samples"
    why = "Every layer works as in evaluation. Early stopping looks once an epoch, after its last step."
    told = f"the mean loss of {whose} with the new parameters"
    return ctx.derivation(q, "The loss that early stopping looks at", told, (), why=why)


def _best_loss(ctx: Context, q: Quantity) -> Derivation:
    frame, title = ctx.frame, "The best loss so far"
    found = improves(frame)
    if found is None:
        return _unlooked(ctx, q, title, "best_loss_before")
    if "best_loss_before" not in frame.decisions.numbers:
        seen = ctx.flat("watched_loss")
        return ctx.derivation(
            q, title, "that of the first epoch, with nothing to compare it with", [seen], [seen]
        )
    kept = ctx.flat("watched_loss" if found else "best_loss_before")
    told = f"{_compared(ctx, found)}, so {'it is the best now' if found else 'the best stays'}"
    return ctx.derivation(q, title, told, [kept], [kept], extra=_known(ctx))


def _waited(ctx: Context, q: Quantity) -> Derivation:
    frame, title = ctx.frame, "Epochs without a better loss"
    found, patience = improves(frame), int(setting(frame, "patience"))
    if found is None:
        return _unlooked(ctx, q, title, "waited_before")
    number = int(ctx.value(q))
    before = _known(ctx)
    if found:
        told = (
            "a better loss: the count begins again" if len(before) == 2 else "the first epoch sets the best"
        )
        return ctx.derivation(q, title, told, [Const(0.0)], [Const(0.0)], extra=before)
    worked = Sum((ctx.flat("waited_before"), Const(1.0)))
    told = f"{_compared(ctx, found)}: {number} of {patience}, and {_verdict(frame, number, patience)}"
    return ctx.derivation(q, title, told, [worked], [worked], extra=before)


def _known(ctx: Context) -> list[Ref]:
    """The loss looked at and the best before it, as far as there are."""
    return [ctx.flat(kind) for kind in _BOTH if kind in ctx.frame.decisions.numbers]


def _verdict(frame: Frame, number: int, patience: int) -> str:
    if setting(frame, "stops"):
        return "the run stops here"
    return f"the run stops at {patience}" if number < patience else "the run has been stopped before"


def _compared(ctx: Context, better: bool) -> str:
    """ℓ beside ℓ∗ − min_delta."""
    if "watched_loss" not in ctx.frame.decisions.numbers:
        return "the loss is no finite number, which counts as worse"
    least, seen = setting(ctx.frame, "min_delta"), ctx.flat("watched_loss")
    bound = plain(least).text
    gain = "" if least == 0.0 else f" by more than the least gain of {bound}"
    return f"the loss of {seen.shown(6).text} is {'' if better else 'not '}below the best{gain}"


def _unlooked(ctx: Context, q: Quantity, title: str, before: str) -> Derivation:
    stays = ctx.flat(before)
    told = (
        "unchanged: early stopping looks after the last step of an epoch, and only until it has ended the run"
    )
    return ctx.derivation(q, title, told, [stays], [stays])


def _before(ctx: Context, q: Quantity) -> Derivation:
    title = (
        "The best loss before the step" if q.kind == "best_loss_before" else "Epochs waited before the step"
    )
    return ctx.derivation(q, title, "what early stopping knows from earlier epochs", ())


_BOTH = ("watched_loss", "best_loss_before")

DERIVERS: dict[str, Callable[[Context, Quantity], Derivation]] = {
    "loss_scale": _scale,
    "loss_scale_after": _scale_after,
    "watched_loss": _watched_loss,
    "best_loss_before": _before,
    "best_loss": _best_loss,
    "waited_before": _before,
    "waited": _waited,
}


def again(frame: Frame, kind: str) -> float | None:
    """A decision made again from what it goes by; None for what is only looked up."""
    numbers = frame.decisions.numbers
    if kind == "loss_scale_after":
        if frame.left_out:
            return max(1.0, numbers["loss_scale"] / 2.0)
        grows = setting(frame, "good") + 1 >= setting(frame, "grow_after")
        return min(2.0 * numbers["loss_scale"], LARGEST) if grows else numbers["loss_scale"]
    if kind not in ("best_loss", "waited"):
        return None
    found = improves(frame)
    if kind == "best_loss":
        return numbers["watched_loss"] if found else numbers["best_loss_before"]
    return 0.0 if found else numbers["waited_before"] + (found is not None)
