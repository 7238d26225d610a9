"""The update: a parameter after the step."""

from deltaglow.explain.context import Context
from deltaglow.explain.expr import Difference, Product
from deltaglow.explain.numbers import DIGITS, FULL_DIGITS, show
from deltaglow.explain.parts import Derivation
from deltaglow.model.quantity import Quantity


def weight(ctx: Context, q: Quantity) -> Derivation:
    """w − η ∂L/∂w."""
    k, (j, i) = q.layer or 1, q.index
    title = f"The weight {ctx.symbol(Quantity('W', k, (j, i)))} after the step"
    if not ctx.connected(k, j, i):
        return ctx.derivation(q, title, "a deleted connection: stays exactly zero", ())
    return _descent(ctx, q, title, "W", "dW")


def bias(ctx: Context, q: Quantity) -> Derivation:
    """b − η ∂L/∂b."""
    title = f"The bias of {ctx.unit(q.layer or 1, q.index[0])}, after the step"
    return _descent(ctx, q, title, "b", "db")


def _descent(ctx: Context, q: Quantity, title: str, kind: str, gradient: str) -> Derivation:
    before = ctx.at(kind, q.layer or 1, *q.index)
    slope = ctx.at(gradient, q.layer or 1, *q.index)
    worked = Difference(before, Product((ctx.flat("learning_rate"), slope)))
    sentence = "one step against the gradient, scaled by the learning rate"
    if slope.value == 0.0:
        sentence = "the gradient is zero, so it stays where it is"
    digits = _telling_digits(before.value, ctx.value(q))
    return ctx.derivation(q, title, sentence, [worked], [worked], digits=digits)


def _telling_digits(before: float, after: float) -> int:
    """Digits enough to see that a small step moved the parameter at all."""
    for digits in range(DIGITS, FULL_DIGITS + 1):
        if show(before, digits).text != show(after, digits).text:
            return digits
    return DIGITS
