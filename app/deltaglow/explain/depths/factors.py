"""A slope of the chain rule as a factor: ∂z⁽²⁾₁/∂a⁽¹⁾₁, which is w₇, which is 0.300."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from deltaglow.explain import symbols
from deltaglow.explain.context import Context, sign_role
from deltaglow.explain.depths.graph import LOSS, Y_HAT, Node, Step
from deltaglow.explain.expr import Const, Product, Ref, factor
from deltaglow.explain.functions import Named
from deltaglow.explain.numbers import plain, show
from deltaglow.explain.pieces import SYMBOLS, Label, Mode, Piece, join_latex, join_text, width_of
from deltaglow.model.quantity import Quantity


@dataclass(frozen=True)
class Link:
    """One factor: the slope it is, and what that slope is worth. quantity: where it leads, if anywhere."""

    slope: Label
    expr: Ref | Named | Const
    leads: Quantity | None = None

    @property
    def value(self) -> float:
        """What it is worth."""
        return self.expr.value

    @property
    def quantity(self) -> Quantity | None:
        """The address of its number, or of what it is made of."""
        return self.expr.quantity if isinstance(self.expr, Ref) else self.leads

    @property
    def role(self) -> str:
        """The colour token."""
        return self.expr.role if isinstance(self.expr, Ref) else sign_role(self.value)

    @property
    def expr_label(self) -> Label:
        """The symbol of what it is worth: w₇, σ′(z⁽¹⁾₁)."""
        pieces = self.expr.pieces(SYMBOLS)
        return Label(join_latex(pieces), join_text(pieces))

    @property
    def named(self) -> Label:
        """Its name on a bar: the number's own symbol, or the slope where that is a plain 1."""
        return self.slope if isinstance(self.expr, Const) else self.expr_label

    def printed(self, digits: int) -> str:
        """The number with so many digits."""
        if isinstance(self.expr, Ref):
            return self.expr.shown(digits).text
        return plain(self.value, 17).text if isinstance(self.expr, Const) else show(self.value, digits).text


class Chain(Product):
    """The factors of a path multiplied, where a line may end before a dot; with `slopes` as these symbols."""

    def __init__(self, links: Sequence[Link], slopes: Sequence[Label] = ()) -> None:
        super().__init__(tuple(link.expr for link in links))
        object.__setattr__(self, "_slopes", tuple(slopes))

    def pieces(self, mode: Mode, leading: bool = False) -> list[Piece]:
        slopes: tuple[Label, ...] = self._slopes  # type: ignore[attr-defined]
        named = [[Piece(each.latex, each.text, 0.6 * width_of(each.text))] for each in slopes]
        out: list[Piece] = []
        for place, parts in enumerate(named or self._numbered(mode, leading)):
            dot = [Piece(r" \cdot ", "·", 0.55, breakable=True)] if place else []
            out += [*dot, *(replace(part, breakable=False) for part in parts)]
        return out

    def _numbered(self, mode: Mode, leading: bool) -> list[list[Piece]]:
        return [factor(each, mode, leading=leading and not n) for n, each in enumerate(self.factors)]


def slope_of(above: Label, below: Label) -> Label:
    """∂above/∂below."""
    return Label(
        rf"\frac{{\partial {above.latex}}}{{\partial {below.latex}}}", f"∂{above.text}/∂{below.text}"
    )


def node_quantity(ctx: Context, node: Node, named: bool) -> Quantity:
    """The address of a node; `named`: the row is told, since nodes of several are spoken of."""
    row = node.row if ctx.samples > 1 and (named or node.row != ctx.row) else None
    kind, k = node.column
    if node.column == LOSS:
        return Quantity("loss", sample=row)
    if node.column == Y_HAT:
        return ctx.flat("y_hat", node.unit, row=row).quantity
    if k == 0:
        return ctx.flat("x", node.unit, row=row).quantity
    return ctx.at(kind, k, node.unit, row=row).quantity


def link(ctx: Context, step: Step, named: bool) -> Link:
    """A step of a path as a factor."""
    outer, inner = (
        symbols.label(ctx.project, node_quantity(ctx, n, named)) for n in (step.outer, step.inner)
    )
    slope, found = slope_of(outer, inner), _worth(ctx, step, named)
    return (
        Link(slope, found)
        if isinstance(found, Ref | Const)
        else Link(slope, found, _made_of(ctx, step, named))
    )


def _made_of(ctx: Context, step: Step, named: bool) -> Quantity:
    """Where a slope without an address of its own leads: to what it is made of."""
    if step.way == "loss":
        return node_quantity(ctx, step.inner, named)
    return node_quantity(ctx, step.outer, named)


def _worth(ctx: Context, step: Step, named: bool) -> Ref | Named | Const:
    k, j, row = step.outer.column[1], step.inner.unit, step.inner.row
    shown = row if ctx.samples > 1 and (named or row != ctx.row) else None
    softmax = ctx.frame.architecture.loss.name.startswith("softmax")
    match step.way:
        case "loss" if step.inner.column == Y_HAT and softmax:
            return ctx.flat("dL_dy_hat", j, row=shown)
        case "loss" if step.inner.column == Y_HAT:
            latex, text = r"\frac{\hat{y}-y}{\hat{y}(1-\hat{y})}", "(ŷ − y)/(ŷ (1 − ŷ))"
            return Named(Label(latex, text), step.value, wide=2.4)
        case "loss":
            return ctx.at("back", step.inner.column[1], j, row=shown)
        case "output" if softmax:
            return ctx.flat("jacobian", step.outer.unit, j, row=shown)
        case "output":
            return Named(Label(r"\hat{y}(1-\hat{y})", "ŷ (1 − ŷ)"), step.value, wide=3.2)
        case "slope":
            return ctx.at("slope", k, j, row=shown)
        case "around":
            own = ctx.layer(k).own(ctx.layer(k).block)
            return ctx.at("P", k, step.outer.unit, j) if "P" in own else Const(1.0)
    return _through_next(ctx, step, shown)


def _through_next(ctx: Context, step: Step, row: int | None) -> Ref | Named | Const:
    k, j = step.outer.column[1], step.inner.unit
    match ctx.layer(k).kind:
        case "dropout":
            return ctx.at("keep", k, j, row=row)
        case "batch_norm":
            label = Label(r"\frac{\gamma}{\sqrt{\sigma^{2}+\varepsilon}}", "γ/√(σ² + ε)")
            if ctx.frame.training:
                label = Label(r"\text{through }\mu,\sigma", "through μ, σ")
            return Named(label, step.value, wide=4.0)
    return ctx.at("W", k, step.outer.unit, j)
