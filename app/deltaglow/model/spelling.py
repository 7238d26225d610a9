"""Other ways to write an address: as a formula writes it, without care for spaces, or in words; and hints."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

_SYMBOLS = (
    ("∂L/∂", "d"),
    ("dL/d", "d"),
    ("ŷ", "y_hat"),
    ("x̂", "x_hat"),
    ("δ", "delta"),
    ("η", "learning_rate"),
    ("μ", "mean"),
    ("σ²", "var"),
)
"""Symbols of formulas, and the kinds that they stand for."""
_DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_NAME = re.compile(r"(d?[A-Za-z])_([0-9]+)")
_WORDS = {
    "activation": "a",
    "bias": "b",
    "class": "y",
    "error": "delta",
    "eta": "learning_rate",
    "grad": "dW",
    "gradient": "dW",
    "input": "x",
    "l": "loss",
    "logit": "z",
    "lr": "learning_rate",
    "momentum": "velocity_W",
    "norm": "gradient_norm",
    "output": "y_hat",
    "p": "y_hat",
    "patience": "waited",
    "prediction": "y_hat",
    "preactivation": "z",
    "probability": "y_hat",
    "softmax": "y_hat",
    "target": "y",
    "w": "W",
    "weight": "W",
    "yhat": "y_hat",
}
"""What people call a kind."""


def plainly(text: str) -> str:
    """The text as an address would be written: no spaces, ŷ as y_hat, ∂L/∂w₈ as dw8, w_8 as w8."""
    plain = "".join(text.split())
    for symbol, kind in _SYMBOLS:
        plain = plain.replace(symbol, kind)
    plain = plain.translate(_DIGITS)
    named = _NAME.fullmatch(plain)
    return named[1] + named[2] if named else plain


def nearest(word: str, kinds: Iterable[str], names: Iterable[str] = ()) -> str:
    """The kind or the project's own name that is most like a word; empty if none is like it."""
    meant = _WORDS.get(word.casefold().replace("_", "").replace("-", ""))
    if meant is not None:
        return meant
    folded = {name.casefold(): name for name in (*names, *kinds)}
    found = difflib.get_close_matches(word.casefold(), folded, n=1)
    return folded[found[0]] if found else ""
