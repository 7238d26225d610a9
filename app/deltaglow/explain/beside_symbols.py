"""How numbers beside a step are written: softmax's slopes, the loss's, and a gradient of one sample."""

from deltaglow.explain.pieces import Label
from deltaglow.model.quantity import Quantity

_SUB = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def output_slope(q: Quantity, logit: str) -> Label:
    """∂ŷⱼ/∂zᵢ or ∂L/∂ŷⱼ, with ⟨row⟩ if the address names one; `logit` is the letter of softmax's input."""
    row = "" if q.sample is None else str(q.sample + 1)
    above_latex, above = (rf"^{{\langle {row}\rangle}}", f"⟨{row}⟩") if row else ("", "")
    j = q.index[0] + 1
    said_latex, said = rf"\hat{{y}}{above_latex}_{{{j}}}", f"ŷ{above}{str(j).translate(_SUB)}"
    if q.kind == "dL_dy_hat":
        return Label(rf"\frac{{\partial L}}{{\partial {said_latex}}}", f"∂L/∂{said}")
    i = q.index[1] + 1
    below_latex, below = f"{logit}{above_latex}_{{{i}}}", f"{logit}{above}{str(i).translate(_SUB)}"
    return Label(rf"\frac{{\partial {said_latex}}}{{\partial {below_latex}}}", f"∂{said}/∂{below}")


def of_sample(gradient: Label, row: int | None) -> Label:
    """The gradient ∂L/∂w with L marked as one sample's: ∂L⟨3⟩/∂w₈; ⟨n⟩ where the address names no row."""
    mark = "n" if row is None else str(row + 1)
    latex = gradient.latex.replace(r"\partial L", rf"\partial L^{{\langle {mark}\rangle}}", 1)
    return Label(latex, gradient.text.replace("∂L", f"∂L⟨{mark}⟩", 1))
