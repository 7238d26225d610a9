"""Where the chain rule ends: the nodes that a number has a part in, and how much it moves each of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from deltaglow.engine import LOSSES
from deltaglow.engine.layers import BatchNormShape, Conv1dShape
from deltaglow.explain import chain, symbols
from deltaglow.explain.context import Context
from deltaglow.explain.depths.factors import slope_of
from deltaglow.explain.depths.graph import Y_HAT, Column, Node
from deltaglow.explain.expr import Const, Expr, Ref
from deltaglow.explain.functions import Named
from deltaglow.explain.pieces import Label
from deltaglow.model.beside import SAMPLE_GRADIENTS
from deltaglow.model.quantity import PART, Quantity


@dataclass(frozen=True)
class Arrival:
    """The last step of a chain: node → the number in question. factor is ∂node/∂number, None at the node."""

    node: Node
    factor: Ref | Named | Const | None = None

    @property
    def slope(self) -> float:
        """What the factor is worth."""
        return 1.0 if self.factor is None else self.factor.value


@dataclass(frozen=True)
class End:
    """What a chain leads to. of: the number that is nudged. target: the address of ∂L/∂(number), if it has
    one; gradient its symbol; arrivals: where the number acts; averaged: whether their sum is divided by N;
    added: the penalty's part, which no path brings.
    """

    of: Label
    target: Quantity | None
    gradient: Label
    arrivals: Sequence[Arrival]
    averaged: bool = False
    added: Expr | None = None


def end_of(ctx: Context, q: Quantity) -> End | None:
    """The end of the chain for a quantity; None for those that the loss is not a function of."""
    if q.kind in SAMPLE_GRADIENTS:
        return _of_parameter(ctx, q, SAMPLE_GRADIENTS[q.kind])
    if q.kind in PART:
        return _of_parameter(ctx, q, PART[q.kind])
    k = q.layer or ctx.depth
    match q.kind:
        case "z" | "delta" | "slope":
            return _at_unit(ctx, "delta", ("z", k), q.index[0])
        case "a" | "back":
            return _at_unit(ctx, "back", ("a", k), q.index[0])
        case "y_hat" | "dL_dy_hat" if LOSSES[ctx.frame.architecture.loss.name].softmax:
            return _at_unit(ctx, "dL_dy_hat", Y_HAT, q.index[0])
        case "y_hat" | "shifted" | "exp" | "jacobian":
            return _at_unit(ctx, "back", ("a", ctx.depth), q.index[-1])
        case "x":
            return _beside(ctx, q, [Arrival(Node(("a", 0), q.index[0], ctx.row))])
        case "x_hat":
            node = Node(("z", k), q.index[0], ctx.row)
            return _beside(ctx, q, [Arrival(node, ctx.at("W", k, q.index[0], q.index[0]))])
        case "keep":
            node = Node(("z", k), q.index[0], ctx.row)
            return _beside(ctx, q, [Arrival(node, ctx.before(k, q.index[0]))])
        case "mean" | "var" if ctx.frame.training:
            return _beside(ctx, q, _moment(ctx, q.kind, k, q.index[0]))
    return None


def gradient_at(ctx: Context, node: Node) -> float:
    """∂L/∂(node), the sum over every path to it, as the step computed it."""
    kind, k = node.column
    if node.column == Y_HAT:
        return ctx.value(Quantity("dL_dy_hat", None, (node.unit,), node.row))
    if k == 0:
        return _into_input(ctx, node)
    layer = ctx.layer(k)
    return float((layer.delta if kind == "z" else layer.back)[node.row, node.unit])


def _into_input(ctx: Context, node: Node) -> float:
    """∂L/∂x, which no step needs: the first layer's errors, and those around, times their weights."""
    total = 0.0
    for k, layer in enumerate(ctx.frame.layers, start=1):
        delta, skip = layer.delta[node.row], layer.shape.skip
        if k == 1 and layer.kind == "batch_norm":
            total += _through_moments(ctx, node)
        elif k == 1:
            weights = layer.extra["keep"][node.row] if layer.kind == "dropout" else layer.W[:, node.unit]
            own = weights[node.unit] * delta[node.unit] if layer.kind == "dropout" else weights @ delta
            total += float(own)
        if skip is not None and skip.source == 0:
            block = layer.own(layer.block)
            total += float(block["P"][:, node.unit] @ delta if "P" in block else delta[node.unit])
    return total


