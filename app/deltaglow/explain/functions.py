"""Nodes of the expression tree that apply a function: powers, logarithms, largest of, tanh; named numbers."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import ClassVar

from deltaglow.explain.expr import (
    ATOM,
    EPSILON,
    POWER,
    SUM,
    Const,
    Difference,
    Expr,
    Ref,
    Sum,
    Unary,
    factor,
    in_parentheses,
)
from deltaglow.explain.numbers import show
from deltaglow.explain.pieces import Label, Mode, Piece, join_latex, join_text, total_width, width_of


@dataclass(frozen=True, slots=True)
class Exp(Unary):
    """e to the power of something; exp(…) in plain text."""

    precedence = POWER

    def pieces(self, mode: Mode, leading: bool = False) -> list[Piece]:
        inside = self.inner.pieces(mode, leading=True)
        return [
            Piece(
                rf"e^{{{join_latex(inside)}}}", f"exp({join_text(inside)})", 0.5 + 0.7 * total_width(inside)
            )
        ]

    def evaluate(self, digits: int) -> tuple[float, float]:
        power, error = self.inner.evaluate(digits)
        if power > 700.0:
            return math.inf, math.inf
        value = math.exp(power)
        return value, value * (error + 2 * EPSILON) * 1.01


@dataclass(frozen=True, slots=True)
class Log(Unary):
    """Natural logarithm."""

    precedence = POWER

    def pieces(self, mode: Mode, leading: bool = False) -> list[Piece]:
        inside = self.inner.pieces(mode, leading=True)
        bare = not mode.numeric and self.inner.precedence == ATOM
        latex, text = join_latex(inside), join_text(inside)
        if bare:
            return [Piece(rf"\ln {latex}", f"ln {text}", 1.0 + total_width(inside))]
        return [Piece(rf"\ln({latex})", f"ln({text})", 1.7 + total_width(inside))]

    def evaluate(self, digits: int) -> tuple[float, float]:
        value, error = self.inner.evaluate(digits)
        if value <= 0.0:
            return math.nan, math.inf
        result = math.log(value)
        return result, error / value + EPSILON * (abs(result) + EPSILON)


@dataclass(frozen=True, slots=True)
class ExpMinusOne(Unary):
    """e to the power of something, less 1; worked out without losing the digits that cancel."""

    precedence = SUM

    def pieces(self, mode: Mode, leading: bool = False) -> list[Piece]:
        return Difference(Exp(self.inner), Const(1.0)).pieces(mode, leading)

    def evaluate(self, digits: int) -> tuple[float, float]:
        power, error = self.inner.evaluate(digits)
        if power > 700.0:
            return math.inf, math.inf
        value = math.expm1(power)
        return value, 1.01 * math.exp(power) * error + 2 * EPSILON * abs(value)


@dataclass(frozen=True, slots=True)
class LogOnePlus(Unary):
    """The logarithm of 1 plus something that is not negative, however small."""

    precedence = POWER

    def pieces(self, mode: Mode, leading: bool = False) -> list[Piece]:
        return Log(Sum((Const(1.0), self.inner))).pieces(mode, leading)

    def evaluate(self, digits: int) -> tuple[float, float]:
        value, error = self.inner.evaluate(digits)
        result = math.log1p(value)
        return result, error / (1.0 + value) + 2 * EPSILON * result


@dataclass(frozen=True, slots=True)
class _Extreme(Expr):
    """One of several, by size."""

    items: tuple[Expr, ...]
    name: ClassVar[str]
    place: ClassVar[int]
    """In the order of their sizes."""

    def children(self) -> Sequence[Expr]:
        return self.items

    def pieces(self, mode: Mode, leading: bool = False) -> list[Piece]:
        parts = [item.pieces(mode, leading=True) for item in self.items]
        latex = r",\,".join(join_latex(part) for part in parts)
        text = ", ".join(join_text(part) for part in parts)
        width = 2.5 + sum(0.5 + total_width(part) for part in parts)
        return [Piece(rf"\{self.name}({latex})", f"{self.name}({text})", width)]

    def evaluate(self, digits: int) -> tuple[float, float]:
        return sorted((item.evaluate(digits) for item in self.items), key=itemgetter(0))[self.place]


class Max(_Extreme):
    """The largest of several."""

    name, place = "max", -1


class Min(_Extreme):
    """The smallest of several."""

    name, place = "min", 0


@dataclass(frozen=True, slots=True)
class Named(Expr):
    """A number that has a symbol but no address: a constant such as λ, or a step on the way such as Φ(z)."""

    label: Label
    value: float
    wide: float = 0.0
    """Width of the symbol, em, if it cannot be told from its text."""

    def pieces(self, mode: Mode, leading: bool = False) -> list[Piece]:
        if mode.digits is None:
            return [Piece(self.label.latex, self.label.text, self.wide or width_of(self.label.text))]
        shown = show(self.value, mode.digits)
        return [Piece(shown.latex, shown.text, width_of(shown.text))]

    def evaluate(self, digits: int) -> tuple[float, float]:
        value = show(self.value, digits).value
        return value, 2 * EPSILON * abs(value)

    def negative(self, mode: Mode) -> bool:
        return mode.numeric and self.value < 0


@dataclass(frozen=True, slots=True)
class Call(Expr):
    """A named function of one argument, such as tanh; `slope_bound` bounds its derivative, for the error,
    everywhere or at a place.
    """

    name: Label
    function: Callable[[float], float]
    argument: Expr
    slope_bound: float | Callable[[float], float] = 1.0

    def children(self) -> Sequence[Expr]:
        return (self.argument,)

    def pieces(self, mode: Mode, leading: bool = False) -> list[Piece]:
        inside = self.argument.pieces(mode, leading=True)
        latex = rf"{self.name.latex}({join_latex(inside)})"
        return [
            Piece(
                latex,
                f"{self.name.text}({join_text(inside)})",
                0.8 + width_of(self.name.text) + total_width(inside),
            )
        ]

    def evaluate(self, digits: int) -> tuple[float, float]:
        value, error = self.argument.evaluate(digits)
        result = self.function(value)
        steepest = self.slope_bound(value) if callable(self.slope_bound) else self.slope_bound
        return result, steepest * error + 2 * EPSILON * abs(result)


@dataclass(frozen=True, slots=True)
class _Raised(Unary):
    """A whole power of something."""

    precedence = POWER
    power: ClassVar[int]
    mark: ClassVar[str]

    def pieces(self, mode: Mode, leading: bool = False) -> list[Piece]:
        inside = factor(self.inner, mode, least=ATOM)
        if isinstance(self.inner, Ref) and not mode.numeric:
            inside = in_parentheses(inside)
        latex, text = f"{join_latex(inside)}^{{{self.power}}}", f"{join_text(inside)}{self.mark}"
        return [Piece(latex, text, 0.5 + total_width(inside))]

    def evaluate(self, digits: int) -> tuple[float, float]:
        value, error = self.inner.evaluate(digits)
        result = math.prod([value] * self.power)
        steepness = self.power * abs(value) ** (self.power - 1)
        return result, steepness * error + (self.power - 1) * EPSILON * abs(result)


class Square(_Raised):
    """The square of something."""

    power, mark = 2, "²"


class Cube(_Raised):
    """The third power of something."""

    power, mark = 3, "³"
