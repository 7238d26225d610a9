"""A small expression tree: one formula, shown in symbols, with its numbers put in, and worked out as printed.

A tree is rendered twice, with `SYMBOLS` and with `Numbers(digits)`, as LaTeX and as plain text at once; a row
of `Piece`s keeps both in step and knows where a line may be broken. `evaluate` does the arithmetic with every
operand rounded to the digits it is printed with, and bounds its own rounding error, so that
`deltaglow.explain.numbers.reconcile` can choose digits with which the printed arithmetic holds.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deltaglow.explain.numbers import Shown, plain, show

if TYPE_CHECKING:
    from deltaglow.model.quantity import Quantity

SUM, PRODUCT, POWER, ATOM = 1, 2, 3, 4
LINE_WIDTH = 17.0
"""Width of a display line in em: a panel 340 px wide at the formula's 18 px."""
_EPSILON = math.ulp(1.0)


@dataclass(frozen=True, slots=True)
class Label:
    """A symbol in both notations."""

    latex: str
    text: str


@dataclass(frozen=True, slots=True)
class Mode:
    """How leaves are shown: as symbols (digits is None) or as numbers with so many significant digits."""

    digits: int | None = None

    @property
    def numeric(self) -> bool:
        """Whether numbers are put in."""
        return self.digits is not None


SYMBOLS = Mode()


