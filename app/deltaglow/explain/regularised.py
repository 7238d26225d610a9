"""The parts of a gradient and of a loss: data and penalty, gathered batches, clipping; and η's schedule."""

import math

from deltaglow.engine import SCHEDULES
from deltaglow.engine.penalties import on_weights
from deltaglow.explain import chain, given, gradient, output, schedules, special
from deltaglow.explain.context import Context
from deltaglow.explain.expr import Const, Expr, Product, Quotient, Ref, Sum
from deltaglow.explain.functions import Named
from deltaglow.explain.numbers import plain, show
from deltaglow.explain.parts import Derivation
from deltaglow.explain.pieces import Label
from deltaglow.explain.update_terms import Setting, Sign
from deltaglow.model.quantity import PART, Quantity

_L1, _L2 = Label(r"\lambda_{1}", "λ₁"), Label(r"\lambda_{2}", "λ₂")
_WHY_BIAS = "Biases have no part in the penalty: they shift a unit, and do not make it steep."


def weight(ctx: Context, q: Quantity) -> Derivation:
    """∂L/∂W, ∂L/∂P: the data's part and, where there is one, the penalty's."""
    if not chain.penalised(ctx.frame, q.layer or 1) or _deleted(ctx, q):
        return data_part(ctx, q)
    worked = Sum((_ref(ctx, q, f"{q.kind}_data"), _ref(ctx, q, f"{q.kind}_penalty")))
    title = f"The gradient of {ctx.owner(q)}"
    sentence = "what the data ask for, and what the penalty on large weights adds"
    return ctx.derivation(q, title, sentence, [worked], [worked])


def data_part(ctx: Context, q: Quantity) -> Derivation:
    """∂D/∂W, ∂D/∂P, D being the loss without the penalty."""
    return special.around_gradient(ctx, q) if PART[q.kind] == "P" else gradient.weight(ctx, q)


def penalty_part(ctx: Context, q: Quantity) -> Derivation:
    """λ₂ w + λ₁ sign(w)."""
    penalties = ctx.frame.update.penalties
    weight = _ref(ctx, q, PART[q.kind])
    title = f"The penalty's part of the gradient of {weight.label.text}"
    if not chain.penalised(ctx.frame, q.layer or 1) or _deleted(ctx, q):
        return ctx.derivation(q, title, "this number has no part in the penalty", ())
    terms: list[Expr] = []
    if penalties.l2:
        terms.append(Product((Setting(_L2, penalties.l2), weight)))
    if penalties.l1:
        terms.append(Product((Setting(_L1, penalties.l1), Sign(weight))))
    worked = terms[0] if len(terms) == 1 else Sum(tuple(terms))
    sentence = "pulls the weight towards zero: in proportion to it (L2)" if penalties.l2 else ""
    pull = "by the same amount whatever its size (L1)"
    sentence = f"{sentence}, and {pull}" if sentence and penalties.l1 else sentence
    return ctx.derivation(
        q, title, sentence or f"pulls the weight towards zero {pull}", [worked], [worked], why=_WHY_BIAS
    )


def loss(ctx: Context, q: Quantity) -> Derivation:
    """L = D + R where there is a penalty, else the data's loss."""
    if not ctx.frame.update.penalties or q.sample is not None:
        return output.loss(ctx, q)
    worked = Sum((ctx.flat("data_loss"), ctx.flat("penalty")))
    sentence = "what is made small: the loss of the data, and the penalty on large weights"
    return ctx.derivation(q, "The loss", sentence, [worked], [worked])


def data_loss(ctx: Context, q: Quantity) -> Derivation:
    """D, the mean over the batch."""
    return output.loss(ctx, q)


def penalty(ctx: Context, q: Quantity) -> Derivation:
    """R = λ₁ Σ|w| + ½ λ₂ Σw²."""
    penalties = ctx.frame.update.penalties
    title = "The penalty on large weights"
    if not penalties:
        return ctx.derivation(q, title, "there is none", ())
    weights = ctx.frame.theta[on_weights(1.0, ctx.frame.architecture) == 1.0]
    terms: list[Expr] = []
    if penalties.l2:
        squares = float(weights @ weights)
        halved = Quotient(Setting(_L2, penalties.l2), Const(2.0))
        terms.append(Product((halved, Named(Label(r"{\textstyle\sum w^{2}}", "Σw²"), squares))))
    if penalties.l1:
        sizes = float(abs(weights).sum())
        terms.append(
            Product((Setting(_L1, penalties.l1), Named(Label(r"{\textstyle\sum |w|}", "Σ|w|"), sizes)))
        )
    worked = terms[0] if len(terms) == 1 else Sum(tuple(terms))
    return ctx.derivation(q, title, "over every weight, and no bias", [worked], [worked], why=_WHY_BIAS)


