"""Nodes of the expression tree that apply a function: e to a power, logarithms, largest of, tanh."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from deltaglow.explain.expr import ATOM, EPSILON, POWER, Expr, Ref, factor, in_parentheses
from deltaglow.explain.pieces import Label, Mode, Piece, join_latex, join_text, total_width, width_of


@dataclass(frozen=True, slots=True)
class Exp(Expr):
    """e to the power of something; exp(…) in plain text."""

    power: Expr
    precedence = POWER

    def children(self) -> Sequence[Expr]:
        return (self.power,)

    def pieces(self, mode: Mode, leading: bool = False) -> list[Piece]:
        inside = self.power.pieces(mode, leading=True)
        return [
            Piece(
                rf"e^{{{join_latex(inside)}}}", f"exp({join_text(inside)})", 0.5 + 0.7 * total_width(inside)
            )
        ]

    def evaluate(self, digits: int) -> tuple[float, float]:
        power, error = self.power.evaluate(digits)
        if power > 700.0:
            return math.inf, math.inf
        value = math.exp(power)
        return value, value * (error + 2 * EPSILON) * 1.01


@dataclass(frozen=True, slots=True)
class Log(Expr):
    """Natural logarithm."""

    inner: Expr
    precedence = POWER

    def children(self) -> Sequence[Expr]:
        return (self.inner,)

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
class Max(Expr):
    """The largest of several."""

    items: tuple[Expr, ...]

    def children(self) -> Sequence[Expr]:
        return self.items

    def pieces(self, mode: Mode, leading: bool = False) -> list[Piece]:
        parts = [item.pieces(mode, leading=True) for item in self.items]
        latex = r",\,".join(join_latex(part) for part in parts)
        text = ", ".join(join_text(part) for part in parts)
        return [
            Piece(rf"\max({latex})", f"max({text})", 2.5 + sum(0.5 + total_width(part) for part in parts))
        ]

    def evaluate(self, digits: int) -> tuple[float, float]:
        return max((item.evaluate(digits) for item in self.items), key=lambda pair: pair[0])


@dataclass(frozen=True, slots=True)
class Call(Expr):
    """A named function of one argument, such as tanh; `slope_bound` bounds its derivative, for the error."""

    name: Label
    function: Callable[[float], float]
    argument: Expr
    slope_bound: float = 1.0

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
        return result, self.slope_bound * error + 2 * EPSILON * abs(result)


@dataclass(frozen=True, slots=True)
class Square(Expr):
    """The square of something."""

    inner: Expr
    precedence = POWER

    def children(self) -> Sequence[Expr]:
        return (self.inner,)

    def pieces(self, mode: Mode, leading: bool = False) -> list[Piece]:
        inside = factor(self.inner, mode, least=ATOM)
        if isinstance(self.inner, Ref) and not mode.numeric:
            inside = in_parentheses(inside)
        return [Piece(f"{join_latex(inside)}^{{2}}", f"{join_text(inside)}²", 0.5 + total_width(inside))]

    def evaluate(self, digits: int) -> tuple[float, float]:
        value, error = self.inner.evaluate(digits)
        return value * value, 2 * abs(value) * error + EPSILON * value * value
