"""The whole chain rule from the loss to a number: every path, every factor, and how they add up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from deltaglow.engine import LOSSES
from deltaglow.explain import symbols
from deltaglow.explain.context import Bar, Context
from deltaglow.explain.depths.arrivals import Arrival, End, end_of, gradient_at
from deltaglow.explain.depths.columns import columns
from deltaglow.explain.depths.factors import (
    Chain,
    Link,
    as_slopes,
    as_worth,
    at_row,
    link,
    named,
    node_quantity,
    slope_of,
)
from deltaglow.explain.depths.graph import LOSS, MOST_WORK, Y_HAT, Graph, Node, Path
from deltaglow.explain.expr import Const, Expr, Product, Quotient, Raw, Rest, Sum
from deltaglow.explain.functions import Named
from deltaglow.explain.numbers import plain, reconcile, show
from deltaglow.explain.outputs import pair_of
from deltaglow.explain.outputs.divisor import divisor, divisor_groups
from deltaglow.explain.parts import Derivation, Group, Row
from deltaglow.explain.pieces import Label
from deltaglow.model.quantity import Quantity

SHOWN = 5
"""Paths listed one by one; the others are added up."""
OPENED = 2
"""Paths of which every factor is shown."""
_WRITTEN = 14
"""Factors up to which the whole sum over paths is written out as a formula."""
_COUNTED = 1e6
"""Paths up to which their number is told to the last one."""
_MOST_DIGITS = 6
"""Digits that the arithmetic may need for the fused form to be shown: where ŷ − y cancels it needs more."""
_COLLAPSE = {
    "softmax_cross_entropy": (
        "The 1/ŷ of the loss's slope cancels the ŷ in softmax's, so that over all paths to an output the "
        "first two factors come to its error, ŷ − y."
    ),
    "sigmoid_cross_entropy": (
        "The ŷ (1 − ŷ) under the loss's slope cancels the sigmoid's own, so that the first two factors come "
        "to the output's error, ŷ − y."
    ),
}
"""Losses whose slope the output function's cancels, and how."""


@dataclass(frozen=True)
class Way:
    """A path and the step from its end to the number: `value` is all of it multiplied, `route` its names."""

    links: tuple[Link, ...]
    nodes: tuple[Node, ...]
    value: float
    route: str


def chain_rule(ctx: Context, q: Quantity) -> Derivation:
    """The number's derivative as the sum over all paths from the loss to it, every factor shown."""
    end = end_of(ctx, q)
    if end is None:
        return _none(ctx, q)
    rows = sorted({arrival.node.row for arrival in end.arrivals})
    graph = Graph(ctx.frame, rows, SHOWN)
    total = math.fsum(gradient_at(ctx, a.node) * a.slope for a in end.arrivals)
    if not math.isfinite(total):
        return _beyond(ctx, q, end)
    column = end.arrivals[0].node.column
    if graph.work(column) > MOST_WORK:
        return _written(ctx, q, end, [], math.nan, total)
    ways = _largest(ctx, graph, end)
    count = math.fsum(graph.ways(a.node) for a in end.arrivals if a.slope != 0.0)
    return _written(ctx, q, end, ways, count, total)


def _largest(ctx: Context, graph: Graph, end: End) -> list[Way]:
    """The largest paths, largest first."""
    found = [(graph.largest(a.node) * a.slope, a) for a in end.arrivals]
    sizes = np.abs(np.stack([values for values, _ in found]))
    order = np.argsort(-sizes, axis=None, kind="stable")[:SHOWN]
    ways = []
    for place, n in zip(*np.unravel_index(order, sizes.shape), strict=True):
        if sizes[place, n] != 0.0:
            ways.append(_way(ctx, end, found[place][1], graph.path(found[place][1].node, int(n))))
    return ways


