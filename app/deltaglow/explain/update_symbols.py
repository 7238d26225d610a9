"""How the numbers between a gradient and its update are written: m̂(w₇), v⁻(b), and in words."""

from deltaglow.explain.pieces import Label

_LETTERS: dict[str, tuple[str, str, str]] = {
    "gathered": (r"\bar{g}", "ḡ", "gathered gradient"),
    "gathered_before": (r"\bar{g}^{-}", "ḡ⁻", "gradient gathered before this batch"),
    "clipped": (r"\tilde{g}", "g̃", "clipped gradient"),
    "sent": (r"\hat{g}", "ĝ", "gradient that is sent"),
    "remembered": (r"e", "e", "gradient that is remembered"),
    "remembered_before": (r"e^{-}", "e⁻", "gradient remembered before the step"),
    "velocity": (r"v", "v", "velocity"),
    "velocity_before": (r"v^{-}", "v⁻", "velocity before the step"),
    "m": ("m", "m", "running mean of the gradients"),
    "m_before": ("m^{-}", "m⁻", "running mean of the gradients, before the step,"),
    "m_hat": (r"\hat{m}", "m̂", "corrected mean of the gradients"),
    "v": ("v", "v", "running square of the gradients"),
    "v_before": ("v^{-}", "v⁻", "running square of the gradients, before the step,"),
    "v_hat": (r"\hat{v}", "v̂", "corrected square of the gradients"),
    "rate": ("r", "r", "effective learning rate"),
}
_PARTS = {"data": ("D", "gradient of the data's loss"), "penalty": ("R", "gradient of the penalty")}


def label(name: str, parameter: Label) -> Label:
    """The symbol of `name`, as `deltaglow.model.quantity.UPDATE_ARRAYS` has it, of a parameter."""
    if name in _PARTS:
        letter = _PARTS[name][0]
        return Label(
            rf"\frac{{\partial {letter}}}{{\partial {parameter.latex}}}", f"∂{letter}/∂{parameter.text}"
        )
    latex, text, _ = _LETTERS[name]
    return Label(f"{latex}_{{{parameter.latex}}}", f"{text}({parameter.text})")


def spoken(name: str, parameter: str) -> str:
    """The same in words; `parameter` is "weight from …" or "bias of …"."""
    words = _PARTS[name][1] if name in _PARTS else _LETTERS[name][2]
    return f"{words} of the {parameter}"
