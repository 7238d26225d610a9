"""How a quantity is written: LaTeX, plain text and words, with the project's own names for its parameters.

Layers count from 1, and in symbols and words units count from 1 too, as in a textbook, although addresses
count units from 0. A weight without a name of its own is w⁽ᵏ⁾ⱼᵢ, from unit i to unit j.
"""

import re

from deltaglow.explain import beside_symbols, decisions_symbols, size_symbols, update_symbols
from deltaglow.explain.output_words import output_words
from deltaglow.explain.pieces import Label
from deltaglow.model import naming
from deltaglow.model.beside import SAMPLE_GRADIENTS
from deltaglow.model.decided import DECIDED
from deltaglow.model.parts import BatchNorm
from deltaglow.model.project import Project
from deltaglow.model.quantity import PART, UPDATE_ARRAYS, Quantity
from deltaglow.model.sizes import SIZES

_SUB = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_SUPER = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_NAME = re.compile(r"([A-Za-z])_?([0-9]+)")
_FUNCTIONS = {
    "sigmoid": Label(r"\sigma", "σ"),
    "tanh": Label(r"\tanh", "tanh"),
    "relu": Label(r"\mathrm{ReLU}", "ReLU"),
    "leaky_relu": Label(r"\mathrm{LReLU}", "LReLU"),
    "elu": Label(r"\mathrm{ELU}", "ELU"),
    "selu": Label(r"\mathrm{SELU}", "SELU"),
    "gelu": Label(r"\mathrm{GELU}", "GELU"),
    "gelu_tanh": Label(r"\mathrm{GELU}", "GELU"),
    "silu": Label(r"\mathrm{SiLU}", "SiLU"),
    "softplus": Label(r"\mathrm{softplus}", "softplus"),
    "hard_tanh": Label(r"\mathrm{hardtanh}", "hardtanh"),
    "identity": Label(r"\varphi", "φ"),
}
_SINGLE = {
    "learning_rate": Label(r"\eta", "η"),
    "loss_after": Label("L^{+}", "L⁺"),
    "data_loss": Label("D", "D"),
    "penalty": Label("R", "R"),
    **decisions_symbols.LABELS,
}
_LETTERS = {
    **{letter: (letter, letter) for letter in "xyzab"},
    "delta": (r"\delta", "δ"),
    "y_hat": (r"\hat{y}", "ŷ"),
    "x_hat": (r"\hat{x}", "x̂"),
    "mean": (r"\mu", "μ"),
    "var": (r"\sigma^2", "σ²"),
    "keep": ("m", "m"),
    "shifted": ("s", "s"),
}


def latex(project: Project, q: Quantity) -> str:
    """The quantity's symbol as LaTeX: `\\delta^{(1)}_{1}`, `\\frac{\\partial L}{\\partial w_{8}}`."""
    return label(project, q).latex


def text(project: Project, q: Quantity) -> str:
    """The quantity's symbol in plain Unicode: δ⁽¹⁾₁, ∂L/∂w₈."""
    return label(project, q).text


def label(project: Project, q: Quantity) -> Label:
    """The quantity's symbol in both notations; ⟨row⟩ marks the row of the batch if the address names one."""
    match q.kind:
        case "W" | "b" | "W_after" | "b_after":
            return _parameter(project, q, after=q.kind.endswith("_after"))
        case "dW" | "db":
            return _derivative(_parameter(project, q, after=False))
        case "P" | "P_after" | "dP":
            return _projection(q)
        case "var":
            found = _build(r"\sigma", "σ", q)
            return Label(rf"({found.latex})^{{2}}", f"{found.text}²")
        case "back":
            return _derivative(_indexed("a", q))
        case "slope":
            name, inside = function(project, q.layer or 1), _indexed("z", q)
            return Label(rf"{name.latex}'({inside.latex})", f"{name.text}′({inside.text})")
        case "exp":
            power = _indexed("shifted", q)
            return Label(rf"e^{{{power.latex}}}", f"e^{power.text}")
        case "exp_sum" | "loss":
            letter = "S" if q.kind == "exp_sum" else "L"
            mark = _sample(q)
            return Label(letter + (rf"^{{{mark.latex}}}" if mark.latex else ""), letter + mark.text)
        case kind if kind in _SINGLE or kind in SIZES:
            return _SINGLE.get(kind) or size_symbols.label(q, superscript(q.layer or 0))
        case "jacobian" | "dL_dy_hat" | "dW_sample" | "db_sample" | "dP_sample":
            return _beside(project, q)
        case kind if kind in UPDATE_ARRAYS:
            return update_symbols.label(UPDATE_ARRAYS[kind], label(project, owner(q)))
        case _:
            return _indexed(q.kind, q)