def _way(ctx: Context, end: End, arrival: Arrival, path: Path) -> Way:
    links = [link(ctx, step, end.averaged) for step in path.steps]
    nodes = [step.outer for step in path.steps] + [arrival.node]
    if arrival.factor is not None:
        node = symbols.label(ctx.project, node_quantity(ctx, arrival.node, end.averaged))
        links.append(Link(slope_of(node, end.of), arrival.factor))
    route = [symbols.label(ctx.project, node_quantity(ctx, node, end.averaged)) for node in nodes]
    route += [end.of] if arrival.factor is not None else []
    told = " → ".join(label.text for label in route)
    return Way(tuple(links), tuple(nodes), path.value * arrival.slope, told)


def _written(ctx: Context, q: Quantity, end: End, ways: list[Way], count: float, total: float) -> Derivation:
    rest = total - math.fsum(way.value for way in ways)
    whole = bool(ways) and len(ways) == count
    small = whole and sum(len(way.links) for way in ways) <= _WRITTEN
    averaged = ctx.frame.divisor if end.averaged else 1.0
    number = total / averaged if end.target is None else ctx.value(end.target)
    if small:
        formulas, numerics = _in_full(ctx, end, ways, number)
    else:
        formulas, numerics = _in_short(ctx, end, ways, whole, rest)
    alone = len(ways) == 1 and len(ways[0].links) == 1
    groups = [*([] if alone else _path_groups(ctx, ways)), *_all_paths(ctx, end, ways, rest, count, total)]
    groups += [*(divisor_groups(ctx) if end.averaged and ctx.samples > 1 else ()), *columns(ctx, end)]
    return ctx.derivation(
        end.target or q,
        f"From the loss to {end.of.text}",
        _sentence(ctx, end, ways, count),
        formulas,
        numerics,
        groups=groups,
        extra=[] if alone else [ref for way in ways for each in way.links for ref in each.expr.refs()],
        why=_why(q, end) or (_COLLAPSE[ctx.frame.architecture.loss.name] if len(numerics) > 1 else None),
        note=_weakest(ctx, ways),
        of=None if end.target is not None else (end.gradient, number),
    )


def _in_full(ctx: Context, end: End, ways: list[Way], number: float) -> tuple[list[Expr], list[Expr]]:
    """Every path written out: as slopes, as what they are worth, and with the output's error fused."""
    if len(ways) == 1 and len(ways[0].links) == 1:
        only = ways[0].links[0]
        worked = _over(ctx, end, [only.opened or only.expr])
        return [worked], [worked]
    slopes = _over(ctx, end, [as_slopes(way.links) for way in ways])
    worked = _over(ctx, end, [as_worth(way.links) for way in ways])
    fused = _fused(ctx, end, ways)
    if fused is None or reconcile(number, [worked.evaluate, fused.evaluate]).digits > _MOST_DIGITS:
        return [slopes, worked], [worked]
    return [slopes, worked, fused], [worked, fused]


def _fused(ctx: Context, end: End, ways: list[Way]) -> Expr | None:
    """With cross-entropy all paths to one logit begin with what is ŷ − y together: each of its tails once."""
    if ctx.frame.architecture.loss.name not in _COLLAPSE or any(
        len(way.nodes) < 3 or way.nodes[1].column != Y_HAT for way in ways
    ):
        return None
    tails = {way.nodes[2:]: way for way in ways}
    terms = []
    for nodes, way in tails.items():
        there = at_row(ctx, nodes[0].row, end.averaged)
        gap, after = pair_of(ctx.frame).gap(there, nodes[0].unit), [each.expr for each in way.links[2:]]
        terms.append(Chain((gap, *after)) if after else gap)
    return _over(ctx, end, terms)


def _in_short(
    ctx: Context, end: End, ways: list[Way], whole: bool, rest: float
) -> tuple[list[Expr], list[Expr]]:
    """Where the sum over paths is too long to be written out: each by a name, and the others together."""
    if not ways:
        return [], []
    terms: list[Expr] = [Named(_path_label(n), way.value) for n, way in enumerate(ways)]
    terms += [] if whole else [Rest(rest, 0)]
    return _general(ctx, end, ways, whole), [_over(ctx, end, terms)]