def Numbers(digits: int) -> Mode:
    """Leaves as numbers with `digits` significant digits."""
    return Mode(digits)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a formula that is never broken; `breakable` says a line may end before it."""

    latex: str
    text: str
    width: float
    breakable: bool = False


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
        return value, _EPSILON * abs(value)

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
        return [Piece(shown.latex, shown.text, _width(shown.text))]

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
        return value, _EPSILON * abs(value)

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
                sign, term_pieces = "-", _factor(term.inner, mode)
            elif term.negative(mode):
                sign, term_pieces = "-", _without_minus(term_pieces)
            out += _operator(sign, term_pieces)
        return out

    def negative(self, mode: Mode) -> bool:
        return self.terms[0].negative(mode)

    def evaluate(self, digits: int) -> tuple[float, float]:
        values = [term.evaluate(digits) for term in self.terms]
        size = math.fsum(abs(value) for value, _ in values)
        return math.fsum(value for value, _ in values), math.fsum(e for _, e in values) + _EPSILON * size


@dataclass(frozen=True, slots=True)
class Difference(Expr):
    """first − second."""

    first: Expr
    second: Expr
    precedence = SUM

    def children(self) -> Sequence[Expr]:
        return (self.first, self.second)

    def pieces(self, mode: Mode, leading: bool = False) -> list[Piece]:
        return self.first.pieces(mode, leading) + _operator("-", _factor(self.second, mode))

    def negative(self, mode: Mode) -> bool:
        return self.first.negative(mode)

    def evaluate(self, digits: int) -> tuple[float, float]:
        (a, ea), (b, eb) = self.first.evaluate(digits), self.second.evaluate(digits)
        return a - b, ea + eb + _EPSILON * abs(a - b)


@dataclass(frozen=True, slots=True)
class Product(Expr):
    """Factors multiplied: side by side in symbols, with dots in numbers."""

    factors: tuple[Expr, ...]
    precedence = PRODUCT

    def children(self) -> Sequence[Expr]:
        return self.factors

    def pieces(self, mode: Mode, leading: bool = False) -> list[Piece]:
        out: list[Piece] = []
        for index, factor in enumerate(self.factors):
            first = index == 0
            if not first:
                left = self.factors[index - 1]
                dot = mode.numeric or left.precedence < PRODUCT or isinstance(left, Quotient)
                out.append(Piece(r" \cdot " if dot else r"\,", "·" if dot else " ", 0.55 if dot else 0.2))
            out += _factor(factor, mode, leading=leading and first)
        return out

    def evaluate(self, digits: int) -> tuple[float, float]:
        value, error = 1.0, 0.0
        for factor in self.factors:
            v, e = factor.evaluate(digits)
            error = abs(v) * error + abs(value) * e + _EPSILON * abs(value * v)
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
        latex = rf"\frac{{{_join_latex(above)}}}{{{_join_latex(below)}}}"
        upper = _join_text(_factor(self.top, mode, leading=leading))
        lower = _join_text(_factor(self.bottom, mode, least=POWER))
        width = 0.8 * max(_total(above), _total(below)) + 0.3
        slash = "/" if isinstance(self.top, Const) and isinstance(self.bottom, Const) else " / "
        return [Piece(latex, f"{upper}{slash}{lower}", width)]

    def evaluate(self, digits: int) -> tuple[float, float]:
        (a, ea), (b, eb) = self.top.evaluate(digits), self.bottom.evaluate(digits)
        if b == 0.0:
            return math.nan, math.inf
        if math.isinf(b):
            return 0.0, 0.0
        value = a / b
        return value, (ea + abs(value) * eb) / abs(b) + _EPSILON * abs(value)


@dataclass(frozen=True, slots=True)
class Negation(Expr):
    """The opposite; of a negative number it prints the positive one."""

    inner: Expr
    precedence = SUM

    def children(self) -> Sequence[Expr]:
        return (self.inner,)

    def pieces(self, mode: Mode, leading: bool = False) -> list[Piece]:
        if isinstance(self.inner, Ref | Rest | Const):
            if self.inner.negative(mode):
                return _without_minus(self.inner.pieces(mode))
            if mode.numeric and isinstance(self.inner, Ref) and self.inner.value == 0.0:
                return self.inner.pieces(mode)
        return [Piece("-", "−", 0.7), *_factor(self.inner, mode)]

    def negative(self, mode: Mode) -> bool:
        return not (isinstance(self.inner, Ref | Rest | Const) and self.inner.negative(mode))

    def evaluate(self, digits: int) -> tuple[float, float]:
        value, error = self.inner.evaluate(digits)
        return -value, error


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
            Piece(rf"e^{{{_join_latex(inside)}}}", f"exp({_join_text(inside)})", 0.5 + 0.7 * _total(inside))
        ]

    def evaluate(self, digits: int) -> tuple[float, float]:
        power, error = self.power.evaluate(digits)
        if power > 700.0:
            return math.inf, math.inf
        value = math.exp(power)
        return value, value * (error + 2 * _EPSILON) * 1.01


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
        latex, text = _join_latex(inside), _join_text(inside)
        if bare:
            return [Piece(rf"\ln {latex}", f"ln {text}", 1.0 + _total(inside))]
        return [Piece(rf"\ln({latex})", f"ln({text})", 1.7 + _total(inside))]

    def evaluate(self, digits: int) -> tuple[float, float]:
        value, error = self.inner.evaluate(digits)
        if value <= 0.0:
            return math.nan, math.inf
        result = math.log(value)
        return result, error / value + _EPSILON * (abs(result) + _EPSILON)


@dataclass(frozen=True, slots=True)
class Max(Expr):
    """The largest of several."""

    items: tuple[Expr, ...]

    def children(self) -> Sequence[Expr]:
        return self.items

    def pieces(self, mode: Mode, leading: bool = False) -> list[Piece]:
        parts = [item.pieces(mode, leading=True) for item in self.items]
        latex = r",\,".join(_join_latex(part) for part in parts)
        text = ", ".join(_join_text(part) for part in parts)
        return [Piece(rf"\max({latex})", f"max({text})", 2.5 + sum(0.5 + _total(part) for part in parts))]

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
        latex = rf"{self.name.latex}({_join_latex(inside)})"
        return [
            Piece(
                latex,
                f"{self.name.text}({_join_text(inside)})",
                0.8 + _width(self.name.text) + _total(inside),
            )
        ]

    def evaluate(self, digits: int) -> tuple[float, float]:
        value, error = self.argument.evaluate(digits)
        result = self.function(value)
        return result, self.slope_bound * error + 2 * _EPSILON * abs(result)


@dataclass(frozen=True, slots=True)
class Square(Expr):
    """The square of something."""

    inner: Expr
    precedence = POWER

    def children(self) -> Sequence[Expr]:
        return (self.inner,)

    def pieces(self, mode: Mode, leading: bool = False) -> list[Piece]:
        inside = _factor(self.inner, mode, least=ATOM)
        if isinstance(self.inner, Ref) and not mode.numeric:
            inside = _in_parentheses(inside)
        return [Piece(f"{_join_latex(inside)}^{{2}}", f"{_join_text(inside)}²", 0.5 + _total(inside))]

    def evaluate(self, digits: int) -> tuple[float, float]:
        value, error = self.inner.evaluate(digits)
        return value * value, 2 * abs(value) * error + _EPSILON * value * value


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


def elide(terms: Sequence[tuple[Expr, float]], limit: int) -> tuple[Expr, ...]:
    """The terms of a sum, at most `limit` of them: the largest in magnitude, in order, and the rest as one
    `Rest`.

    `terms` are pairs of an expression and its value.
    """
    kept = largest([value for _, value in terms], limit)
    shown = [terms[index][0] for index in kept]
    if len(kept) < len(terms):
        left = set(range(len(terms))) - set(kept)
        shown.append(Rest(math.fsum(terms[index][1] for index in left), len(left)))
    return tuple(shown)


def largest(values: Sequence[float], limit: int) -> tuple[int, ...]:
    """Indices, in order, of the values to show one by one: all, or the `limit - 1` largest in magnitude."""
    if len(values) <= limit:
        return tuple(range(len(values)))
    by_size = sorted(range(len(values)), key=lambda index: (-abs(values[index]), index))
    return tuple(sorted(by_size[: limit - 1]))


def lines(pieces: Sequence[Piece], width: float = LINE_WIDTH) -> tuple[Label, ...]:
    """The pieces set in display lines no wider than `width` em where breaks allow it."""
    rows: list[list[Piece]] = [[]]
    used = 0.0
    for group in _unbroken(pieces):
        size = _total(group)
        if rows[-1] and used + size > width:
            rows.append([])
            used = 1.0
        rows[-1] += group
        used += size
    return tuple(
        Label((r"\quad " if index else "") + _join_latex(row).strip(), _join_text(row).strip())
        for index, row in enumerate(rows)
    )


def coloured(role: str, latex: str) -> str:
    """The LaTeX in a colour of the theme, by its token; the window puts the theme's colour in."""
    return rf"\textcolor{{{role}}}{{{latex}}}"


