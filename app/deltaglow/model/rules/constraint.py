"""One constraint: its limits, and the texts that are made of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from deltaglow.model.rules.messages import nearest, shown


@dataclass(frozen=True)
class Rule:
    """One constraint.

    label: what a form calls the value. help: what it does, one sentence without a full stop.
    minimum, maximum: inclusive limits of a number (`exclusive` leaves the minimum itself out), or None.
    integer: whole numbers only. choices: the allowed words, and then no numbers. word: a word that may stand
    in place of a number. unit: what it is counted in.
    default: the value of a file or form that does not say.
    """

    label: str
    help: str
    minimum: float | None = None
    maximum: float | None = None
    exclusive: bool = False
    integer: bool = False
    choices: tuple[str, ...] = ()
    word: str = ""
    unit: str = ""
    default: int | float | str | bool | None = None

    @property
    def boolean(self) -> bool:
        """Whether the value is true or false."""
        return isinstance(self.default, bool)

    @property
    def expected(self) -> str:
        """What would be right: "a whole number from 1 to 4096", "one of identity, sigmoid, …"."""
        return self._expected + (f', or "{self.word}"' if self.word else "")

    @property
    def _expected(self) -> str:
        if self.boolean:
            return "true or false"
        if self.choices:
            return self.choices[0] if len(self.choices) == 1 else f"one of {', '.join(self.choices)}"
        noun = (
            "a whole number"
            if self.integer
            else "a number"
            if self.minimum is not None
            else "a finite number"
        )
        low, high = _number(self.minimum), _number(self.maximum)
        if self.exclusive:
            return f"{noun} above {low}" + (f", at most {high}" if high else "")
        if low and high:
            return f"{noun} from {low} to {high}"
        return noun + (f" of at least {low}" if low else f" of at most {high}" if high else "")

    @property
    def tooltip(self) -> str:
        """What the value does, its unit and its range, for a control's tooltip."""
        if self.choices or self.boolean:
            return f"{self.help}."
        detail = f"{self.expected}, in {self.unit}" if self.unit else self.expected
        return f"{self.help}.\n{detail[0].upper()}{detail[1:]}."

    def problem(self, value: object) -> str | None:
        """What is wrong with the value, and what would be right; None when it is allowed."""
        if self.choices:
            return self._choice_problem(value)
        if (self.boolean and isinstance(value, bool)) or (self.word and value == self.word):
            return None
        if self.boolean or isinstance(value, bool) or not isinstance(value, (int, float)):
            return f"is {shown(value)}, must be {self.expected}"
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number) or (self.integer and not number.is_integer()):
            return f"is {shown(value)}, must be {self.expected}"
        low = self.minimum is not None and (
            number < self.minimum or (self.exclusive and number == self.minimum)
        )
        if low or (self.maximum is not None and number > self.maximum):
            return f"is {shown(value)}, must be {self.expected}"
        return None

    def wrong(self, array: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        """Which numbers of an array the rule does not allow."""
        found: npt.NDArray[np.bool_] = ~np.isfinite(array)
        if self.minimum is not None:
            found |= (array <= self.minimum) if self.exclusive else (array < self.minimum)
        if self.maximum is not None:
            found |= array > self.maximum
        if self.integer:
            found |= array != np.floor(array)
        return found

    def _choice_problem(self, value: object) -> str | None:
        if isinstance(value, str) and value in self.choices:
            return None
        return f"is {shown(value)}, must be {self.expected}{nearest(value, self.choices)}"


def _number(limit: float | None) -> str:
    if limit is None:
        return ""
    return f"{int(limit)}" if float(limit).is_integer() and abs(limit) < 1e15 else f"{limit:g}"
