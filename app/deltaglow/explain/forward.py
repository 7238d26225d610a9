"""The forward pass: a unit's sum z, its activation a, and the slope of its activation function there."""

from collections.abc import Sequence
from dataclasses import replace

from deltaglow.engine import ACTIVATIONS
from deltaglow.explain import routes, special, symbols
from deltaglow.explain.activations import Part, portrait, slope_reads, slope_share
from deltaglow.explain.context import TERMS, Bar, Context, bar_label, sign_role, worked_lines
from deltaglow.explain.expr import Const, Expr, Product, Raw, Ref, Sum, elide
from deltaglow.explain.functions import Call
from deltaglow.explain.numbers import show
from deltaglow.explain.output_words import output_words
from deltaglow.explain.parts import Derivation, Group
from deltaglow.explain.pieces import SYMBOLS, Label, join_latex, join_text, total_width, width_of
from deltaglow.model.quantity import Quantity


def z(ctx: Context, q: Quantity) -> Derivation:
    """Pre-activation: z = Σᵢ wᵢ aᵢ + b."""
    k, j = q.layer or 1, q.index[0]
    if ctx.layer(k).shape.one_to_one:
        return special.z(ctx, q)
    around = routes.around(ctx, k, j)
    connected = [i for i in range(ctx.width(k - 1)) if ctx.connected(k, j, i)]
    products = (ctx.layer(k).W[j] * ctx.said(k - 1))[connected].tolist()
    products += [way.value for way in around]
    bias = ctx.at("b", k, j)

    def factors(n: int) -> tuple[Ref, Ref]:
        return ctx.at("W", k, j, connected[n]), ctx.before(k, connected[n])

    def term(n: int) -> Expr:
        return Product(factors(n)) if n < len(connected) else around[n - len(connected)].term()

    def product_bar(n: int) -> Bar:
        if n >= len(connected):
            return around[n - len(connected)].bar()
        w, a = factors(n)
        return bar_label(w, a), w.quantity, sign_role(products[n])

    terms = elide(products, TERMS, term)
    total: Expr = Sum((*terms, bias)) if terms else bias
    formulas: list[Expr] = [total]
    if len(products) > TERMS and len(connected) == ctx.width(k - 1) and not around:
        formulas.insert(0, _sigma(ctx, k, j, bias))
    offset = (bar_label(bias), bias.quantity, bias.role)
    arrives = ctx.sum_group(
        "what arrives", ctx.value(q), products, product_bar, "forward", last=(offset, bias.value)
    )
    source = "every input" if k == 1 else "what each unit before says"
    deleted = ctx.width(k - 1) - len(connected)
    return ctx.derivation(
        q,
        f"The pre-activation of {ctx.unit(k, j)}",
        f"{source}, times its weight, added up, plus the bias{_and_around(ctx, k)}",
        formulas,
        [total],
        groups=[arrives],
        note=_left_out(ctx, k, deleted),
    )


def _and_around(ctx: Context, k: int) -> str:
    skip = ctx.layer(k).shape.skip
    if skip is None:
        return ""
    return f", and what comes around from {'the input' if skip.source == 0 else f'layer {skip.source}'}"


def _left_out(ctx: Context, k: int, absent: int) -> str | None:
    if ctx.layer(k).kind == "conv1d":
        return "A convolution: every position has these same weights, and looks at a few units only."
    return f"Left out: {_count(absent, 'deleted connection')}." if absent else None


def a(ctx: Context, q: Quantity) -> Derivation:
    """Activation: a = φ(z)."""
    k, j = q.layer or 1, q.index[0]
    inside = ctx.at("z", k, j)
    activation, name = ctx.activation(k), symbols.function(ctx.project, k)
    shown = portrait(activation, inside, ctx.at("a", k, j))
    formulas: list[Expr] = [shown.value]
    if shown.definition is not None:
        formulas.insert(0, shown.definition)
    if activation not in _WRITTEN_OUT:
        formulas.insert(0, Call(name, float, inside))
    output = "" if k < ctx.depth else f", {output_words(ctx.frame.architecture.loss).logit}"
    return ctx.derivation(
        q,
        f"The activation of {ctx.unit(k, j)}",
        shown.words + output,
        formulas,
        [shown.value],
        groups=_part_groups(shown.value_parts),
        note=shown.about,
    )


