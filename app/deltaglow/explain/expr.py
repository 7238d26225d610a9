"""A small expression tree: one formula, shown in symbols, with its numbers put in, and worked out as printed.

A tree is rendered twice, with `SYMBOLS` and with `with_numbers(digits)`, as LaTeX and as plain text at once;
a row of `Piece`s keeps both in step and knows where a line may be broken. `evaluate` does the arithmetic with
every operand rounded to the digits it is printed with, and bounds its own rounding error, so that
`deltaglow.explain.numbers.reconcile` can choose digits with which the printed arithmetic holds.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deltaglow.explain.numbers import Shown, plain, show
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

if TYPE_CHECKING:
    from deltaglow.model.quantity import Quantity

SUM, PRODUCT, POWER, ATOM = 1, 2, 3, 4
EPSILON = math.ulp(1.0)
"""Relative size of a float64 rounding error."""


class Expr(ABC):
    """A node. Subclasses say how they look, what they are worth and how tightly they bind."""

    precedence: int = ATOM

    @abstractmethod
    def pieces(self, mode: Mode, leading: bool = False) -> list[Piece]:
        """The formula's parts; `leading` is true where a minus sign needs no parentheses."""

    @abstractmethod
    def evaluate(self, digits: int) -> tuple[float, float]:
        """(value of the arithmetic with operands as printed, bound on the float error in it)."""

    def children(self) -> Sequence["Expr"]:
        """The nodes directly below."""
        return ()

    def negative(self, mode: Mode) -> bool:
        """Whether it is printed with a minus sign in front that parentheses must hold in a product."""
        return False

    def refs(self) -> Iterator["Ref"]:
        """The quantities in it, in reading order, repeats included."""
        for child in self.children():
            yield from child.refs()


@dataclass(frozen=True, slots=True)
class Ref(Expr):
    """A quantity with an address. `given` numbers (inputs, targets, η) are printed without padding zeros."""

    quantity: "Quantity"
    label: Label
    value: float
    role: str
    given: bool = False

    def shown(self, digits: int) -> Shown:
        """The number as printed with `digits` digits."""
        return plain(self.value, digits) if self.given else show(self.value, digits)

    def pieces(self, mode: Mode, leading: bool = False) -> list[Piece]:
        return [_leaf(self.label, None if mode.digits is None else self.shown(mode.digits), self.role)]

    def evaluate(self, digits: int) -> tuple[float, float]:
        value = self.shown(digits).value
        return value, EPSILON * abs(value)

    def negative(self, mode: Mode) -> bool:
        return mode.numeric and self.value < 0

    def refs(self) -> Iterator["Ref"]:
        yield self


@dataclass(frozen=True, slots=True)
class Const(Expr):
    """A number that belongs to the formula itself and is printed as it stands."""

    value: float

    def pieces(self, mode: Mode, leading: bool = False) -> list[Piece]:
        shown = plain(self.value, 17)
        return [Piece(shown.latex, shown.text, width_of(shown.text))]

    def evaluate(self, digits: int) -> tuple[float, float]:
        return self.value, 0.0

    def negative(self, mode: Mode) -> bool:
        return self.value < 0


@dataclass(frozen=True, slots=True)
class Rest(Expr):
    """The terms of a long sum that are not shown one by one: ⋯ in symbols, their total in numbers."""

    value: float
    count: int
    role: str = "muted"

    def pieces(self, mode: Mode, leading: bool = False) -> list[Piece]:
        return [
            _leaf(
                Label(r"\cdots", "⋯"),
                None if mode.digits is None else show(self.value, mode.digits),
                self.role,
            )
        ]

    def evaluate(self, digits: int) -> tuple[float, float]:
        value = show(self.value, digits).value
        return value, EPSILON * abs(value)

    def negative(self, mode: Mode) -> bool:
        return mode.numeric and self.value < 0


