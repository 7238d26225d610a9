"""Numbers as they are printed: fixed digit counts, a true minus sign, and arithmetic that holds as printed.

Everything the explanations show goes through here, so that one rule decides how many digits a number has. A
number printed by this module can be read back with `float(shown.text.replace("−", "-"))`.
"""

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

MINUS = "\u2212"
DIGITS = 3
"""Significant digits of a result and, at least, of its operands."""
FULL_DIGITS = 9
"""Significant digits where a number stands alone, to be copied or compared."""
MOST_DIGITS = 17
"""Enough significant digits to tell any two float64 apart."""
_SMALLEST_PLAIN_EXPONENT = -4
_LARGEST_PLAIN_EXPONENT = 5
_CLOSE_ENOUGH = 0.4999
_DROWNED = 1024
"""How many times the rounding noise of one evaluation a value may be and yet be noise: what it was made of
has been rounded before, now and then in another order.
"""
_FINER_TOTAL = 3
"""Decimals beyond those of the largest term that a total may have, if it is small because terms cancel."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A printed number: what it looks like, and what it is worth as printed.

    `value` is the number the printed digits denote; `unit` is one unit of its last printed digit (0 for a
    number printed exactly, such as a lone 0).
    """

    text: str
    latex: str
    value: float
    unit: float

    @property
    def negative(self) -> bool:
        """Whether it starts with a minus sign."""
        return self.text.startswith(MINUS)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """The digits with which a printed calculation holds: of its operands, and its result."""

    digits: int
    result: Shown


Evaluation = Callable[[int], tuple[float, float]]
"""Operand digits -> (value of the arithmetic as printed, bound on the rounding error of computing it)."""


def show(value: float, digits: int = DIGITS) -> Shown:
    """The number with a fixed count of significant digits: 0.426, −0.0423, 4.23e−7.

    Numbers from 1000 to 999999 keep their whole part, so 3 digits of 12345.6 print as 12346.
    """
    value = float(value)
    if not math.isfinite(value):
        return _not_finite(value)
    if value == 0.0:
        return Shown("0", "0", 0.0, 0.0)
    mantissa, exponent_text = f"{_exact(value, digits):.{digits - 1}e}".lower().split("e")
    exponent = int(exponent_text)
    if exponent < _SMALLEST_PLAIN_EXPONENT or exponent > max(_LARGEST_PLAIN_EXPONENT, digits - 1):
        printed = f"{mantissa}e{exponent}"
        if math.isinf(float(printed)):  # rounded up beyond the largest float
            return show(value, digits + 1)
        unit = 10.0 ** max(exponent - digits + 1, -323)
        latex = f"{mantissa}\\times10^{{{exponent}}}"
        return Shown(with_minus(printed), latex, float(printed), unit)
    decimals = max(digits - 1 - exponent, 0)
    return fixed(value, decimals)


def apart(one: float, other: float, digits: int = DIGITS) -> tuple[Shown, Shown]:
    """Two numbers with so many significant digits, or as many more as it takes to tell them apart."""
    for count in range(digits, FULL_DIGITS + 1):
        pair = show(one, count), show(other, count)
        if pair[0].text != pair[1].text:
            return pair
    return show(one, digits), show(other, digits)


def fixed(value: float, decimals: int) -> Shown:
    """The number with a fixed count of decimals, for columns and sums; never prints −0."""
    value = float(value)
    if not math.isfinite(value):
        return _not_finite(value)
    digits = decimals + math.ceil(math.log10(abs(value))) if value else 0
    printed = f"{_exact(value, digits):.{decimals}f}"
    if float(printed) == 0.0:
        printed = printed.removeprefix("-")
    return Shown(with_minus(printed), printed, float(printed), 10.0**-decimals)


def _exact(value: float, digits: int) -> float | Decimal:
    """What to print so many significant digits of: beyond a float's own, the shortest number that reads back
    as it, as 1e200 and not 9.9999999999999997e199.
    """
    return value if digits <= sys.float_info.dig else Decimal(repr(value))


def plain(value: float, digits: int = DIGITS) -> Shown:
    """The shortest way to write a number that `digits` digits write exactly (1, −0.5, 0.25), else `show`.

    For numbers that were given rather than computed: inputs, targets, the learning rate.
    """
    value = float(value)
    shortest = f"{value:.{digits}g}"
    if not math.isfinite(value) or value == 0.0 or "e" in shortest or float(shortest) != value:
        return show(value, digits)
    return Shown(with_minus(shortest), shortest, value, 0.0)


def full(value: float, digits: int = FULL_DIGITS) -> str:
    """The number to so many significant digits without trailing zeros, as text: −0.042325742, 7.5e−7."""
    mantissa, separator, exponent = f"{float(value) + 0.0:.{digits}g}".partition("e")
    return with_minus(mantissa + (f"e{int(exponent)}" if separator else ""))


def with_minus(printed: str) -> str:
    """The text with ASCII hyphens turned into minus signs."""
    return printed.replace("-", MINUS)


def borne_out(value: float, got: float, digits: int = DIGITS) -> Shown:
    """The number with as many significant digits, at most so many, as `got` bears out: what it is by other
    numbers as they are printed.
    """
    tries = (show(value, count) for count in range(digits, 0, -1))
    return next((found for found in tries if abs(got - found.value) <= 0.5 * found.unit), show(value, 1))