_WRITTEN_OUT = ("identity", "tanh")
"""Functions whose name is the formula."""


def slope(ctx: Context, q: Quantity) -> Derivation:
    """Slope of the activation function at z: φ′(z)."""
    k, j = q.layer or 1, q.index[0]
    title = f"How much {ctx.unit(k, j)} listens"
    sentence = "how much its activation changes when its sum changes a little"
    activation = ctx.activation(k)
    if activation == "identity":
        return ctx.derivation(q, title, f"{sentence}: for the identity, by just as much", [Const(1.0)])
    inside, number = ctx.at("z", k, j), ctx.value(q)
    shown = portrait(activation, inside, ctx.at("a", k, j))
    formula = shown.slope if shown.side is None else _on_a_side(shown.slope or Const(number), shown.side)
    assert formula is not None
    if inside.value in ACTIVATIONS[activation].corners:
        note: str | None = _CORNER
    else:
        note = flat(ctx, k, j) or slope_share(activation, number)
    return ctx.derivation(
        q,
        title,
        sentence,
        [formula],
        [] if shown.slope is None else [shown.slope],
        groups=_part_groups(shown.slope_parts),
        extra=[inside] if slope_reads(activation) == "z" else [],
        note=note,
    )


_CORNER = "z lies exactly on a corner, where no slope exists; the one used is PyTorch's."


def slope_formula(ctx: Context, k: int, j: int) -> Expr | None:
    """φ′ with z and a written without indices; None for functions made of straight lines."""
    said, inside = ctx.at("a", k, j), ctx.at("z", k, j)
    said, inside = replace(said, label=Label("a", "a")), replace(inside, label=Label("z", "z"))
    return portrait(ctx.activation(k), inside, said).slope


def flat(ctx: Context, k: int, j: int) -> str | None:
    """A remark where the unit lets nothing through, and None where it does."""
    if ctx.at("slope", k, j).value != 0.0:
        return None
    activation = ctx.activation(k)
    if activation == "hard_tanh":
        return "Its z is not between −1 and 1: beyond them hard tanh is flat, and no error passes."
    if activation != "relu":
        return "The unit is saturated: its function is flat here to the last digit, and no error passes."
    remark = "Its z is not above 0, where ReLU is flat: no error passes, and the unit learns nothing from it."
    if ctx.samples > 1 and not (ctx.layer(k).z[:, j] > 0.0).any():
        remark += (
            f" So it is for all {ctx.samples} samples of this batch: a unit for which it stays so is dead, "
            "its weights never change again."
        )
    return remark


def _part_groups(parts: Sequence[Part]) -> list[Group]:
    """The numbers on the way, each with the formula it comes from."""
    groups = []
    for part in parts:
        label, number = part.named.label, part.named.value
        worked = worked_lines(label, [part.formula], number)
        groups.append(Group(label.text, number, show(number).text, "forward", formula=worked))
    return groups


def _on_a_side(formula: Expr, side: Label) -> Expr:
    """The formula that holds on one side of a corner, with the side that z lies on."""
    pieces = formula.pieces(SYMBOLS, leading=True)
    latex = rf"{join_latex(pieces)} \quad ({side.latex})"
    width = total_width(pieces) + 2.0 + width_of(side.text)
    return Raw(Label(latex, f"{join_text(pieces)}, because {side.text}"), width)


def _sigma(ctx: Context, k: int, j: int, bias: Ref) -> Expr:
    """The long sum in short: Σᵢ w aᵢ + b."""
    what = "x_{i}" if k == 1 else f"a^{{({k - 1})}}_{{i}}"
    what_text = "xᵢ" if k == 1 else f"a⁽{symbols.superscript(k - 1)}⁾ᵢ"
    weight = rf"w^{{({k})}}_{{{j + 1},i}}"
    latex = rf"\sum_{{i=1}}^{{{ctx.width(k - 1)}}} {weight}\, {what} + {bias.label.latex}"
    return Raw(
        Label(
            latex,
            f"Σᵢ w⁽{symbols.superscript(k)}⁾{symbols.subscript(j + 1)}ᵢ {what_text} + {bias.label.text}",
        ),
        9.0,
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
