"""What there is to say about each activation function: its value and its slope as formulas, and in words.

To tell about a new one: a function that makes its `Portrait` here, and its line in the table at the end.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from deltaglow.engine import ACTIVATIONS
from deltaglow.explain.expr import Const, Difference, Expr, Negation, Product, Quotient, Raw, Ref, Sum
from deltaglow.explain.functions import Call, Cube, Exp, ExpMinusOne, LogOnePlus, Max, Min, Named, Square
from deltaglow.explain.pieces import Label

ONE, TWO = Const(1.0), Const(2.0)


@dataclass(frozen=True, slots=True)
class Part:
    """A number on the way that has no address of its own, such as the Φ(z) in z Φ(z), and its formula."""

    named: Named
    formula: Expr


@dataclass(frozen=True, slots=True)
class Portrait:
    """An activation function at one unit, whose z and a it is given.

    words: how a comes from z. value: φ(z) written out; `definition` the way it is usually written, if that is
    another. slope: φ′ written out, None where it is a plain number on one side of a corner: `side` then says
    which side. value_parts, slope_parts: numbers that these formulas use. about: a remark about the function.
    """

    words: str
    value: Expr
    slope: Expr | None
    side: Label | None = None
    definition: Raw | None = None
    value_parts: tuple[Part, ...] = ()
    slope_parts: tuple[Part, ...] = ()
    about: str | None = None


def portrait(activation: str, z: Ref, a: Ref) -> Portrait:
    """What there is to say about a unit with this activation function."""
    return _PORTRAITS[activation](z, a)


def slope_reads(activation: str) -> str:
    """The kind of quantity that the slope's derivation shows: "z" or "a"; "" for none."""
    return {"identity": "", "sigmoid": "a", "tanh": "a"}.get(activation, "z")


def slope_share(activation: str, slope: float) -> str | None:
    """How near the steepest place of the function this is, in words; None where that says nothing."""
    if activation not in _CURVED:
        return None
    if slope < 0.0:
        return "Negative: here a larger sum makes the activation smaller, and the error changes its sign."
    most, name = ACTIVATIONS[activation].steepest, _CURVED[activation]
    share = 100.0 * slope / most
    shown = f"{share:.0f} %" if share >= 1.0 else "less than 1 %"
    return f"{shown} of the most {name} can pass ({most:.4g})."


_CURVED = {
    "sigmoid": "a sigmoid",
    "tanh": "a tanh",
    "elu": "an ELU",
    "selu": "a SELU",
    "gelu": "a GELU",
    "gelu_tanh": "a GELU",
    "silu": "a SiLU",
    "softplus": "a softplus",
}


def _identity(z: Ref, a: Ref) -> Portrait:
    return Portrait("the identity passes the sum on as it is", z, None)


def _sigmoid(z: Ref, a: Ref) -> Portrait:
    words = "the sigmoid squeezes the sum between 0 and 1"
    return Portrait(words, _logistic(z), Product((a, Difference(ONE, a))))


def _tanh(z: Ref, a: Ref) -> Portrait:
    value = Call(Label(r"\tanh", "tanh"), math.tanh, z, _steepness_of_tanh)
    return Portrait("tanh squeezes the sum between −1 and 1", value, Difference(ONE, Square(a)))


def _relu(z: Ref, a: Ref) -> Portrait:
    words = "ReLU keeps a positive sum and cuts a negative one to 0"
    return Portrait(words, Max((Const(0.0), z)), None, _above_or_not(z))


def _leaky_relu(z: Ref, a: Ref) -> Portrait:
    words = "leaky ReLU keeps a positive sum and lets a hundredth of a negative one through"
    return Portrait(words, Max((z, Product((Const(0.01), z)))), None, _above_or_not(z))


def _elu(z: Ref, a: Ref) -> Portrait:
    if z.value > 0.0:
        return Portrait("ELU keeps a positive sum as it is", z, None, _above_or_not(z))
    about = "Unlike ReLU it still passes some of the error below 0, so it does not die."
    words = "below 0, ELU levels off towards −1"
    return Portrait(words, ExpMinusOne(z), Exp(z), _above_or_not(z), about=about)