@dataclass(frozen=True, slots=True)
class Sum(Expr):
    """Terms added up; a negative number in it is printed as subtracted."""

    terms: tuple[Expr, ...]
    precedence = SUM

    def children(self) -> Sequence[Expr]:
        return self.terms

    def pieces(self, mode: Mode, leading: bool = False) -> list[Piece]:
        out = self.terms[0].pieces(mode, leading)
        for term in self.terms[1:]:
            sign, term_pieces = "+", term.pieces(mode)
            if isinstance(term, Negation):
                sign, term_pieces = "-", factor(term.inner, mode)
            elif term.negative(mode):
                sign, term_pieces = "-", _without_minus(term_pieces)
            out += _operator(sign, term_pieces)
        return out

    def negative(self, mode: Mode) -> bool:
        return self.terms[0].negative(mode)

    def evaluate(self, digits: int) -> tuple[float, float]:
        values = [term.evaluate(digits) for term in self.terms]
        size = math.fsum(abs(value) for value, _ in values)
        return math.fsum(value for value, _ in values), math.fsum(e for _, e in values) + EPSILON * size


@dataclass(frozen=True, slots=True)
class Difference(Expr):
    """first − second."""

    first: Expr
    second: Expr
    precedence = SUM

    def children(self) -> Sequence[Expr]:
        return (self.first, self.second)

    def pieces(self, mode: Mode, leading: bool = False) -> list[Piece]:
        return self.first.pieces(mode, leading) + _operator("-", factor(self.second, mode))

    def negative(self, mode: Mode) -> bool:
        return self.first.negative(mode)

    def evaluate(self, digits: int) -> tuple[float, float]:
        (a, ea), (b, eb) = self.first.evaluate(digits), self.second.evaluate(digits)
        return a - b, ea + eb + EPSILON * abs(a - b)


@dataclass(frozen=True, slots=True)
class Product(Expr):
    """Factors multiplied: side by side in symbols, with dots in numbers."""

    factors: tuple[Expr, ...]
    precedence = PRODUCT

    def children(self) -> Sequence[Expr]:
        return self.factors

    def pieces(self, mode: Mode, leading: bool = False) -> list[Piece]:
        out: list[Piece] = []
        for index, each in enumerate(self.factors):
            first = index == 0
            if not first:
                left = self.factors[index - 1]
                dot = mode.numeric or left.precedence < PRODUCT or isinstance(left, Quotient)
                out.append(Piece(r" \cdot " if dot else r"\,", "·" if dot else " ", 0.55 if dot else 0.2))
            out += factor(each, mode, leading=leading and first)
        return out

    def evaluate(self, digits: int) -> tuple[float, float]:
        value, error = 1.0, 0.0
        for each in self.factors:
            v, e = each.evaluate(digits)
            error = abs(v) * error + abs(value) * e + EPSILON * abs(value * v)
            value *= v
        return value, error


@dataclass(frozen=True, slots=True)
class Quotient(Expr):
    """A fraction; a slash in plain text."""

    top: Expr
    bottom: Expr
    precedence = PRODUCT

    def children(self) -> Sequence[Expr]:
        return (self.top, self.bottom)

    def pieces(self, mode: Mode, leading: bool = False) -> list[Piece]:
        above, below = self.top.pieces(mode, leading=True), self.bottom.pieces(mode, leading=True)
        latex = rf"\frac{{{join_latex(above)}}}{{{join_latex(below)}}}"
        upper = join_text(factor(self.top, mode, leading=leading))
        lower = join_text(factor(self.bottom, mode, least=POWER))
        width = 0.8 * max(total_width(above), total_width(below)) + 0.3
        slash = "/" if isinstance(self.top, Const) and isinstance(self.bottom, Const) else " / "
        return [Piece(latex, f"{upper}{slash}{lower}", width)]

    def evaluate(self, digits: int) -> tuple[float, float]:
        (a, ea), (b, eb) = self.top.evaluate(digits), self.bottom.evaluate(digits)
        if b == 0.0:
            return math.nan, math.inf
        if math.isinf(b):
            return 0.0, 0.0
        value = a / b
        return value, (ea + abs(value) * eb) / abs(b) + EPSILON * abs(value)


