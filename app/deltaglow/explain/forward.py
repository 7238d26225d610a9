"""The forward pass: a unit's sum z, its activation a, and the slope of its activation function there."""

import math
from dataclasses import replace

from deltaglow.explain import symbols
from deltaglow.explain.context import TERMS, Bar, Context, bar_label, sign_role
from deltaglow.explain.expr import Const, Difference, Expr, Negation, Product, Quotient, Raw, Ref, Sum, elide
from deltaglow.explain.functions import Call, Exp, Max, Square
from deltaglow.explain.parts import Derivation
from deltaglow.explain.pieces import Label
from deltaglow.model.quantity import Quantity


def z(ctx: Context, q: Quantity) -> Derivation:
    """Pre-activation: z = Σᵢ wᵢ aᵢ + b."""
    k, j = q.layer or 1, q.index[0]
    connected = [i for i in range(ctx.width(k - 1)) if ctx.connected(k, j, i)]
    products = (ctx.layer(k).W[j] * ctx.said(k - 1))[connected].tolist()
    bias = ctx.at("b", k, j)

    def factors(n: int) -> tuple[Ref, Ref]:
        return ctx.at("W", k, j, connected[n]), ctx.before(k, connected[n])

    def product_bar(n: int) -> Bar:
        w, a = factors(n)
        return bar_label(w, a), w.quantity, sign_role(products[n])

    terms = elide(products, TERMS, lambda n: Product(factors(n)))
    total: Expr = Sum((*terms, bias)) if terms else bias
    formulas: list[Expr] = [total]
    if len(products) > TERMS:
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
        f"{source}, times its weight, added up, plus the bias",
        formulas,
        [total],
        groups=[arrives],
        note=f"Left out: {_count(deleted, 'deleted connection')}." if deleted else None,
    )


def a(ctx: Context, q: Quantity) -> Derivation:
    """Activation: a = φ(z)."""
    k, j = q.layer or 1, q.index[0]
    inside = ctx.at("z", k, j)
    name = symbols.function(ctx.project, k)
    worked = _worked(ctx.activation(k), inside)
    formulas: list[Expr] = [worked]
    if ctx.activation(k) != "identity":
        formulas.insert(0, Call(name, float, inside))
    output = "" if k < ctx.depth else ", which softmax takes as its logit"
    return ctx.derivation(
        q,
        f"The activation of {ctx.unit(k, j)}",
        _ACTIVATION_WORDS[ctx.activation(k)] + output,
        formulas if ctx.activation(k) != "tanh" else [worked],
        [worked],
    )


def slope(ctx: Context, q: Quantity) -> Derivation:
    """Slope of the activation function at z: φ′(z)."""
    k, j = q.layer or 1, q.index[0]
    title = f"How much {ctx.unit(k, j)} listens"
    sentence = "how much its activation changes when its sum changes a little"
    activation = ctx.activation(k)
    formula = slope_formula(ctx, k, j)
    if formula is not None:
        return ctx.derivation(
            q, title, sentence, [formula], [formula], note=slope_share(activation, ctx.value(q))
        )
    if activation == "identity":
        return ctx.derivation(q, title, f"{sentence}: for the identity, by just as much", [Const(1.0)])
    inside = ctx.at("z", k, j)
    note = None
    if inside.value == 0.0:
        note = (
            "z lies exactly on the corner, where no slope exists; the one to the left is used, as in PyTorch."
        )
    return ctx.derivation(q, title, sentence, [_side(ctx.value(q), inside)], extra=[inside], note=note)


def slope_formula(ctx: Context, k: int, j: int, bare: bool = False) -> Expr | None:
    """φ′ in terms of a for the smooth activations, else None; with `bare`, a is written without indices."""
    activation = ctx.activation(k)
    said = ctx.at("a", k, j)
    if bare:
        said = replace(said, label=Label("a", "a"))
    if activation == "sigmoid":
        return Product((said, Difference(Const(1.0), said)))
    return Difference(Const(1.0), Square(said)) if activation == "tanh" else None


def slope_share(activation: str, slope: float) -> str | None:
    """How near the steepest place of the function this is, in words; None where that says nothing."""
    most = {"sigmoid": 0.25, "tanh": 1.0}.get(activation)
    if most is None:
        return None
    share = 100.0 * slope / most
    shown = f"{share:.0f} %" if share >= 1.0 else "less than 1 %"
    return f"{shown} of the most a {activation} can pass ({most:g})."


_ACTIVATION_WORDS = {
    "identity": "the identity passes the sum on as it is",
    "sigmoid": "the sigmoid squeezes the sum between 0 and 1",
    "tanh": "tanh squeezes the sum between −1 and 1",
    "relu": "ReLU keeps a positive sum and cuts a negative one to 0",
    "leaky_relu": "leaky ReLU keeps a positive sum and lets a hundredth of a negative one through",
}


def _worked(activation: str, inside: Ref) -> Expr:
    """φ(z) written out, for every activation function."""
    match activation:
        case "sigmoid":
            return Quotient(Const(1.0), Sum((Const(1.0), Exp(Negation(inside)))))
        case "tanh":
            return Call(Label(r"\tanh", "tanh"), math.tanh, inside)
        case "relu":
            return Max((Const(0.0), inside))
        case "leaky_relu":
            return Max((inside, Product((Const(0.01), inside))))
        case _:
            return inside


def _side(slope: float, inside: Ref) -> Expr:
    """The slope of a function made of straight lines, with the side of the corner that z lies on."""
    above = inside.value > 0.0
    latex_sign, text_sign = (">", ">") if above else (r"\le", "≤")
    shown = f"{slope:g}"
    latex = rf"{shown} \quad (\textcolor{{{inside.role}}}{{{inside.label.latex}}} {latex_sign} 0)"
    return Raw(Label(latex, f"{shown}, because {inside.label.text} {text_sign} 0"), 8.0)


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
