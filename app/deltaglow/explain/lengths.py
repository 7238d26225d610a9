"""How large a whole gradient is: a layer's, that of all parameters, and what clipping makes of it."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from deltaglow.engine import Frame
from deltaglow.engine.clipping import SOFTENER
from deltaglow.explain import size_symbols
from deltaglow.explain.clipped import by_layer, entries
from deltaglow.explain.context import TERMS, Bar, Context
from deltaglow.explain.expr import Const, Quotient, Ref, Sum, largest
from deltaglow.explain.functions import Min, Named
from deltaglow.explain.numbers import plain
from deltaglow.explain.parts import Derivation
from deltaglow.explain.pieces import Label, coloured
from deltaglow.explain.update_terms import Root, Setting
from deltaglow.model import sizes
from deltaglow.model.quantity import Quantity

_TINY = Setting(Label("10^{-6}", "1e−6"), SOFTENER)
"""What keeps the clipping of a gradient of length 0 from dividing by it, as in PyTorch."""
_SQUARES = Label(r"{\textstyle\sum g^{2}}", "Σg²")


def gradient_norm(ctx: Context, q: Quantity) -> Derivation:
    """‖∂L/∂W‖ of a layer: over every weight once, and no bias."""
    k = q.layer or 1
    title = f"The size of the gradient of layer {k}"
    places = weights(ctx.frame, k)
    if not len(places):
        return ctx.derivation(q, title, "the layer has no weights: 0", ())
    values = ctx.layer(k).dW[tuple(places.T)]
    whose = f"the {len(places):,} gradients" if len(places) > 1 else "the one gradient"
    sentence = f"the root of the sum of the squares of {whose} ∂L/∂w: how far the whole layer is pushed"
    batch = f" Each is averaged over the {ctx.samples} samples first." if ctx.samples > 1 else ""
    why = (
        "It is drawn under the diagram, on a log scale, and along the run in the plot of the gradient norms."
        f"{batch} Where it shrinks from layer to layer towards the input, the gradient vanishes."
    )

    def at(n: int) -> Ref:
        return ctx.ref(Quantity("dW", k, tuple(places[n].tolist())))

    return _of_parts(ctx, q, title, sentence, values, at, why)


def total_norm(ctx: Context, q: Quantity) -> Derivation:
    """‖∇L‖, of all parameters that the clipping sees."""
    title, sentence = "The size of the whole gradient", "the root of the sum of the squares of all gradients"
    told = "Clipping by norm compares it with its limit, so that all parameters are held back alike."
    if not by_layer(ctx.frame):
        found = list(entries(ctx.frame))
        values = np.array([ctx.value(each) for each in found])
        return _of_parts(ctx, q, title, sentence, values, lambda n: ctx.ref(found[n]), told)
    layers = [Quantity(sizes.NORM, k) for k in range(1, ctx.depth + 1) if len(ctx.layer(k).weight_gradient)]
    values = np.array([ctx.value(each) for each in layers])
    others = math.sqrt(math.fsum((np.square(each)).sum() for each in _beside_weights(ctx.frame)))
    sentence += ": the layers' weights one by one, and biases and all else together"
    return _of_parts(ctx, q, title, sentence, values, lambda n: ctx.ref(layers[n]), told, others)


def clip_factor(ctx: Context, q: Quantity) -> Derivation:
    """κ = min(1, limit / (‖∇L‖ + 1e−6))."""
    clip = ctx.frame.update.clip
    assert clip is not None
    ratio = Quotient(Setting(Label("c", "c"), clip.limit), Sum((ctx.flat(sizes.TOTAL), _TINY)))
    worked = Min((Const(1.0), ratio))
    limit = plain(clip.limit).text
    whole = ctx.value(q) == 1.0
    told = f"the gradient is not longer than the limit c = {limit}: it stays as it is"
    if not whole:
        told = f"the gradient is longer than the limit c = {limit}: all of it is scaled down to that length"
    why = "The same for every parameter, so that the direction of the step stays. 1e−6 keeps 0 out of it."
    return ctx.derivation(q, "What the gradient is clipped by", told, [worked], [worked], why=why)


def update_ratio(ctx: Context, q: Quantity) -> Derivation:
    """‖θ⁺ − θ‖ / ‖θ‖."""
    moved = float(np.linalg.norm(sizes.moves(ctx.frame)))
    before = float(np.linalg.norm(ctx.frame.theta))
    title, told = "The update beside the parameters", "how far the step moves all of them, beside their size"
    if not before or not moved:
        return ctx.derivation(q, title, f"{told}: nothing moves" if not moved else told, ())
    above = Named(Label(r"\|\theta^{+} - \theta\|", "‖θ⁺ − θ‖"), moved)
    worked = Quotient(above, Named(Label(r"\|\theta\|", "‖θ‖"), before))
    why = (
        "θ is every weight and bias together, ‖ ‖ the root of the sum of squares. About a thousandth is"
        " usual; far less and the run hardly moves, far more and it jumps. The plot of the update shows it."
    )
    return ctx.derivation(q, title, told, [worked], [worked], why=why)


def weights(frame: Frame, k: int) -> np.ndarray[tuple[int, ...], np.dtype[np.intp]]:
    """(n, 2): where in W each weight of layer k stands, a shared one by its first place; no deleted ones."""
    shape = frame.architecture.layers[k - 1]
    if not shape.weight_rows:
        return np.zeros((0, 2), dtype=np.intp)
    numbered = np.arange(1.0, math.prod(shape.block_shape) + 1.0).reshape(shape.block_shape)
    places = shape.W(numbered) if shape.mask is None else shape.W(numbered) * (shape.mask != 0)
    found, first = np.unique(places, return_index=True)
    return np.stack(np.unravel_index(np.sort(first[found > 0]), places.shape), axis=1)


def _beside_weights(frame: Frame) -> list[np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
    return [trace.block_gradient[trace.shape.weight_rows :] for trace in frame.layers]


def _of_parts(
    ctx: Context,
    q: Quantity,
    title: str,
    sentence: str,
    values: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    at: Callable[[int], Ref],
    why: str,
    others: float | None = None,
) -> Derivation:
    """The root of the squares of these, which are added up beside the formula: the largest one by one, and
    all else as one. others: the length of what is no part.
    """
    squares = np.square(values).tolist()
    refs = {n: at(n) for n in largest(squares, TERMS)[0]}

    def bar(n: int) -> Bar:
        squared = size_symbols.squared(refs[n].label)
        return Label(coloured("delta", squared.latex), squared.text), refs[n].quantity, "delta"

    total = math.fsum(squares) + (others or 0.0) ** 2
    rest: Bar = Label(r"\text{all else}", "all else"), None, "muted"
    last = None if others is None else (rest, others**2)
    group = ctx.sum_group("the squares, added up", total, squares, bar, "delta", last=last)
    worked = Root(Named(_SQUARES, total, 2.6))
    return ctx.derivation(
        q, title, sentence, [worked], [worked], groups=[group], extra=refs.values(), why=why
    )


DERIVERS: dict[str, Callable[[Context, Quantity], Derivation]] = {
    sizes.NORM: gradient_norm,
    sizes.TOTAL: total_norm,
    sizes.FACTOR: clip_factor,
    sizes.RATIO: update_ratio,
}