def reconcile(
    value: float, evaluations: Sequence[Evaluation], digits: int = DIGITS, coarseness: float = 1.0
) -> Reconciled:
    """The fewest operand digits with which every calculation as printed gives the result as printed.

    The result has `digits` significant digits. It gets one or two more where the value lies so near the
    middle between two printed numbers that no arithmetic could settle the last digit, and fewer where
    cancellation left fewer than that in the computed value itself: a value that is nothing but rounding noise
    is printed as 0, and so is one near that noise which no digits of the operands give.

    coarseness: how many times as coarse as float64's the rounding is that the value has been through.
    """
    least = digits
    cache: dict[int, list[tuple[float, float]]] = {}

    def at(count: int) -> list[tuple[float, float]]:
        if count not in cache:
            cache[count] = [evaluate(count) for evaluate in evaluations]
        return cache[count]

    if value == 0.0 or any(abs(value) <= 2 * noise for _, noise in at(MOST_DIGITS)):
        return _reconcile_zero(at, least, coarseness)
    for result_digits in _result_digits(digits):
        shown = (show if coarseness == 1.0 else _rounded)(value, result_digits)
        margin = _CLOSE_ENOUGH * shown.unit
        if coarseness > 1.0 and any(abs(got - shown.value) > margin for got, _ in at(MOST_DIGITS)):
            continue  # the value itself has not that many digits: no more of the operands' will help
        for count in range(least, MOST_DIGITS + 1):
            if all(abs(got - shown.value) + noise <= margin for got, noise in at(count)):
                return Reconciled(count, shown)
    if all(abs(value) <= _DROWNED * coarseness * noise for _, noise in at(MOST_DIGITS)):
        return _reconcile_zero(at, least, coarseness)
    return Reconciled(MOST_DIGITS, show(value, 1))


def _rounded(value: float, digits: int) -> Shown:
    """As `show`, but a number of more whole digits than that is rounded to tens or hundreds: 6.0e2."""
    exponent = math.floor(math.log10(abs(value))) if math.isfinite(value) else 0
    if not digits <= exponent <= _LARGEST_PLAIN_EXPONENT:
        return show(value, digits)
    mantissa, exponent_text = f"{value:.{digits - 1}e}".split("e")
    power = int(exponent_text)
    printed = f"{mantissa}e{power}"
    latex = f"{mantissa}\\times10^{{{power}}}"
    return Shown(with_minus(printed), latex, float(printed), 10.0 ** (power - digits + 1))


def reconcile_sum(
    value: float, terms: Sequence[float], digits: int = DIGITS, coarseness: float = 1.0
) -> tuple[Shown, tuple[Shown, ...]]:
    """A total and its terms with fixed decimals, such that the printed terms add up to the printed total."""
    largest = max((abs(term) for term in (*terms, value)), default=0.0)
    if not math.isfinite(largest) or largest == 0.0:
        return show(value, digits), tuple(show(term, digits) for term in terms)
    exponent = math.floor(math.log10(largest))
    if exponent < _SMALLEST_PLAIN_EXPONENT or exponent > _LARGEST_PLAIN_EXPONENT:
        return _reconcile_sum_scientific(value, terms, digits, coarseness)
    coarse = max(digits - 1 - exponent, 0)
    own = digits - 1 - math.floor(math.log10(abs(value))) if value else coarse
    start = min(max(own, coarse), coarse + _FINER_TOTAL)
    noise = 4 * math.ulp(1.0) * (sum(abs(term) for term in terms) + abs(value))
    term_exponent = math.floor(math.log10(max((abs(term) for term in terms if term), default=largest)))
    coarser = range(start - 1, -1, -1) if coarseness > 1.0 else ()
    for decimals in (*range(start, start + 3), *coarser):
        total = fixed(value, decimals)
        for finer in range(max(decimals, digits - 1 - term_exponent), decimals + 12):
            shown = tuple(_in_column(term, finer, digits, largest) for term in terms)
            if abs(math.fsum(s.value for s in shown) - total.value) + noise <= _CLOSE_ENOUGH * total.unit:
                return total, shown
    return fixed(value, start), tuple(fixed(term, start) for term in terms)


def _in_column(term: float, decimals: int, digits: int, largest: float) -> Shown:
    """A term of a sum with so many decimals; one that would have hardly a digit of its own, and is not mere
    rounding beside the largest, in its own digits.
    """
    hardly = abs(term) < 10.0 ** (1 - decimals) and abs(term) < 10.0**_SMALLEST_PLAIN_EXPONENT
    noise = abs(term) <= _DROWNED * math.ulp(largest)
    return show(term, digits) if hardly and not noise else fixed(term, decimals)


def _reconcile_sum_scientific(
    value: float, terms: Sequence[float], digits: int, coarseness: float
) -> tuple[Shown, tuple[Shown, ...]]:
    def evaluate(count: int) -> tuple[float, float]:
        rounded = [show(term, count).value for term in terms]
        return math.fsum(rounded), math.ulp(1.0) * sum(abs(term) for term in rounded)

    found = reconcile(value, [evaluate], digits, coarseness)
    return found.result, tuple(show(term, found.digits) for term in terms)


def _reconcile_zero(
    at: Callable[[int], list[tuple[float, float]]], least: int, coarseness: float
) -> Reconciled:
    for count in range(least, MOST_DIGITS + 1):
        if all(abs(got) <= 4 * coarseness * noise for got, noise in at(count)):
            return Reconciled(count, show(0.0))
    return Reconciled(MOST_DIGITS, show(0.0))


def _result_digits(digits: int) -> Iterator[int]:
    yield from range(digits, digits + 3)
    yield from range(digits - 1, 0, -1)


def _not_finite(value: float) -> Shown:
    if math.isnan(value):
        return Shown("nan", r"\text{nan}", value, 0.0)
    return Shown("inf", r"\infty", value, 0.0) if value > 0 else Shown(f"{MINUS}inf", r"-\infty", value, 0.0)