@dataclass(frozen=True, slots=True)
class Unary(Expr):
    """Something that is done to one node."""

    inner: Expr

    def children(self) -> Sequence[Expr]:
        return (self.inner,)


@dataclass(frozen=True, slots=True)
class Negation(Unary):
    """The opposite; of a negative number it prints the positive one."""

    precedence = SUM

    def pieces(self, mode: Mode, leading: bool = False) -> list[Piece]:
        if isinstance(self.inner, Ref | Rest | Const):
            if self.inner.negative(mode):
                return _without_minus(self.inner.pieces(mode))
            if mode.numeric and isinstance(self.inner, Ref) and self.inner.value == 0.0:
                return self.inner.pieces(mode)
        return [Piece("-", "−", 0.7), *factor(self.inner, mode)]

    def negative(self, mode: Mode) -> bool:
        return not (isinstance(self.inner, Ref | Rest | Const) and self.inner.negative(mode))

    def evaluate(self, digits: int) -> tuple[float, float]:
        value, error = self.inner.evaluate(digits)
        return -value, error


@dataclass(frozen=True, slots=True)
class Raw(Expr):
    """Notation that is only ever shown in symbols, such as Σⱼ eᶻʲ."""

    label: Label
    width: float
    precedence: int = ATOM

    def pieces(self, mode: Mode, leading: bool = False) -> list[Piece]:
        return [Piece(self.label.latex, self.label.text, self.width)]

    def evaluate(self, digits: int) -> tuple[float, float]:
        return math.nan, math.inf


def elide(
    values: Sequence[float], limit: int, term: Callable[[int], Expr], always: int | None = None
) -> tuple[Expr, ...]:
    """The terms of a sum, at most `limit` of them: the largest in magnitude, in order, and the rest as one
    `Rest`.

    values: what every term is worth. term: makes the one at an index; only called for those that are shown.
    always: the index of one that is shown however small it is.
    """
    kept, rest = largest(values, limit, always)
    shown = [term(index) for index in kept]
    return (*shown, Rest(rest, len(values) - len(kept))) if len(kept) < len(values) else tuple(shown)


def largest(values: Sequence[float], limit: int, always: int | None = None) -> tuple[tuple[int, ...], float]:
    """Which of the values to show one by one, in order, and the sum of the others.

    All of them up to `limit`, else the `limit - 1` largest in magnitude, the one at `always` among them.
    """
    if len(values) <= limit:
        return tuple(range(len(values))), 0.0
    by_size = sorted(range(len(values)), key=lambda index: (index != always, -abs(values[index]), index))
    kept = sorted(by_size[: limit - 1])
    return tuple(kept), math.fsum(values[index] for index in by_size[limit - 1 :])


def _leaf(label: Label, shown: Shown | None, role: str) -> Piece:
    if shown is None:
        return Piece(coloured(role, label.latex), label.text, width_of(label.text))
    power_of_ten = 1.6 if "e" in shown.text else 0.0
    return Piece(coloured(role, shown.latex), shown.text, width_of(shown.text) + power_of_ten)


def factor(node: Expr, mode: Mode, least: int = PRODUCT, leading: bool = False) -> list[Piece]:
    """The node as part of something that binds as tightly as `least`: in parentheses where it needs them."""
    loose = node.precedence < least
    if loose or (node.negative(mode) and not leading):
        return in_parentheses(node.pieces(mode, leading=True))
    return node.pieces(mode, leading)


def in_parentheses(inside: list[Piece]) -> list[Piece]:
    """The pieces between round brackets."""
    return [Piece("(", "(", 0.4), *inside, Piece(")", ")", 0.4)]


def _operator(sign: str, term: list[Piece]) -> list[Piece]:
    return [Piece(f" {sign} ", " + " if sign == "+" else " − ", 1.2, breakable=True), *term]


def _without_minus(pieces: list[Piece]) -> list[Piece]:
    first = pieces[0]
    latex = first.latex.removeprefix("-")
    if latex == first.latex:
        latex = first.latex.replace("{-", "{", 1)
    return [Piece(latex, first.text.removeprefix("−"), first.width - 0.7, first.breakable), *pieces[1:]]