def _beside(project: Project, q: Quantity) -> Label:
    if q.kind in SAMPLE_GRADIENTS:
        return beside_symbols.of_sample(label(project, whole(q)), q.sample)
    return beside_symbols.output_slope(q, _logit(project))


def whole(q: Quantity) -> Quantity:
    """The gradient of a parameter that one sample's, `q`, has a part in."""
    return Quantity(f"d{SAMPLE_GRADIENTS[q.kind]}", q.layer, q.index)


def _logit(project: Project) -> str:
    """What softmax gets: z, or a where the output layer bends it."""
    return "z" if project.network.layers[-1].activation == "identity" else "a"


def owner(q: Quantity) -> Quantity:
    """The parameter, before the step, that a number of the update belongs to."""
    return Quantity(PART[q.kind], q.layer, q.index)


def _projection(q: Quantity) -> Label:
    found = _unnamed("p", q)
    if q.kind == "dP":
        return _derivative(found)
    return found if q.kind == "P" else _after(found)


def subscript(number: int) -> str:
    """The number in Unicode subscript digits."""
    return str(number).translate(_SUB)


def superscript(number: int) -> str:
    """The number in Unicode superscript digits."""
    return str(number).translate(_SUPER)


def function(project: Project, layer: int) -> Label:
    """The symbol of a layer's activation function: σ, tanh, ReLU."""
    activation = project.network.layers[layer - 1].activation
    return _FUNCTIONS.get(activation, Label(r"\varphi", "φ"))


def spoken(project: Project, q: Quantity) -> str:
    """The quantity in words, for a screen reader: "error delta of layer 1, unit 1"."""
    words = _spoken(project, q)
    return words if q.sample is None else f"{words}, sample {q.sample + 1} of the batch"


_AROUND = {"P": "", "dP": "gradient of the ", "P_after": ""}


def _spoken(project: Project, q: Quantity) -> str:
    if q.kind in _AROUND:
        way = f"weight around layers from unit {q.index[1] + 1} to unit {q.index[0] + 1} of layer {q.layer}"
        return f"{_AROUND[q.kind]}{way}" + (", after the step" if q.kind == "P_after" else "")
    if q.kind in UPDATE_ARRAYS:
        return update_symbols.spoken(UPDATE_ARRAYS[q.kind], _spoken(project, owner(q)))
    if q.kind in SAMPLE_GRADIENTS:
        return f"part of one sample in the {_spoken(project, whole(q)).removeprefix('the ')}"
    if q.kind in DECIDED or q.kind in SIZES:
        return DECIDED[q.kind] if q.kind in DECIDED else size_symbols.spoken(q)
    if q.kind == "jacobian":
        return f"slope of output {q.index[0] + 1} for logit {q.index[1] + 1}"
    if q.kind in ("W", "dW", "W_after"):
        return _spoken_weight(project, q)
    where = _where(project, q.layer, q.index[0]) if q.layer is not None else ""
    column = 0 if q.kind == "x" else len(project.network.layers)
    called = naming.unit_name(project, column, q.index[0]) if q.index and q.layer is None else ""
    number = f"{q.index[0] + 1}{naming.quoted(called)}" if q.index else ""
    shifted = "logit" if project.network.loss.naive else "shifted logit"
    return {
        "x": f"input {number}",
        "y": f"target {number}",
        "z": f"pre-activation z of {where}",
        "a": f"activation a of {where}",
        "slope": f"slope of the activation function of {where}",
        "back": f"error that comes back to {where}",
        "delta": f"error delta of {where}",
        "b": f"bias of {where}",
        "db": f"gradient of the bias of {where}",
        "b_after": f"bias of {where} after the step",
        "x_hat": f"normalised input of {where}",
        "mean": f"mean over the batch of {where}",
        "var": f"variance over the batch of {where}",
        "keep": f"dropout's factor of {where}",
        "y_hat": f"{output_words(project.network.loss).one} {number}",
        "shifted": f"{shifted} {number}",
        "exp": f"exponential of {shifted} {number}",
        "exp_sum": "sum of the exponentials",
        "dL_dy_hat": f"slope of the loss for output {number}",
        "loss": "loss",
        "loss_after": "loss after the step",
        "learning_rate": "learning rate eta",
        "data_loss": "loss of the data",
        "penalty": "penalty on large weights",
    }[q.kind]


