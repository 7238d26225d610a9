"""The symbols of how large whole gradients are."""

from deltaglow.explain.pieces import Label
from deltaglow.model.quantity import Quantity

_LABELS = {
    "total_norm": Label(r"\|\nabla L\|", "‖∇L‖"),
    "clip_factor": Label(r"\kappa", "κ"),
    "update_ratio": Label(r"\rho", "ρ"),
}
_SPOKEN = {
    "total_norm": "size of the whole gradient",
    "clip_factor": "factor that the gradient is clipped by",
    "update_ratio": "size of the update beside the parameters",
}


def label(q: Quantity, above: str) -> Label:
    """‖∂L/∂W⁽²⁾‖, ‖∇L‖, κ, ρ. above: the layer's number in raised digits."""
    if q.kind in _LABELS:
        return _LABELS[q.kind]
    latex = rf"\|\partial L/\partial W^{{({q.layer})}}\|"
    return Label(latex, f"‖∂L/∂W⁽{above}⁾‖")


def squared(of: Label) -> Label:
    """(∂L/∂w)², in one line."""
    above = r"\frac{\partial L}{"
    latex = of.latex
    if latex.startswith(above):
        latex = rf"\partial L/{latex.removeprefix(above).removesuffix('}')}"
    return Label(rf"({latex})^{{2}}", f"({of.text})²")


def spoken(q: Quantity) -> str:
    """In words, for a screen reader."""
    return _SPOKEN.get(q.kind) or f"size of the gradient of layer {q.layer}"
