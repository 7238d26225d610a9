"""A slope of the chain rule as a factor: ∂z⁽²⁾₁/∂a⁽¹⁾₁, which is w₇, which is 0.300."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from deltaglow.engine import LOSSES
from deltaglow.explain import symbols
from deltaglow.explain.context import Context, sign_role
from deltaglow.explain.depths.graph import LOSS, Y_HAT, Node, Step
from deltaglow.explain.expr import Const, Expr, Product, Raw, Ref, factor
from deltaglow.explain.functions import Named
from deltaglow.explain.numbers import plain, show
from deltaglow.explain.outputs import pair_of
from deltaglow.explain.outputs.apart import jacobian_formula, loss_slope_formula
from deltaglow.explain.pieces import SYMBOLS, Label, Mode, Piece, join_latex, join_text, width_of
from deltaglow.model.quantity import Quantity


@dataclass(frozen=True)
class Link:
    """One factor: the slope it is, and what that slope is worth. leads: where it leads, if anywhere.

    opened: what it is made of, where that says more than its symbol. way: as of the `Step` that it is.
    """

    slope: Label
    expr: Ref | Named | Const
    leads: Quantity | None = None
    opened: Expr | None = None
    way: str = ""

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


@dataclass(frozen=True)
class Chain(Product):
    """The factors of a path multiplied, where a line may end before a dot.

    spelled: what stands for them where symbols are asked for, if not they themselves.
    """

    spelled: tuple[Expr, ...] = ()

    def pieces(self, mode: Mode, leading: bool = False) -> list[Piece]:
        out: list[Piece] = []
        for place, each in enumerate(self.factors if mode.numeric else self.spelled or self.factors):
            dot = [Piece(r" \cdot ", "·", 0.55, breakable=True)] if place else []
            parts = factor(each, mode, leading=leading and not place)
            out += [*dot, *(replace(part, breakable=False) for part in parts)]
        return out


def as_slopes(links: Sequence[Link]) -> Chain:
    """∂L/∂ŷ₁·∂ŷ₁/∂z⁽²⁾₁: the path in the notation of the chain rule."""
    return _chain(links, [named(link.slope) for link in links])


def as_worth(links: Sequence[Link]) -> Chain:
    """(−y₁/ŷ₁)·ŷ₁ (1 − ŷ₁): each slope as what it is made of; in numbers as what it is worth."""
    return _chain(links, [link.opened or link.expr for link in links])


def _chain(links: Sequence[Link], spelled: Sequence[Expr]) -> Chain:
    return Chain(tuple(link.expr for link in links), tuple(spelled))


def named(slope: Label) -> Expr:
    """A slope as a symbol."""
    return Raw(slope, 0.6 * width_of(slope.text))


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
    leads = None if isinstance(found, Ref | Const) else _made_of(ctx, step, named)
    return Link(slope, found, leads, _opened(at_row(ctx, step.inner.row, named), step), step.way)


def at_row(ctx: Context, row: int, named: bool) -> Context:
    """The context of another row of the batch; `named`: its addresses tell the row."""
    shown = ctx.samples > 1 and (named or row != ctx.row)
    return replace(ctx, row=row, mark=row if shown else ctx.mark)


def _opened(ctx: Context, step: Step) -> Expr | None:
    """What a slope between the loss and the logits is made of; the others' symbols say it."""
    j, softmax = step.inner.unit, LOSSES[ctx.frame.architecture.loss.name].softmax
    if step.way == "loss" and step.inner.column != Y_HAT:
        return pair_of(ctx.frame).gap(ctx, j)
    if step.way == "loss":
        return loss_slope_formula(ctx, j) if softmax else None
    return jacobian_formula(ctx, step.outer.unit, j) if step.way == "output" and softmax else None


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