_SCALE = Named(Label(r"\lambda", "λ"), 1.0507009873554805)
_ALPHA = Named(Label(r"\alpha", "α"), 1.6732632423543772)
_SELU = (
    "λ = 1.0507 and α = 1.6733 are chosen so that, with LeCun's initialisation, activations keep a mean of 0 "
    "and a variance of 1 from layer to layer."
)


def _selu(z: Ref, a: Ref) -> Portrait:
    if z.value > 0.0:
        words = "SELU stretches a positive sum a little"
        return Portrait(words, Product((_SCALE, z)), _SCALE, _above_or_not(z), about=_SELU)
    value, slope = Product((_SCALE, _ALPHA, ExpMinusOne(z))), Product((_SCALE, _ALPHA, Exp(z)))
    words = "below 0, SELU levels off towards −1.758"
    return Portrait(words, value, slope, _above_or_not(z), about=_SELU)


def _gelu(z: Ref, a: Ref) -> Portrait:
    share = _normal(z.value)
    below = Named(_of(r"\Phi", "Φ", z), share)
    half = Call(Label(r"\mathrm{erfc}", "erfc"), math.erfc, _over_root_2(z), _steepness_of_erfc)
    density = Quotient(Exp(Negation(Quotient(Square(z), TWO))), _ROOT_TWO_PI)
    part = Part(below, Product((Const(0.5), half)))
    return Portrait(
        "GELU weights the sum by how likely a standard normal number is to be smaller",
        Product((z, below)),
        Sum((below, Product((z, density)))),
        value_parts=(part,),
        slope_parts=(part,),
        about="Φ(z) is the share of a standard normal distribution that lies below z: "
        f"here {_percent(share)}.",
    )


def _gelu_tanh(z: Ref, a: Ref) -> Portrait:
    u_value = _ROOT.value * (z.value + 0.044715 * z.value * z.value * z.value)
    u = Named(Label("u", "u"), u_value)
    bent = Part(u, Product((_ROOT, Sum((z, Product((_CUBIC, Cube(z))))))))
    weight = Named(Label("s", "s"), _sigma(2.0 * u_value))
    steep = Named(Label("u'", "u′"), _ROOT.value * (1.0 + 3 * 0.044715 * z.value * z.value))
    rise = Product((_ROOT, Sum((ONE, Product((_THREE_CUBIC, Square(z)))))))
    doubled = Negation(Product((TWO, u)))
    slope = Product((weight, Sum((ONE, Product((z, Difference(ONE, weight), TWO, steep))))))
    usual = Raw(
        Label(rf"\tfrac{{1}}{{2}}\,{z.label.latex}\,(1+\tanh u)", f"½ {z.label.text} (1 + tanh u)"), 8.0
    )
    return Portrait(
        "GELU weights the sum by how likely a standard normal number is to be smaller, here nearly so",
        Quotient(z, Sum((ONE, Exp(doubled)))),
        slope,
        definition=usual,
        value_parts=(bent,),
        slope_parts=(bent, Part(weight, Quotient(ONE, Sum((ONE, Exp(doubled))))), Part(steep, rise)),
        about="½ (1 + tanh u) is the sigmoid of 2u. This form stays within 0.0005 of the exact GELU.",
    )


def _silu(z: Ref, a: Ref) -> Portrait:
    weight = Named(_of(r"\sigma", "σ", z), _sigma(z.value))
    part = Part(weight, _logistic(z))
    slope = Product((weight, Sum((ONE, Product((z, Difference(ONE, weight)))))))
    words = "SiLU weights the sum by its own sigmoid"
    return Portrait(words, Product((z, weight)), slope, value_parts=(part,), slope_parts=(part,))


