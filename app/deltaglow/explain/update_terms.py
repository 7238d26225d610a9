"""Nodes of the expression tree that updates need: settings such as β₁, powers of them, roots, signs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from deltaglow.explain.expr import ATOM, EPSILON, POWER, Expr, Ref, Unary, factor
from deltaglow.explain.numbers import Shown, with_minus
from deltaglow.explain.pieces import (
    Label,
    Mode,
    Piece,
    coloured,
    join_latex,
    join_text,
    total_width,
    width_of,
)

_SUPER = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, slots=True)
class Setting(Expr):
    """A number that somebody chose and that has no address: printed exactly, as it was written."""

    label: Label
    value: float

    def pieces(self, mode: Mode, leading: bool = False) -> list[Piece]:
        if not mode.numeric:
            return [Piece(self.label.latex, self.label.text, width_of(self.label.text))]
        shown = exactly(self.value)
        return [Piece(shown.latex, shown.text, width_of(shown.text))]

    def evaluate(self, digits: int) -> tuple[float, float]:
        return self.value, 0.0

    def negative(self, mode: Mode) -> bool:
        return mode.numeric and self.value < 0


@dataclass(frozen=True, slots=True)
class Power(Expr):
    """A setting to a whole power above 0."""

    base: Setting
    exponent: int
    precedence = POWER

    def children(self) -> Sequence[Expr]:
        return (self.base,)

    def pieces(self, mode: Mode, leading: bool = False) -> list[Piece]:
        inside = factor(self.base, mode, least=ATOM)
        latex, text = join_latex(inside), join_text(inside)
        if not mode.numeric:
            return [Piece(f"{latex}^{{t}}", f"{text}ᵗ", 0.4 + total_width(inside))]
        if self.exponent == 1:
            return inside
        power = str(self.exponent)
        width = 0.33 * len(power) + total_width(inside)
        return [Piece(f"{latex}^{{{power}}}", text + power.translate(_SUPER), width)]

    def evaluate(self, digits: int) -> tuple[float, float]:
        value = self.base.value**self.exponent
        return value, EPSILON * value


@dataclass(frozen=True, slots=True)
class Root(Unary):
    """The square root of something."""

    precedence = POWER

    def pieces(self, mode: Mode, leading: bool = False) -> list[Piece]:
        inside = self.inner.pieces(mode, leading=True)
        latex, text = join_latex(inside), join_text(inside)
        bare = not mode.numeric and self.inner.precedence == ATOM
        width = 0.8 + total_width(inside)
        return [Piece(rf"\sqrt{{{latex}}}", f"√{text}" if bare else f"√({text})", width)]

    def evaluate(self, digits: int) -> tuple[float, float]:
        value, error = self.inner.evaluate(digits)
        if value < 0.0:
            return math.nan, math.inf
        root = math.sqrt(value)
        return root, (error / (2 * root) if root else math.sqrt(error)) + EPSILON * root


@dataclass(frozen=True, slots=True)
class Sign(Expr):
    """1, 0 or −1: the sign of a number. `of` is what it is the sign of."""

    of: Ref

    def children(self) -> Sequence[Expr]:
        return (self.of,)

    @property
    def value(self) -> float:
        """The sign itself."""
        return float((self.of.value > 0) - (self.of.value < 0))

    def pieces(self, mode: Mode, leading: bool = False) -> list[Piece]:
        if mode.numeric:
            shown = exactly(self.value)
            return [Piece(shown.latex, shown.text, width_of(shown.text))]
        label = self.of.label
        latex = rf"\mathrm{{sign}}({coloured(self.of.role, label.latex)})"
        return [Piece(latex, f"sign({label.text})", 2.3 + width_of(label.text))]

    def evaluate(self, digits: int) -> tuple[float, float]:
        return self.value, 0.0

    def negative(self, mode: Mode) -> bool:
        return mode.numeric and self.value < 0


def exactly(value: float) -> Shown:
    """The shortest way to write a number that reads back as the same float: 0.9, 1e−8."""
    printed = f"{int(value)}" if value.is_integer() and abs(value) < 1e6 else repr(value)
    mantissa, _, exponent = printed.partition("e")
    if not exponent:
        return Shown(with_minus(printed), printed, value, 0.0)
    power = int(exponent)
    latex = f"10^{{{power}}}" if mantissa == "1" else f"{mantissa}\\times10^{{{power}}}"
    return Shown(with_minus(f"{mantissa}e{power}"), latex, value, 0.0)
