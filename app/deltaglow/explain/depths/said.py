"""Small change of the sentences: numbers, percentages, directions and comparisons as people say them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from deltaglow.explain import symbols
from deltaglow.explain.context import Context
from deltaglow.explain.numbers import plain
from deltaglow.model.quantity import Quantity


@dataclass(frozen=True)
class Telling(Context):
    """A context with what may be told already: numbers of phases to come are left out of the words."""

    known: Callable[[Quantity], bool] = lambda q: True


Teller = Callable[[Telling, Quantity], str]
"""Says of a number, in whole sentences, what it is, why it is so here, and what moves it."""


class Part(NamedTuple):
    """A part of a sum: what it is called, and its value."""

    name: str
    value: float


def num(value: float) -> str:
    """The number with three digits; whole and short ones as they are."""
    return plain(value).text


def size(value: float) -> str:
    """The same without its sign."""
    return num(abs(value))


def percent(share: float) -> str:
    """A share as people say it: 57 %, 0.4 %, more than 99.9 %."""
    hundred = 100.0 * share
    if share in (0.0, 1.0) or 0.995 <= hundred <= 99.5:
        return f"{hundred:.0f} %"
    if hundred > 99.5:
        return f"{hundred:.1f} %" if hundred < 99.95 else "more than 99.9 %"
    return f"{hundred:.1f} %" if hundred >= 0.095 else "less than 0.1 %"


def up_or_down(value: float, up: str = "up", down: str = "down", still: str = "nowhere") -> str:
    """The word for the direction of a change."""
    return up if value > 0 else down if value < 0 else still


def per_unit(what: str, slope: float) -> str:
    """ "Raising z a little lowers the loss by 0.0423 times as much": what a derivative means."""
    if slope == 0.0:
        return f"Moving {what} a little does not change the loss"
    return f"Raising {what} a little {up_or_down(slope, 'raises', 'lowers')} the loss by {times(abs(slope))}"


def largest(parts: list[Part]) -> Part | None:
    """The part of a sum that weighs most."""
    return max(parts, key=lambda part: abs(part.value), default=None)


def mostly(parts: list[Part], total: float) -> str:
    """Which part of a sum decides it, and whether others work against it; a clause without a full stop."""
    found = largest([part for part in parts if part.value != 0.0])
    if found is None:
        return "none of its parts is other than 0"
    if len([part for part in parts if part.value != 0.0]) == 1:
        return f"all of it from {found.name}"
    if total == 0.0:
        return "what pushes it up and what pulls it down cancel"
    against = [part for part in parts if part.value * total < 0.0]
    most = f"above all {num(found.value)} from {found.name}"
    if found.value * total < 0.0:
        return f"its largest part, {num(found.value)} from {found.name}, is outweighed by the others together"
    if not against:
        return most
    other = largest(against)
    assert other is not None
    return f"{most}, while {other.name} works against it with {num(other.value)}"


def points(gap: float) -> str:
    """A difference of two shares: "43 points"."""
    told = percent(abs(gap)).removesuffix(" %")
    return f"{told} point{'' if told == '1' else 's'}"


def capital(words: str) -> str:
    """The words at the start of a sentence."""
    return words[:1].upper() + words[1:]


def owner(ctx: Context, q: Quantity, part: str) -> str:
    """A parameter in words: "the weight w₇", "the bias of output 1", "the scale γ⁽²⁾₁"."""
    parameter, k = Quantity(part, q.layer, q.index), q.layer or 1
    symbol = symbols.text(ctx.project, parameter)
    if ctx.layer(k).kind == "batch_norm" and (part == "b" or q.index[0] == q.index[1]):
        return f"the {'scale' if part == 'W' else 'shift'} {symbol}"
    return f"the bias of {ctx.unit(k, q.index[0])}" if part == "b" else f"the weight {symbol}"


def many(number: int, noun: str, verb: str = "") -> str:
    """ "1 unit listens", "3 units listen", "no unit listens"; without a verb "3 units"."""
    told = f"{number or 'no'} {noun}{'' if number in (0, 1) else 's'}"
    return f"{told} {verb}{'s' if number in (0, 1) else ''}" if verb else told


def times(factor: float) -> str:
    """How much a change of one makes of another: "0.244 times as much"."""
    return "just as much" if factor == 1.0 else f"{num(factor)} times as much"
