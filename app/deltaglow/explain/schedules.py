"""The learning rate of every schedule, worked out from η₀ and the number of updates made."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

from deltaglow.explain.expr import Const, Difference, Expr, Product, Quotient, Raw, Sum
from deltaglow.explain.functions import Call, Named
from deltaglow.explain.pieces import Label
from deltaglow.explain.update_terms import Power, Setting

ONE = Const(1.0)
_PI = Named(Label(r"\pi", "π"), math.pi)


class Worked(NamedTuple):
    """A schedule's rule in symbols, the same with this update's numbers, and which part of it this is."""

    rule: Raw
    numbers: Expr
    where: str


def worked(name: str, settings: Mapping[str, float], base: float, t: int) -> Worked:
    """η after `t` updates by the schedule of this name, from η₀ = `base`."""
    return _RULES[name](settings, Setting(Label(r"\eta_{0}", "η₀"), base), t)


def _step(settings: Mapping[str, float], base: Setting, t: int) -> Worked:
    rule = Raw(Label(r"\eta_{0}\, \gamma^{\lfloor t / n \rfloor}", "η₀ γ^⌊t/n⌋"), 5.0)
    every = int(settings["every"])
    told = f"t = {t} updates made, a step after every n = {every}"
    return Worked(rule, _decayed(base, settings["gamma"], t // every), told)


def _exponential(settings: Mapping[str, float], base: Setting, t: int) -> Worked:
    rule = Raw(Label(r"\eta_{0}\, \gamma^{t}", "η₀ γᵗ"), 3.0)
    return Worked(rule, _decayed(base, settings["gamma"], t), f"t = {t} updates made, γ after each")


def _decayed(base: Setting, gamma: float, count: int) -> Expr:
    return Product((base, Power(Setting(Label(r"\gamma", "γ"), gamma), count))) if count else base


def _cosine(settings: Mapping[str, float], base: Setting, t: int) -> Worked:
    least = Setting(Label(r"\eta_{\min}", "η_min"), settings["minimum"])
    share = Quotient(Const(float(t)), Const(float(settings["steps"])))
    return Worked(_HALF, _half_wave(base, least, share), f"t = {t} updates made of T = {settings['steps']:g}")


_HALF = Raw(
    Label(
        r"\eta_{\min} + \tfrac{1}{2}(\eta_{0} - \eta_{\min})(1 + \cos(\pi\, t / T))",
        "η_min + ½ (η₀ − η_min) (1 + cos(π t/T))",
    ),
    13.0,
)


def _half_wave(top: Expr, bottom: Expr, share: Expr) -> Expr:
    cosine = Call(Label(r"\cos", "cos"), math.cos, Product((_PI, share)))
    swing = Product((Quotient(ONE, Const(2.0)), Difference(top, bottom), Sum((ONE, cosine))))
    return Sum((bottom, swing))


def _warmup_cosine(settings: Mapping[str, float], base: Setting, t: int) -> Worked:
    warmup = int(settings["warmup"])
    if t >= warmup:
        after = {"steps": settings["steps"] - warmup, "minimum": settings["minimum"]}
        return _cosine(after, base, t - warmup)._replace(
            where=f"{t} updates made, t = {t - warmup} of them after the warm-up"
        )
    start = Named(Label("s", "s"), settings["start"])
    rise = Product((Difference(ONE, start), Quotient(Const(float(t)), Const(float(warmup)))))
    rule = Raw(Label(r"\eta_{0}\, (s + (1 - s)\, t / w)", "η₀ (s + (1 − s) t/w)"), 8.0)
    told = f"t = {t} updates made of the w = {warmup} that warm up"
    return Worked(rule, Product((base, Sum((start, rise)))), told)


def _one_cycle(settings: Mapping[str, float], base: Setting, t: int) -> Worked:
    steps, rise, fall = settings["steps"], Const(settings["rise"]), Const(settings["fall"])
    turn, end = settings["peak"] * steps - 1.0, steps - 1.0
    low, least = Quotient(base, rise), Quotient(base, Product((rise, fall)))
    if t <= turn and turn > 0.0:
        share = Quotient(Const(float(t)), Const(turn))
        return Worked(_wave("r"), _half_wave(low, base, share), f"t = {t} of the {turn:g} updates that rise")
    if t >= end or turn >= end:
        rule = Raw(Label(r"\eta_{0} / (r f)", "η₀ / (r f)"), 4.0)
        return Worked(rule, least, f"the cycle of {steps:g} updates is over")
    share = Quotient(Const(t - turn), Const(end - turn))
    return Worked(
        _wave("f"), _half_wave(base, least, share), f"t = {t - turn:g} of the {end - turn:g} that fall"
    )


def _wave(which: str) -> Raw:
    latex = {
        "r": r"\eta_{0} + \tfrac{1}{2}(\eta_{0}/r - \eta_{0})(1 + \cos(\pi\, t / T))",
        "f": r"\eta_{0}/(r f) + \tfrac{1}{2}(\eta_{0} - \eta_{0}/(r f))(1 + \cos(\pi\, t / T))",
    }
    text = {
        "r": "η₀ + ½ (η₀/r − η₀) (1 + cos(π t/T))",
        "f": "η₀/(r f) + ½ (η₀ − η₀/(r f)) (1 + cos(π t/T))",
    }
    return Raw(Label(latex[which], text[which]), 13.0)


_RULES: dict[str, Callable[[Mapping[str, float], Setting, int], Worked]] = {
    "step": _step,
    "exponential": _exponential,
    "cosine": _cosine,
    "warmup_cosine": _warmup_cosine,
    "one_cycle": _one_cycle,
}