def _softplus(z: Ref, a: Ref) -> Portrait:
    about = "Never more than ln 2 = 0.693 above ReLU, and that at z = 0."
    words = "softplus keeps a large sum and bends a negative one gently to 0"
    if z.value <= 0.0:
        return Portrait(words, LogOnePlus(Exp(z)), _logistic(z), about=about)
    value = Sum((z, LogOnePlus(Exp(Negation(z)))))
    usual = Raw(Label(rf"\ln(1+e^{{{z.label.latex}}})", f"ln(1 + exp({z.label.text}))"), 6.0)
    return Portrait(words, value, _logistic(z), definition=usual, about=about)


def _hard_tanh(z: Ref, a: Ref) -> Portrait:
    inside = abs(z.value) < 1.0
    if inside:
        side = Label(rf"-1 < {_name(z)} < 1", f"−1 < {z.label.text} < 1")
    elif z.value > 0.0:
        side = Label(rf"{_name(z)} \ge 1", f"{z.label.text} ≥ 1")
    else:
        side = Label(rf"{_name(z)} \le -1", f"{z.label.text} ≤ −1")
    words = "hard tanh cuts the sum off at −1 and at 1"
    return Portrait(words, Max((Const(-1.0), Min((ONE, z)))), None, side)


_ROOT = Named(Label(r"\sqrt{\tfrac{2}{\pi}}", "√(2/π)"), math.sqrt(2.0 / math.pi), wide=1.6)
_CUBIC = Named(Label("0.044715", "0.044715"), 0.044715)
_THREE_CUBIC = Named(Label(r"3 \cdot 0.044715", "3·0.044715"), 3 * 0.044715)
_ROOT_TWO_PI = Named(Label(r"\sqrt{2\pi}", "√(2π)"), math.sqrt(2.0 * math.pi), wide=1.6)
_ROOT_TWO = Named(Label(r"\sqrt{2}", "√2"), math.sqrt(2.0), wide=1.2)


def _logistic(z: Expr) -> Expr:
    return Quotient(ONE, Sum((ONE, Exp(Negation(z)))))


def _sigma(z: float) -> float:
    return 1.0 / (1.0 + math.exp(-z)) if z > -700.0 else 0.0


def _normal(z: float) -> float:
    return 0.5 * math.erfc(-z / _ROOT_TWO.value)


def _over_root_2(z: Ref) -> Expr:
    return Negation(Quotient(z, _ROOT_TWO))


def _steepness_of_erfc(x: float) -> float:
    """|erfc′|, with room for x to be off in its last digits."""
    return 1.2 * math.exp(-x * x)


def _steepness_of_tanh(x: float) -> float:
    """tanh′, with room for x to be off in its last digits; far out tanh is flat, however far off x may be."""
    return 4.8 * math.exp(-2.0 * min(abs(x), 350.0))


def _of(latex: str, text: str, z: Ref) -> Label:
    return Label(rf"{latex}({_name(z)})", f"{text}({z.label.text})")


def _name(z: Ref) -> str:
    return rf"\textcolor{{{z.role}}}{{{z.label.latex}}}"


def _above_or_not(z: Ref) -> Label:
    """The side of the corner at 0 that z lies on."""
    latex_sign, text_sign = (">", ">") if z.value > 0.0 else (r"\le", "≤")
    return Label(rf"{_name(z)} {latex_sign} 0", f"{z.label.text} {text_sign} 0")


def _percent(share: float) -> str:
    if share >= 0.01:
        return f"{100.0 * share:.0f} %"
    return "less than 1 %"


_PORTRAITS: dict[str, Callable[[Ref, Ref], Portrait]] = {
    "identity": _identity,
    "sigmoid": _sigmoid,
    "tanh": _tanh,
    "relu": _relu,
    "leaky_relu": _leaky_relu,
    "elu": _elu,
    "selu": _selu,
    "gelu": _gelu,
    "gelu_tanh": _gelu_tanh,
    "silu": _silu,
    "softplus": _softplus,
    "hard_tanh": _hard_tanh,
}
