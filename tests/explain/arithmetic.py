"""Reads printed arithmetic back, knowing nothing of the program that printed it."""

import math
import re
from decimal import Context, Decimal, InvalidOperation, localcontext

_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?(?:e−?\d+)?)|(exp|ln|tanh|erfc|cos|max|min)|([⁰¹²³⁴⁵⁶⁷⁸⁹]+)|(.))")
_POWERS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_PRECISION = Context(prec=340, Emax=10**9, Emin=-(10**9))
"""Enough for 1 + e⁻⁷⁰⁰ to keep its last part: the printed arithmetic is judged, not this reader's."""


def _exp(x: Decimal) -> Decimal:
    return Decimal("Infinity") if x > 10**6 else x.exp()


def _tanh(x: Decimal) -> Decimal:
    if abs(x) > 400:
        return Decimal(1).copy_sign(x)
    grown = (2 * x).exp()
    return (grown - 1) / (grown + 1)


def _erfc(x: Decimal) -> Decimal:
    return Decimal(math.erfc(float(x)))


def _cos(x: Decimal) -> Decimal:
    return Decimal(math.cos(float(x)))


_FUNCTIONS = {
    "exp": _exp, "ln": Decimal.ln, "tanh": _tanh, "erfc": _erfc, "cos": _cos, "√": Decimal.sqrt,
}  # fmt: skip


def evaluate(text: str) -> float:
    """The value of an expression such as "(0.300·(−0.433) + 0.1²) / 2"; ValueError on anything else."""
    with localcontext(_PRECISION):
        reader = _Reader(text)
        value = reader.total()
        reader.end()
        return float(value)


class _Reader:
    """A recursive-descent reader: total = products, product = signed factors, factor = atom or a power."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = [next(part for part in match if part) for match in _TOKEN.findall(text.strip())]
        self._tokens.append("")

    def _take(self, *expected: str) -> str:
        """The next token if it is one of these (or if none are given), else an empty string."""
        token = self._tokens[0]
        if expected and token not in expected:
            return ""
        if not token:
            raise ValueError(f"{self._text!r}: ends too soon")
        return self._tokens.pop(0)

    def end(self) -> None:
        if self._tokens != [""]:
            raise ValueError(f"{self._text!r}: left over from {self._tokens[0]!r}")

    def total(self) -> Decimal:
        value = self._product()
        while sign := self._take("+", "−"):
            value += self._product() if sign == "+" else -self._product()
        return value

    def _product(self) -> Decimal:
        value = self._signed()
        while operator := self._take("·", "/"):
            value = value * self._signed() if operator == "·" else value / self._signed()
        return value

    def _signed(self) -> Decimal:
        if self._take("−"):
            return -self._signed()
        value = self._atom()
        if self._tokens[0] and self._tokens[0][0] in "⁰¹²³⁴⁵⁶⁷⁸⁹":
            return value ** int(self._take().translate(_POWERS))
        return value

    def _atom(self) -> Decimal:
        token = self._take()
        if token == "(":
            (value,) = self._until_closed()
            return value
        if token == "max":
            self._take("(")
            return max(self._until_closed())
        if token == "min":
            self._take("(")
            return min(self._until_closed())
        if token in _FUNCTIONS:
            self._take("(")
            (value,) = self._until_closed()
            return _FUNCTIONS[token](value)
        try:
            return Decimal(token.replace("−", "-"))
        except InvalidOperation:
            raise ValueError(f"{self._text!r}: {token!r} is no number") from None

    def _until_closed(self) -> list[Decimal]:
        values = [self.total()]
        while self._take(","):
            values.append(self.total())
        if not self._take(")"):
            raise ValueError(f"{self._text!r}: a parenthesis is not closed")
        return values


def unit(printed: str) -> float:
    """One unit of the last printed digit."""
    mantissa, _, exponent = printed.lstrip("−").partition("e")
    decimals = len(mantissa.partition(".")[2])
    return float(10.0 ** (int(exponent.replace("−", "-") or 0) - decimals))


def number(printed: str) -> float:
    """A printed number, read back."""
    return float(printed.replace("−", "-"))


def parts(lines: tuple[str, ...]) -> list[str]:
    """The links of a printed chain "= … = … = result"."""
    joined = " ".join(lines)
    assert joined.startswith("= "), joined
    return [part.strip() for part in joined.removeprefix("= ").split(" = ")]