def _where(project: Project, layer: int, unit: int) -> str:
    """Layer and unit, with their names."""
    named = naming.quoted(naming.unit_name(project, layer, unit))
    return f"{naming.titled(project, layer).replace('Layer', 'layer', 1)}, unit {unit + 1}{named}"


def _spoken_weight(project: Project, q: Quantity) -> str:
    j, i = q.index
    name = _own_name(project, q)
    k = q.layer or 1
    before, after = (naming.quoted(naming.unit_name(project, *at)) for at in ((k - 1, i), (k, j)))
    source = f"input {i + 1}{before}" if k == 1 else f"unit {i + 1}{before} of layer {k - 1}"
    route = f"from {source} to unit {j + 1}{after} of layer {k}"
    called = f"weight {name} {route}" if name else f"weight {route}"
    return {"W": called, "dW": f"gradient of the {called}", "W_after": f"{called}, after the step"}[q.kind]


def _parameter(project: Project, q: Quantity, after: bool) -> Label:
    name = _own_name(project, q)
    normalises = isinstance(project.network.layers[(q.layer or 1) - 1].part, BatchNorm)
    if normalises and (len(q.index) == 1 or q.index[0] == q.index[1]):
        letter = (r"\beta", "β") if len(q.index) == 1 else (r"\gamma", "γ")
        found = _build(*letter, _of_unit(q))
    else:
        found = _named(name) if name else _unnamed("w" if len(q.index) == 2 else "b", q)
    return _after(found) if after else found


def _of_unit(q: Quantity) -> Quantity:
    """The weight of a unit that listens to one other alone, as if it had one index."""
    return Quantity("b", q.layer, q.index[:1])


def _after(found: Label) -> Label:
    if ")}" in found.latex:
        return Label(found.latex.replace(")}", ")+}", 1), found.text + "⁺")
    return Label(found.latex + "^{+}", found.text + "⁺")


def _own_name(project: Project, q: Quantity) -> str:
    layer = project.network.layers[(q.layer or 1) - 1]
    if len(q.index) == 2:
        return layer.names_W[q.index[0]][q.index[1]] if layer.names_W else ""
    return layer.names_b[q.index[0]] if layer.names_b else ""


def _named(name: str) -> Label:
    match = _NAME.fullmatch(name)
    if match:
        return Label(f"{match[1]}_{{{match[2]}}}", match[1] + match[2].translate(_SUB))
    if len(name) == 1 and name.isalpha():
        return Label(name, name)
    safe = "".join(ch if ch.isalnum() else " " for ch in name)
    return Label(rf"\text{{{safe}}}", name)


def _unnamed(letter: str, q: Quantity) -> Label:
    return _build(letter, letter, q)


def _indexed(kind: str, q: Quantity) -> Label:
    letter_latex, letter_text = _LETTERS[kind]
    return _build(letter_latex, letter_text, q)


def _build(letter_latex: str, letter_text: str, q: Quantity) -> Label:
    mark = _sample(q)
    above_latex = (f"({q.layer})" if q.layer is not None else "") + mark.latex
    above_text = (f"⁽{str(q.layer).translate(_SUPER)}⁾" if q.layer is not None else "") + mark.text
    separator = "," if any(index >= 9 for index in q.index) else ""
    below = separator.join(str(index + 1) for index in q.index)
    latex_text = letter_latex + (f"^{{{above_latex}}}" if above_latex else "") + f"_{{{below}}}"
    return Label(latex_text, letter_text + above_text + below.translate(_SUB))


def _derivative(of: Label) -> Label:
    return Label(rf"\frac{{\partial L}}{{\partial {of.latex}}}", f"∂L/∂{of.text}")


def _sample(q: Quantity) -> Label:
    """Which row of the batch, from 1, in angle brackets; nothing when the address names none."""
    if q.sample is None:
        return Label("", "")
    row = q.sample + 1
    return Label(rf"\langle {row}\rangle", f"⟨{row}⟩")
