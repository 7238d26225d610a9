"""The chain rule layer by layer: the errors of every layer on the way, each made of those after it."""

from __future__ import annotations

import numpy as np

from deltaglow.explain import symbols
from deltaglow.explain.context import TERMS, Context, bar_label
from deltaglow.explain.depths.arrivals import End
from deltaglow.explain.numbers import show
from deltaglow.explain.output_words import output_words
from deltaglow.explain.parts import Group, Row
from deltaglow.explain.pieces import Label

_MOST_LAYERS = 8
_TO_LATEX = str.maketrans({"ŷ": r"\hat{y}", "−": "-", "′": "'"})


def columns(ctx: Context, end: End) -> list[Group]:
    """δ of every layer from the output down to where the number acts, for the context's row."""
    kind, last = end.arrivals[0].node.column
    down_to = last if kind == "z" else last + 1
    layers = range(ctx.depth, max(down_to, 1) - 1, -1) if kind != "y_hat" else range(0)
    return [_column(ctx, k) for k in list(layers)[:_MOST_LAYERS]]


def _column(ctx: Context, k: int) -> Group:
    errors = ctx.layer(k).delta[ctx.row]
    kept = np.sort(np.argsort(-np.abs(errors), kind="stable")[:TERMS])
    rows = []
    for j in kept.tolist():
        one = ctx.at("delta", k, j)
        rows.append(
            Row(bar_label(one).latex, one.label.text, one.quantity, one.value, show(one.value).text, "delta")
        )
    size = float(np.linalg.norm(errors))
    left = len(errors) - len(kept)
    whose = "" if ctx.samples == 1 else f" of sample {ctx.row + 1}"
    together = _together(len(errors))
    note = f"‖δ⁽{symbols.superscript(k)}⁾‖{whose}, {together}"
    note += f"; the {left} smaller ones are not listed." if left else "."
    name = "the output layer" if k == ctx.depth else f"layer {k}"
    return Group(f"errors of {name}", size, show(size).text, "delta", tuple(rows), note, (_formula(ctx, k),))


def _together(count: int) -> str:
    if count == 1:
        return "the size of the only one"
    return "the length of both together" if count == 2 else f"the length of all {count} together"


def _formula(ctx: Context, k: int) -> Label:
    """δ⁽ᵏ⁾ as a product of a matrix and a vector, in the notation of the textbooks."""
    left = _bold("delta", k)
    name = symbols.function(ctx.project, k)
    straight = ctx.activation(k) == "identity"
    bend_latex = "" if straight else rf" \odot {name.latex}'(z^{{({k})}})"
    bend = "" if straight else f" ⊙ {name.text}′(z⁽{symbols.superscript(k)}⁾)"
    came = _came(ctx, k)
    latex, text = (came.latex, came.text) if straight else (f"({came.latex})", f"({came.text})")
    return Label(rf"{left.latex} = {latex}{bend_latex}", f"{left.text} = {text}{bend}")


def _came(ctx: Context, k: int) -> Label:
    if k == ctx.depth:
        words = output_words(ctx.frame.architecture.loss)
        return Label(words.short.translate(_TO_LATEX), words.short)
    after, kind = _bold("delta", k + 1), ctx.layer(k + 1).kind
    above = symbols.superscript(k + 1)
    if kind == "dropout":
        first = Label(rf"m^{{({k + 1})}} \odot {after.latex}", f"m⁽{above}⁾ ⊙ {after.text}")
    elif kind == "batch_norm":
        first = Label(rf"J_{{\mu\sigma}}^{{\top}} {after.latex}", f"J(μ, σ)ᵀ {after.text}")
    else:
        first = Label(rf"W^{{({k + 1})\top}} {after.latex}", f"W⁽{above}⁾ᵀ {after.text}")
    around = [
        m for m in range(k + 1, ctx.depth + 1)
        if (skip := ctx.layer(m).shape.skip) is not None and skip.source == k
    ]  # fmt: skip
    latex, text = first.latex, first.text
    for m in around:
        skip = ctx.layer(m).shape.skip
        carried, sent = (
            (f"P^{{({m})\\top}} ", f"P⁽{symbols.superscript(m)}⁾ᵀ ") if skip and skip.projection else ("", "")
        )
        latex += f" + {carried}{_bold('delta', m).latex}"
        text += f" + {sent}{_bold('delta', m).text}"
    return Label(latex, text)


def _bold(kind: str, k: int) -> Label:
    return Label(rf"\{kind}^{{({k})}}", f"δ⁽{symbols.superscript(k)}⁾")
