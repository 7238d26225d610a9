"""The update: a parameter after the step, and every number between its gradient and it."""

from deltaglow.explain import chain, symbols
from deltaglow.explain.context import Context
from deltaglow.explain.expr import Const, Difference, Expr, Product, Quotient, Ref, Sum
from deltaglow.explain.functions import Square
from deltaglow.explain.numbers import DIGITS, FULL_DIGITS, show
from deltaglow.explain.parts import Derivation
from deltaglow.explain.pieces import Label
from deltaglow.explain.update_terms import Power, Root, Setting
from deltaglow.model.quantity import PART, Quantity

SYMBOLS = {
    "momentum": Label(r"\beta", "β"),
    "alpha": Label(r"\alpha", "α"),
    "beta1": Label(r"\beta_{1}", "β₁"),
    "beta2": Label(r"\beta_{2}", "β₂"),
    "epsilon": Label(r"\epsilon", "ε"),
    "weight_decay": Label(r"\lambda", "λ"),
}
"""An optimiser's settings as they are written."""


def parameter(ctx: Context, q: Quantity) -> Derivation:
    """W_after, b_after, P_after: where the optimiser moves a parameter to."""
    part = PART[q.kind]
    title = f"{_titled(ctx, q)} after the step"
    if ctx.layer(q.layer or 1).kind == "dropout":
        return ctx.derivation(q, title, "dropout has no parameters: zero", ())
    if _deleted(ctx, q):
        return ctx.derivation(q, title, "a deleted connection: stays exactly zero", ())
    before = _ref(ctx, q, part)
    update = ctx.frame.update
    if not update.updates:
        words = (
            f"stays for now: the gradient is gathered, {update.turn + 1} of {update.accumulate} batches, "
            "and the last of them moves it"
        )
        return ctx.derivation(q, title, words, [before], [before])
    moved, sentence = _moved(ctx, q, part, before)
    digits = _telling_digits(before.value, ctx.value(q))
    return ctx.derivation(q, title, sentence, [moved], [moved], digits=digits)


def _moved(ctx: Context, q: Quantity, part: str, before: Ref) -> tuple[Expr, str]:
    """The parameter after the step as an expression, and in words."""
    name = ctx.frame.update.optimizer
    eta = ctx.flat("learning_rate")
    used = _ref(ctx, q, chain.gradient_used(ctx.frame, part))
    shrunk: Expr | None = None
    sentence = "one step against the gradient, scaled by the learning rate"
    if chain.decays(ctx.frame, q.layer or 1, part):
        shrunk = Product((_setting(ctx, "weight_decay"), before))
    if name in chain.ADAPTIVE:
        rate = _ref(ctx, q, f"rate_{part}")
        adam = name in ("adam", "adamw")
        step: Expr = Difference(before, Product((rate, _ref(ctx, q, f"m_hat_{part}") if adam else used)))
        if shrunk is not None:
            step = Difference(step, Product((eta, *shrunk.children())))
        sentence = (
            "one step against the mean of the gradients, at this parameter's own rate"
            if adam
            else "one step against the gradient, at this parameter's own rate"
        )
        return step, sentence + _and_decay(shrunk)
    direction: Expr = used
    if name == "momentum":
        direction = _ref(ctx, q, f"velocity_{part}")
        sentence = "one step along its velocity, scaled by the learning rate"
    elif name == "nesterov":
        direction = Sum((used, Product((_setting(ctx, "momentum"), _ref(ctx, q, f"velocity_{part}")))))
        sentence = "one step along the gradient and the velocity it now has"
    elif used.value == 0.0 and shrunk is None:
        sentence = "the gradient is zero, so it stays where it is"
    if shrunk is not None:
        direction = Sum((*(direction.terms if isinstance(direction, Sum) else (direction,)), shrunk))
    return Difference(before, Product((eta, direction))), sentence + _and_decay(shrunk)


def _and_decay(shrunk: Expr | None) -> str:
    return "" if shrunk is None else "; and weight decay shrinks it a little"


def velocity(ctx: Context, q: Quantity) -> Derivation:
    """v ← β v + g."""
    part, old = PART[q.kind], _ref(ctx, q, _before(q))
    worked = Sum((Product((_setting(ctx, "momentum"), old)), _used(ctx, q, part)))
    sentence = "most of the velocity it had, and the gradient"
    return _derived(ctx, q, f"The velocity of {ctx.owner(q)}", sentence, worked)


def mean(ctx: Context, q: Quantity) -> Derivation:
    """m ← β₁ m + (1 − β₁) g."""
    worked = _blend(ctx, q, "beta1", _used(ctx, q, PART[q.kind]))
    sentence = "a running mean: a little of the new gradient, the rest is what it was"
    return _derived(ctx, q, f"The mean of the gradients of {ctx.owner(q)}", sentence, worked)