def _over(ctx: Context, end: End, terms: Sequence[Expr]) -> Expr:
    """The terms added up, averaged where the number is a mean, with the penalty's part."""
    worked: Expr = terms[0] if len(terms) == 1 else Sum(tuple(terms))
    if end.averaged and ctx.frame.divisor != 1.0:
        worked = Product((Quotient(Const(1.0), divisor(ctx.frame)), worked))
    return worked if end.added is None else Sum((worked, end.added))


def _general(ctx: Context, end: End, ways: list[Way], whole: bool) -> list[Expr]:
    """As a product of matrices, and path by path."""
    letters: list[Expr] = [Raw(_path_label(n), 0.9) for n in range(len(ways))]
    more: list[Expr] = [] if whole else [Raw(Label(r"\cdots", "⋯"), 1.0)]
    return [*_matrices(ctx, end, ways[0]), _over(ctx, end, [*letters, *more])]


def _matrices(ctx: Context, end: End, way: Way) -> list[Expr]:
    """∂L/∂w = ∂L/∂ŷ · ∂ŷ/∂z⁽³⁾ · …, each slope a matrix, where there is one way through the layers only."""
    if (end.averaged and ctx.samples > 1) or any(layer.shape.skip is not None for layer in ctx.frame.layers):
        return []
    letters = [_letter(node) for node in way.nodes]
    letters += [end.of] if len(way.links) == len(way.nodes) else []
    slopes = tuple(named(slope_of(above, below)) for above, below in pairwise(letters))
    return [_over(ctx, end, [Chain(slopes)])]


def _letter(node: Node) -> Label:
    """A whole column: L, ŷ, z⁽²⁾."""
    kind, k = node.column
    if node.column == LOSS:
        return Label("L", "L")
    if node.column == Y_HAT:
        return Label(r"\hat{y}", "ŷ")
    return Label(f"{kind}^{{({k})}}", f"{kind}⁽{symbols.superscript(k)}⁾") if k else Label("x", "x")


def _path_label(n: int) -> Label:
    return Label(f"p_{{{n + 1}}}", f"p{symbols.subscript(n + 1)}")


def _sentence(ctx: Context, end: End, ways: list[Way], count: float) -> str:
    rule = "the slopes along a path multiply, and the paths add up"
    if math.isnan(count):
        return f"{rule}; there are too many here to search, so they are taken layer by layer"
    if not ways:
        return f"{rule}: here every path has a factor of 0 in it, and nothing arrives"
    only = _only_output(ctx, ways) if count <= len(ways) else ""
    if count == 1:
        return f"the slopes along the way multiply; there is one path only{only}"
    told = f"{count:,.0f} paths" if count < _COUNTED else f"about {show(count, 3).text} paths"
    of_batch = f", through all {ctx.samples} samples of the batch" if end.averaged and ctx.samples > 1 else ""
    shown = "" if count <= len(ways) else f"; the {len(ways)} largest are listed, the others added up"
    return f"{rule}: {told} lead from the loss to {end.of.text}{of_batch}{shown}{only}"


def _only_output(ctx: Context, ways: list[Way]) -> str:
    """Said where every path goes by one of several outputs."""
    first = {way.nodes[1] for way in ways if len(way.nodes) > 2 and way.nodes[1].column == Y_HAT}
    if len(first) != 1 or ctx.width(ctx.depth) == 1 or not LOSSES[ctx.frame.architecture.loss.name].softmax:
        return ""
    said = symbols.text(ctx.project, node_quantity(ctx, first.pop(), named=False))
    return f", by way of {said}, the only output that the loss looks at here"


def _why(q: Quantity, end: End) -> str | None:
    if q.kind == "x":
        return "No step needs this slope, since inputs are not learnt; it says what the network looks at."
    if end.target is not None and q.kind.endswith("_after"):
        return (
            "The chain rule ends at the gradient. What the optimiser makes of it is arithmetic: see Numbers."
        )
    return None


