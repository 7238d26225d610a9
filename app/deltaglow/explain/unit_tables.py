"""A layer's units, or the outputs, in a table: which columns it has, and how each follows from the others."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from deltaglow.engine import ACTIVATIONS, LOSSES, Frame
from deltaglow.engine.layers import BatchNormShape
from deltaglow.explain.following import Column, Rule, printed
from deltaglow.explain.pieces import Label
from deltaglow.model.quantity import Quantity, value

HEADS = {
    "said": Label("a^{-}", "a⁻"),
    "z": Label("z", "z"),
    "a": Label("a", "a"),
    "back": Label(r"\text{comes back}", "comes back"),
    "slope": Label(r"\varphi'(z)", "φ′(z)"),
    "delta": Label(r"\delta", "δ"),
    "x_hat": Label(r"\hat{x}", "x̂"),
    "gamma": Label(r"\gamma", "γ"),
    "beta": Label(r"\beta", "β"),
    "mean": Label(r"\mu", "μ"),
    "var": Label(r"\sigma^{2}", "σ²"),
    "keep": Label("m", "m"),
    "logit": Label(r"\text{logit}", "logit"),
    "shifted": Label("s", "s"),
    "exp": Label("e^{s}", "eˢ"),
    "y_hat": Label(r"\hat{y}", "ŷ"),
    "y": Label("y", "y"),
}
"""What a column is called in which every row is another unit's."""


def forward_kinds(frame: Frame, k: int) -> tuple[str, ...]:
    """The columns of layer k on the way forward, each after those it is worked out from."""
    trace = frame.layers[k - 1]
    own = {"batch_norm": ("said", "mean", "var", "x_hat", "gamma", "beta"), "dropout": ("said", "keep")}
    bent = () if trace.activation == "identity" else ("a",)
    return (*own.get(trace.kind, ()), "z", *bent)


def error_kinds(frame: Frame, k: int) -> tuple[str, ...]:
    """The columns of layer k's errors."""
    return ("delta",) if frame.layers[k - 1].activation == "identity" else ("back", "slope", "delta")


def output_kinds(frame: Frame) -> tuple[str, ...]:
    """The columns of what the loss makes of the outputs."""
    softmax = LOSSES[frame.architecture.loss.name].softmax
    return ("logit", *(("shifted", "exp") if softmax else ()), "y_hat", "y")


def unit_columns(
    frame: Frame, k: int | None, row: int, kinds: Sequence[str], rows: int
) -> tuple[dict[str, list[str]], str]:
    """Of layer k, or of the outputs: kind → its numbers as printed for the first `rows` units of a row of the
    batch, each column following from those before; and the printed sum S of softmax's exponentials, "" where
    the table has none.
    """
    columns = [Column(tuple(_numbers(frame, k, row, kind)[:rows]), short=kind == "y") for kind in kinds]
    places = {kind: n for n, kind in enumerate(kinds)}
    shares = k is None and "exp" in places and "y_hat" in places
    if shares:
        complete = len(frame.exps[row]) <= rows
        total = float(frame.exp_sums[row])
        made: Rule | None = (lambda exps: (math.fsum(exps),)) if complete else None
        columns.append(Column((total,), made, (places["exp"],) if complete else ()))
        places["exp_sum"] = len(places)
    for kind, (of, rule) in _rules(frame, k).items():
        if kind in places and all(each in places for each in of):
            n = places[kind]
            columns[n] = replace(columns[n], rule=rule, of=tuple(places[each] for each in of))
    texts = _ordered(columns, places)
    return {kind: texts[kind] for kind in kinds}, texts["exp_sum"][0] if shares else ""


def _ordered(columns: Sequence[Column], places: Mapping[str, int]) -> dict[str, list[str]]:
    """The printed columns, S put before the ŷ that is worked out from it."""
    order = sorted(places, key=lambda kind: (kind in ("y_hat", "y"), places[kind]))
    moved = {places[kind]: n for n, kind in enumerate(order)}
    sorted_ = [
        replace(each, of=tuple(moved[m] for m in each.of))
        for each in (columns[places[kind]] for kind in order)
    ]
    return dict(zip(order, printed(sorted_), strict=True))


def _rules(frame: Frame, k: int | None) -> dict[str, tuple[tuple[str, ...], Rule]]:
    """A column's kind → the columns it is worked out from, and how."""
    if k is None:
        return _output_rules(frame)
    trace = frame.layers[k - 1]
    phi = ACTIVATIONS[trace.activation]
    found: dict[str, tuple[tuple[str, ...], Rule]] = {
        "a": (("z",), lambda z: phi.value(np.array(z)).tolist()),
        "delta": (("back", "slope"), _each(lambda back, slope: back * slope)),
    }
    if trace.kind == "dropout":
        found["z"] = ("keep", "said"), _each(lambda keep, said: keep * said)
    elif isinstance(trace.shape, BatchNormShape):
        eps = trace.shape.eps
        found["x_hat"] = (
            ("said", "mean", "var"),
            _each(lambda said, mean, var: (said - mean) / math.sqrt(var + eps)),
        )
        found["z"] = ("gamma", "x_hat", "beta"), _each(lambda gamma, x_hat, beta: gamma * x_hat + beta)
    return found


def _output_rules(frame: Frame) -> dict[str, tuple[tuple[str, ...], Rule]]:
    spec = frame.architecture.loss
    if not LOSSES[spec.name].softmax:
        sigmoid = spec.name == "sigmoid_cross_entropy"
        alone = _each(lambda logit: 1.0 / (1.0 + math.exp(-logit)) if sigmoid else logit)
        return {"y_hat": (("logit",), alone)}
    return {
        "shifted": (("logit",), lambda logit: [each - (0.0 if spec.naive else max(logit)) for each in logit]),
        "exp": (("shifted",), _each(math.exp)),
        "y_hat": (("exp", "exp_sum"), lambda exp, total: [each / total[0] for each in exp]),
    }


def _each(rule: Callable[..., float]) -> Rule:
    """A rule for one row, as one for all."""
    return lambda *columns: [rule(*row) for row in zip(*columns, strict=True)]


def _numbers(frame: Frame, k: int | None, row: int, kind: str) -> list[float]:
    count = frame.architecture.widths[-1 if k is None else k]
    if kind == "logit":
        return [float(v) for v in frame.layers[-1].a[row]]
    if k is not None and kind in ("said", "gamma", "beta"):
        trace = frame.layers[k - 1]
        if kind == "said":
            return [float(v) for v in (frame.x if k == 1 else frame.layers[k - 2].a)[row]]
        return [float(v) for v in trace.own(trace.block)[kind]]
    return [value(Quantity(kind, k, (j,)), frame, row) for j in range(count)]