def _through_moments(ctx: Context, node: Node) -> float:
    """What comes back through batch normalisation: δ less what it shares with the batch, on γ / √(σ² + ε)."""
    layer, j = ctx.layer(1), node.unit
    assert isinstance(layer.shape, BatchNormShape)
    deltas, own = layer.delta[:, j], float(layer.delta[node.row, j])
    if ctx.frame.training:
        x_hat = layer.extra["x_hat"][:, j]
        own -= float(deltas.mean()) + float(x_hat[node.row]) * float((deltas * x_hat).mean())
    gamma, spread = layer.own(layer.block)["gamma"][j], layer.extra["var"][j] + layer.shape.eps
    return own * float(gamma) / math.sqrt(float(spread))


def _at_unit(ctx: Context, kind: str, column: Column, j: int) -> End:
    layer = column[1] or None
    target = (ctx.flat(kind, j) if layer is None else ctx.at(kind, layer, j)).quantity
    of = Quantity(column[0], layer, (j,), target.sample)
    label = symbols.label(ctx.project, of)
    return End(label, target, symbols.label(ctx.project, target), [Arrival(Node(column, j, ctx.row))])


def _beside(ctx: Context, q: Quantity, arrivals: Sequence[Arrival]) -> End:
    label = symbols.label(ctx.project, q)
    return End(label, None, slope_of(Label("L", "L"), label), arrivals)


def _moment(ctx: Context, kind: str, k: int, j: int) -> list[Arrival]:
    """∂z/∂μ = −γ / √(σ² + ε) and ∂z/∂σ² = −γ x̂ / (2 (σ² + ε)), for every sample of the batch."""
    layer = ctx.layer(k)
    assert isinstance(layer.shape, BatchNormShape)
    gamma, spread = float(layer.own(layer.block)["gamma"][j]), float(layer.extra["var"][j]) + layer.shape.eps
    found = []
    for row in range(ctx.samples):
        if kind == "mean":
            label = Label(r"-\frac{\gamma}{\sqrt{\sigma^{2}+\varepsilon}}", "−γ/√(σ² + ε)")
            slope = -gamma / spread**0.5
        else:
            label = Label(r"-\frac{\gamma\,\hat{x}}{2(\sigma^{2}+\varepsilon)}", "−γ x̂/(2 (σ² + ε))")
            slope = -gamma * float(layer.extra["x_hat"][row, j]) / (2.0 * spread)
        found.append(Arrival(Node(("z", k), j, row), Named(label, slope, wide=3.0)))
    return found


def _of_parameter(ctx: Context, q: Quantity, part: str) -> End | None:
    k, layer = q.layer or 1, ctx.layer(q.layer or 1)
    if layer.kind == "dropout" or (part == "W" and not ctx.connected(k, *q.index)):
        return None
    single = q.kind in SAMPLE_GRADIENTS
    rows = [ctx.row] if single else range(ctx.samples)
    owner = Quantity(part, k, q.index)
    penalised = part != "b" and chain.penalised(ctx.frame, k)
    alone = q.kind == f"d{part}_data"
    target = q if single or alone else Quantity(f"d{part}", k, q.index)
    added = ctx.ref(Quantity(f"d{part}_penalty", k, q.index)) if penalised and not (single or alone) else None
    return End(
        symbols.label(ctx.project, owner),
        target,
        symbols.label(ctx.project, target),
        [arrival for row in rows for arrival in _in_row(ctx, owner, row, single)],
        averaged=not single,
        added=added,
    )


def _in_row(ctx: Context, q: Quantity, row: int, single: bool) -> list[Arrival]:
    """Where a parameter acts on one sample: at one unit, or with a shared one at every stop."""
    k, shown = q.layer or 1, None if single or ctx.samples == 1 else row
    shape = ctx.layer(k).shape
    places = shape.twins(q.index) if isinstance(shape, Conv1dShape) else [q.index]
    return [Arrival(Node(("z", k), place[0], row), _carried(ctx, q, place, shown)) for place in places]


def _carried(ctx: Context, q: Quantity, place: tuple[int, ...], row: int | None) -> Ref | Const:
    """∂z/∂(parameter): what it is multiplied by."""
    k = q.layer or 1
    if q.kind == "b":
        return Const(1.0)
    if q.kind == "P":
        skip = ctx.layer(k).shape.skip
        return ctx.before((0 if skip is None else skip.source) + 1, place[1], row=row)
    if ctx.layer(k).kind == "batch_norm":
        return ctx.at("x_hat", k, place[0], row=row)
    return ctx.before(k, place[1], row=row)