def gathered(ctx: Context, q: Quantity) -> Derivation:
    """The mean over the batches gathered so far, those to come counting as zero."""
    update = ctx.frame.update
    slope = _ref(ctx, q, q.kind.removesuffix("_gathered"))
    share = Quotient(slope, Const(float(update.accumulate)))
    worked: Expr = share
    if update.turn:
        worked = Sum((_ref(ctx, q, f"{q.kind}_before"), share))
    sentence = f"batch {update.turn + 1} of the {update.accumulate} whose gradients make one update"
    return _of_parameter(ctx, q, "The gathered gradient of", sentence, worked)


def gathered_before(ctx: Context, q: Quantity) -> Derivation:
    """What earlier batches left."""
    turn = ctx.frame.update.turn
    told = "nothing yet: this is the first batch" if turn == 0 else f"left by {turn} earlier batches"
    return ctx.derivation(q, f"Gathered before, for {ctx.owner(q)}", told, ())


def clipped(ctx: Context, q: Quantity) -> Derivation:
    """The gradient held within bounds."""
    update = ctx.frame.update
    whole = _ref(ctx, q, chain.links(ctx.frame, q.layer or 1, PART[q.kind])[q.kind][0])
    assert update.clip is not None
    limit = plain(update.clip.limit).text
    if update.clip.kind == "norm":
        worked: Expr = Product((ctx.flat("clip_factor"), whole))
        size = show(update.norm).text
        sentence = (
            f"the norm of the whole gradient is {size}, not above {limit}: nothing is clipped"
            if update.factor == 1.0
            else f"the norm of the whole gradient is {size}, above {limit}: all of it is scaled down"
        )
        why = "κ = min(1, limit / (norm + 1e−6)) is the same for every parameter: the direction stays."
        return _of_parameter(ctx, q, "The clipped gradient of", sentence, worked, why=why)
    if abs(whole.value) <= update.clip.limit:
        words = f"lies within ±{limit}: it stays as it is"
        return _of_parameter(ctx, q, "The clipped gradient of", words, whole)
    bound = Setting(Label("c", "c"), math.copysign(update.clip.limit, whole.value))
    words = f"lies beyond ±{limit} and is held there"
    return _of_parameter(ctx, q, "The clipped gradient of", words, bound, extra=[whole])


def learning_rate(ctx: Context, q: Quantity) -> Derivation:
    """η, as set or as the schedule makes it."""
    update = ctx.frame.update
    if update.schedule == "constant":
        return given.learning_rate(ctx, q)
    schedule = SCHEDULES[update.schedule](update.schedule_settings)
    found = schedules.worked(update.schedule, schedule.settings, update.base, update.count - 1)
    sentence = f"set by you as η₀ = {plain(update.base).text}, and changed by the {schedule.label.lower()}"
    sentence += f" schedule: {found.where}"
    return ctx.derivation(q, "The learning rate", sentence, [found.rule], [found.numbers])


def _of_parameter(
    ctx: Context,
    q: Quantity,
    title: str,
    sentence: str,
    worked: Expr,
    why: str | None = None,
    extra: list[Ref] | None = None,
) -> Derivation:
    named = f"{title} {ctx.owner(q)}"
    if _deleted(ctx, q):
        return ctx.derivation(q, named, "a deleted connection: exactly zero", ())
    return ctx.derivation(q, named, sentence, [worked], [worked], why=why, extra=extra or ())


def _deleted(ctx: Context, q: Quantity) -> bool:
    return PART[q.kind] == "W" and not ctx.connected(q.layer or 1, *q.index)


def _ref(ctx: Context, q: Quantity, kind: str) -> Ref:
    return ctx.ref(Quantity(kind, q.layer, q.index))
