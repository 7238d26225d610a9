"""Parameters before and after a step in a table, and what the optimiser goes by in between."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from deltaglow.engine import Frame
from deltaglow.engine.ops import Array
from deltaglow.explain import chain
from deltaglow.explain.derivation import derive
from deltaglow.explain.following import Column, Rule, printed, telling
from deltaglow.explain.layout import DIGITS
from deltaglow.explain.numbers import MINUS, full
from deltaglow.explain.pieces import Label
from deltaglow.explain.update import SYMBOLS
from deltaglow.explain.update_terms import exactly
from deltaglow.model.project import Project
from deltaglow.model.quantity import Quantity, value

_HEADS = {
    "before": Label(r"\text{before}", "before"),
    "gradient": Label(r"\text{gradient}", "gradient"),
    "gathered": Label(r"\bar{g}", "ḡ"),
    "clipped": Label(r"\tilde{g}", "g̃"),
    "sent": Label(r"\hat{g}", "ĝ"),
    "velocity": Label("v", "v"),
    "v": Label("v", "v"),
    "m_hat": Label(r"\hat{m}", "m̂"),
    "v_hat": Label(r"\hat{v}", "v̂"),
    "rate": Label("r", "r"),
    "after": Label(r"\text{after}", "after"),
}
_KEPT = {
    "momentum": ("velocity",),
    "nesterov": ("velocity",),
    "rmsprop": ("v", "rate"),
    "adagrad": ("v", "rate"),
    "adam": ("m_hat", "v_hat", "rate"),
    "adamw": ("m_hat", "v_hat", "rate"),
}
_OF_ALL_SIZES = {"m_hat", "v_hat", "v", "rate"}
_NOISE = 1e-12
"""Parts of a column's largest number below which one may be nothing but rounding."""

_MOVED = 1e-13
"""A move that is nothing but rounding, at most."""


def rate_printed(frame: Frame) -> str:
    """η as it is printed where an update follows from it."""
    return full(frame.learning_rate, 6)


def settings_words(frame: Frame) -> str:
    """η and the optimiser's own settings with their values, as the update's numbers follow from them."""
    update = frame.update
    said = [f"η = {rate_printed(frame)}"]
    said += [f"{SYMBOLS[key].text} = {exactly(float(v)).text}" for key, v in update.settings.items()]
    if update.optimizer in ("adam", "adamw"):
        said.append(f"t = {update.age}")
    return ", ".join(said)


def moves(
    project: Project, frame: Frame, found: Sequence[Quantity]
) -> tuple[tuple[Label, ...], list[list[str]]]:
    """Parameters of a layer (kinds "W", "b", "P"): the heads of the columns and the columns as printed. The
    numbers after the step follow from those before, by the optimiser's rule.
    """
    update = frame.update
    name = update.optimizer
    used = [chain.gradient_used(frame, q.kind) for q in found]
    stages = [kind.removeprefix(f"d{q.kind}").removeprefix("_") for kind, q in zip(used, found, strict=True)]
    between = [("gradient", [f"d{q.kind}" for q in found])]
    if stages and stages[0]:
        between.append((stages[0], used))
    if update.updates:
        between += [(stem, [f"{stem}_{q.kind}" for q in found]) for stem in _KEPT.get(name, ())]
    values = {"before": [value(q, frame) for q in found]}
    values |= {head: _cleaned(project, frame, found, kinds) for head, kinds in between}
    values["after"] = [
        value(q, frame) if drowned else value(Quantity(f"{q.kind}_after", q.layer, q.index), frame)
        for q, drowned in zip(found, _drowned(frame, values["gradient"], found), strict=True)
    ]
    least = telling(values["before"], values["after"])
    heads = list(values)
    rules = _rules(frame, found, stages[0] if stages and stages[0] else "gradient")
    columns = []
    for head in heads:
        of, rule = rules.get(head, ((), None))
        places = tuple(heads.index(each) for each in of)
        digits = least if head in ("before", "after") else DIGITS
        columns.append(Column(tuple(values[head]), rule, places, digits, floating=head in _OF_ALL_SIZES))
    return tuple(_HEADS[head] for head in heads), printed(columns)


