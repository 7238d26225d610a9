"""The symbols of what a step decides beside its update."""

from deltaglow.explain.pieces import Label

LABELS = {
    "loss_scale": Label("S", "S"),
    "loss_scale_after": Label("S^{+}", "S⁺"),
    "watched_loss": Label(r"\ell", "ℓ"),
    "best_loss_before": Label(r"\ell_{\ast}", "ℓ∗"),
    "best_loss": Label(r"\ell_{\ast}^{+}", "ℓ∗⁺"),
    "waited_before": Label("n", "n"),
    "waited": Label("n^{+}", "n⁺"),
}
"""Their symbols."""