def square(ctx: Context, q: Quantity) -> Derivation:
    """v ← β₂ v + (1 − β₂) g², or v + g² in Adagrad."""
    squared = Square(_used(ctx, q, PART[q.kind]))
    name = ctx.frame.update.optimizer
    if name == "adagrad":
        worked: Expr = Sum((_ref(ctx, q, _before(q)), squared))
        sentence = "the squares of all gradients so far: it only grows"
    else:
        worked = _blend(ctx, q, "alpha" if name == "rmsprop" else "beta2", squared)
        sentence = "a running mean of squares: how large the gradients have been of late"
    return _derived(ctx, q, f"The squares of the gradients of {ctx.owner(q)}", sentence, worked)


def corrected(ctx: Context, q: Quantity) -> Derivation:
    """m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ)."""
    stem = q.kind[0]
    beta = _setting(ctx, "beta1" if stem == "m" else "beta2")
    count = ctx.frame.update.age
    below = Difference(Const(1.0), Power(beta, count))
    worked = Quotient(_ref(ctx, q, f"{stem}_{PART[q.kind]}"), below)
    what = "mean" if stem == "m" else "squares"
    return _derived(
        ctx,
        q,
        f"The corrected {what} of the gradients of {ctx.owner(q)}",
        f"made up for having started at zero; this is update t = {count}",
        worked,
    )


def rate(ctx: Context, q: Quantity) -> Derivation:
    """η / (√v + ε)."""
    part = PART[q.kind]
    kind = "v_hat" if ctx.frame.update.optimizer in ("adam", "adamw") else "v"
    below = Sum((Root(_ref(ctx, q, f"{kind}_{part}")), _setting(ctx, "epsilon")))
    sentence = "the learning rate, larger where gradients have been small and smaller where they were large"
    worked = Quotient(ctx.flat("learning_rate"), below)
    return _derived(ctx, q, f"The effective learning rate of {ctx.owner(q)}", sentence, worked)


def kept(ctx: Context, q: Quantity) -> Derivation:
    """A velocity or mean before the step."""
    update = ctx.frame.update
    told = "zero at the start" if update.count == 1 else f"left by update {update.count - 1}"
    what = {"velocity": "velocity", "m": "mean of the gradients", "v": "squares of the gradients"}
    stem = q.kind.split("_before_")[0]
    return ctx.derivation(q, f"The {what[stem]} of {ctx.owner(q)} before the step", told, ())


def _blend(ctx: Context, q: Quantity, key: str, new: Expr) -> Expr:
    """β old + (1 − β) new."""
    beta = _setting(ctx, key)
    return Sum(
        (Product((beta, _ref(ctx, q, _before(q)))), Product((Difference(Const(1.0), beta), new))),
    )


def _derived(ctx: Context, q: Quantity, title: str, sentence: str, worked: Expr) -> Derivation:
    if _deleted(ctx, q):
        return ctx.derivation(q, title, "of a deleted connection, which stays exactly zero", ())
    return ctx.derivation(q, title, sentence, [worked], [worked])


def _used(ctx: Context, q: Quantity, part: str) -> Ref:
    return _ref(ctx, q, chain.gradient_used(ctx.frame, part))


def _setting(ctx: Context, key: str) -> Setting:
    update = ctx.frame.update
    number = update.weight_decay if key == "weight_decay" else update.settings[key]
    return Setting(SYMBOLS[key], float(number))


def _before(q: Quantity) -> str:
    stem, _, part = q.kind.rpartition("_")
    return f"{stem}_before_{part}"


def _at(q: Quantity, kind: str) -> Quantity:
    return Quantity(kind, q.layer, q.index)


def _ref(ctx: Context, q: Quantity, kind: str) -> Ref:
    return ctx.ref(_at(q, kind))


def _titled(ctx: Context, q: Quantity) -> str:
    """The parameter at the start of a title: "The weight w₇", "The bias of output 1,"."""
    if ctx.layer(q.layer or 1).kind == "batch_norm":
        return f"{'γ' if len(q.index) == 2 else 'β'} of {ctx.unit(q.layer or 1, q.index[0])},"
    of_unit = f"The bias of {ctx.unit(q.layer or 1, q.index[0])},"
    return of_unit if len(q.index) == 1 else f"The weight {ctx.symbol(symbols.owner(q))}"


def _deleted(ctx: Context, q: Quantity) -> bool:
    return PART[q.kind] == "W" and not ctx.connected(q.layer or 1, *q.index)


def _telling_digits(before: float, after: float) -> int:
    """Digits enough to see that a small step moved the parameter at all."""
    for digits in range(DIGITS, FULL_DIGITS + 1):
        if show(before, digits).text != show(after, digits).text:
            return digits
    return DIGITS