def _cleaned(project: Project, frame: Frame, found: Sequence[Quantity], kinds: Sequence[str]) -> list[float]:
    """The numbers of these kinds; 0 for what has cancelled down to rounding."""
    asked = [Quantity(kind, q.layer, q.index) for kind, q in zip(kinds, found, strict=True)]
    return without_noise([value(q, frame) for q in asked], lambda n: derive(project, frame, asked[n]).printed)


def _drowned(frame: Frame, gradient: Sequence[float], found: Sequence[Quantity]) -> list[bool]:
    """Which parameters moved by nothing but rounding, since their gradient is nothing else."""
    raw = [value(Quantity(f"d{q.kind}", q.layer, q.index), frame) for q in found]
    moved = [
        abs(value(Quantity(f"{q.kind}_after", q.layer, q.index), frame) - value(q, frame)) for q in found
    ]
    return [g == 0.0 != r and m < _MOVED for g, r, m in zip(gradient, raw, moved, strict=True)]


def gradients(project: Project, frame: Frame, k: int) -> tuple[Array, Array]:
    """∂L/∂W and ∂L/∂b of layer k, 0 in place of what has cancelled down to rounding."""
    trace = frame.layers[k - 1]
    found = []
    for kind, array in (("dW", trace.dW), ("db", trace.db)):
        asked = [Quantity(kind, k, tuple(map(int, index))) for index in np.ndindex(array.shape)]

        def told(n: int, asked: Sequence[Quantity] = asked) -> str:
            return derive(project, frame, asked[n]).printed

        largest = float(np.abs(trace.dW).max(initial=0.0))
        cleaned = without_noise([*(float(v) for v in array.ravel()), largest], told)[:-1]
        found.append(np.array(cleaned).reshape(array.shape))
    return found[0], found[1]


def without_noise(values: Sequence[float], told: Callable[[int], str]) -> list[float]:
    """The numbers, 0 in place of those that are nothing but rounding and whose derivation, `told`, says 0."""
    largest = max((abs(v) for v in values if math.isfinite(v)), default=0.0)
    small = max(_NOISE * largest, 1e-14)
    return [
        0.0 if 0.0 < abs(v) < small and float(told(n).replace(MINUS, "-")) == 0.0 else v
        for n, v in enumerate(values)
    ]


def _rules(frame: Frame, found: Sequence[Quantity], used: str) -> dict[str, tuple[tuple[str, ...], Rule]]:
    """A column's head → the columns it is worked out from, and how; `used` is the gradient's."""
    update, name = frame.update, frame.update.optimizer
    if not update.updates:
        return {"after": (("before",), lambda before: before)}
    eta = float(rate_printed(frame).replace(MINUS, "-"))
    still = np.array([chain.is_frozen(frame, q) for q in found])
    decays = [chain.decays(frame, q.layer or 1, q.kind) for q in found]
    shrinks = np.where(decays, eta * update.weight_decay, 0.0)

    def left(before: Sequence[float], step: Array) -> Sequence[float]:
        kept = np.array(before)
        went: list[float] = np.where(still, kept, kept - step - shrinks * kept).tolist()
        return went

    def along(before: Sequence[float], direction: Sequence[float]) -> Sequence[float]:
        return left(before, eta * np.array(direction))

    def at_own_rates(
        before: Sequence[float], rates: Sequence[float], direction: Sequence[float]
    ) -> Sequence[float]:
        return left(before, np.array(rates) * np.array(direction))

    def looking_ahead(
        before: Sequence[float], gradient: Sequence[float], velocity: Sequence[float]
    ) -> Sequence[float]:
        ahead = np.array(gradient) + update.settings["momentum"] * np.array(velocity)
        return left(before, eta * ahead)

    def rates(squares: Sequence[float]) -> Sequence[float]:
        return [eta / (math.sqrt(max(v, 0.0)) + update.settings["epsilon"]) for v in squares]

    if name in chain.ADAPTIVE:
        adam = name in ("adam", "adamw")
        after = ("before", "rate", "m_hat" if adam else used)
        return {"rate": (("v_hat" if adam else "v",), rates), "after": (after, at_own_rates)}
    if name == "nesterov":
        return {"after": (("before", used, "velocity"), looking_ahead)}
    return {"after": (("before", "velocity" if name == "momentum" else used), along)}