def _unbroken(pieces: Sequence[Piece]) -> list[list[Piece]]:
    groups: list[list[Piece]] = []
    for piece in pieces:
        if piece.breakable or not groups:
            groups.append([])
        groups[-1].append(piece)
    return groups


def _leaf(label: Label, shown: Shown | None, role: str) -> Piece:
    if shown is None:
        return Piece(coloured(role, label.latex), label.text, _width(label.text))
    power_of_ten = 1.6 if "e" in shown.text else 0.0
    return Piece(coloured(role, shown.latex), shown.text, _width(shown.text) + power_of_ten)


def _factor(node: Expr, mode: Mode, least: int = PRODUCT, leading: bool = False) -> list[Piece]:
    loose = node.precedence < least
    if loose or (node.negative(mode) and not leading):
        return _in_parentheses(node.pieces(mode, leading=True))
    return node.pieces(mode, leading)


def _in_parentheses(inside: list[Piece]) -> list[Piece]:
    return [Piece("(", "(", 0.4), *inside, Piece(")", ")", 0.4)]


def _operator(sign: str, term: list[Piece]) -> list[Piece]:
    return [Piece(f" {sign} ", " + " if sign == "+" else " − ", 1.2, breakable=True), *term]


def _without_minus(pieces: list[Piece]) -> list[Piece]:
    first = pieces[0]
    latex = first.latex.removeprefix("-")
    if latex == first.latex:
        latex = first.latex.replace("{-", "{", 1)
    return [Piece(latex, first.text.removeprefix("−"), first.width - 0.7, first.breakable), *pieces[1:]]


def _join_latex(pieces: Sequence[Piece]) -> str:
    return "".join(piece.latex for piece in pieces)


def _join_text(pieces: Sequence[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


def _total(pieces: Sequence[Piece]) -> float:
    return sum(piece.width for piece in pieces)


_NARROW = frozenset("₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾⁺⟨⟩.,′")
_WIDE = frozenset("−+=←")


def _width(text: str) -> float:
    return sum(0.33 if ch in _NARROW else 0.75 if ch in _WIDE else 0.52 for ch in text)