def _weakest(ctx: Context, ways: list[Way]) -> str | None:
    """Which factor of the largest path lets the least through, on the way from the loss to the unit; not the
    output function's, where the loss's makes up for it.
    """
    if not ways:
        return None
    beside = ("", "loss", "output" if ctx.frame.architecture.loss.name in _COLLAPSE else "")
    factors = [each for each in ways[0].links if each.value != 0.0 and each.way not in beside]
    least = min(factors, key=lambda each: abs(each.value), default=None)
    if least is None or abs(least.value) >= 1.0:
        return None
    return (
        f"Of the largest path's factors, {least.expr_label.text} = {show(least.value).text} lets the least"
        " through: factors below 1 multiply, which is how gradients vanish on the way back."
    )


def _path_groups(ctx: Context, ways: list[Way]) -> list[Group]:
    """Every factor of the largest paths as a bar, and their product."""
    return [_path_group(ctx, way, n if len(ways) > 1 else None) for n, way in enumerate(ways[:OPENED])]


def _path_group(ctx: Context, way: Way, n: int | None) -> Group:
    chained = as_worth(way.links)
    found = reconcile(way.value, [chained.evaluate], coarseness=ctx.coarseness)
    rows = [
        Row(
            each.named.latex, each.named.text, each.quantity, each.value,
            each.printed(found.digits), each.role,
        )
        for each in way.links
    ]  # fmt: skip
    rank = "the largest path" if n == 0 else "the next"
    name = "the path" if n is None else f"{_path_label(n).text}, {rank}"
    return Group(name, way.value, found.result.text, "delta", tuple(rows), way.route, multiplies=True)


def _all_paths(
    ctx: Context, end: End, ways: list[Way], rest: float, count: float, total: float
) -> list[Group]:
    """All paths as bars that add up to the whole."""
    if count == 1 or not ways:
        return []
    bars = [*ways, None] if count > len(ways) else [*ways]
    values = [rest if way is None else way.value for way in bars]

    def bar(n: int) -> Bar:
        way = bars[n]
        if way is None:
            others = count - len(ways)
            told = f"{others:,.0f}" if others < _COUNTED else plain(float(f"{others:.2e}")).text
            return Label(rf"\text{{{told} more}}", f"{told} more"), None, "muted"
        return _path_label(n), node_quantity(ctx, way.nodes[-1], end.averaged), "delta"

    return [ctx.sum_group("all paths together", total, values, bar, "delta")]


def _beyond(ctx: Context, q: Quantity, end: End) -> Derivation:
    """For a slope that no float holds."""
    told = "this slope is beyond the largest float, since ŷ is almost 0; times softmax's slope it is ŷ − y"
    return ctx.derivation(end.target or q, f"From the loss to {end.of.text}", told, ())


def _none(ctx: Context, q: Quantity) -> Derivation:
    """For numbers that no path leads to."""
    words = {
        "loss": "here every chain begins: ∂L/∂L = 1. The first steps back from it are the slopes of the loss",
        "data_loss": "a part of the loss: ∂L/∂D = 1, and every chain of the data goes through it",
        "penalty": (
            "a part of the loss: ∂L/∂R = 1. It is made of the weights alone, no path through the network"
            " leads to it"
        ),
        "loss_after": "the loss once the step is taken: the chain rule gave the direction of that step",
        "exp_sum": "softmax's sum is inside ŷ: its part in the chain is in softmax's slopes ∂ŷ/∂z",
        "learning_rate": "the loss of this step does not depend on η: it says what is done with the gradient",
        "y": "the target is given, not learnt: the loss is compared with it, and no error travels to it",
        "gradient_norm": (
            "a measure of gradients that are known: each of them is at the end of a chain of its own, and no"
            " path leads on to their size"
        ),
        "total_norm": "a measure of the gradient, at the end of all chains: the loss does not depend on it",
        "clip_factor": "made of the gradient, at the end of all chains: the loss does not depend on it",
        "update_ratio": "a measure of the step that the chain rule gave the direction of",
        "mean": "in evaluation the running mean is fixed, and nothing travels back to it",
        "var": "in evaluation the running variance is fixed, and nothing travels back to it",
    }
    told = words.get(q.kind, "no path leads here: it has no part in the loss, so its slope is exactly 0")
    title = f"From the loss to {symbols.text(ctx.project, q)}"
    return ctx.derivation(q, title, told, ())
