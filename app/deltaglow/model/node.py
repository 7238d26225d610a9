"""A place in a document: a value together with the path to it, so that every complaint says where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from deltaglow.model.errors import ProjectError, printable
from deltaglow.model.rules import RULES, Rule, nearest, shown


@dataclass(frozen=True)
class Node:
    """`value` as JSON has it, found at `where`. Every method raises ProjectError when the value is not so."""

    value: Any
    where: str

    def fail(self, what: str) -> ProjectError:
        """The complaint `what` about this place."""
        return ProjectError(self.where, what)

    def fields(self, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, Node]:
        """The members of an object that has all the required keys and otherwise only optional ones."""
        if not isinstance(self.value, dict):
            keys = ", ".join(f'"{key}"' for key in required)
            raise self.fail(f"is {shown(self.value)}, must be an object" + (f" with {keys}" if keys else ""))
        known = required + optional
        for key in self.value:
            if key not in known:
                hint = nearest(key, known) if len(known) > 1 else ""
                hint = hint or f" (the keys here are {', '.join(known)})"
                raise ProjectError(self._member(printable(key, 40)), f"is not a known key{hint}")
        for key in required:
            if key not in self.value:
                raise ProjectError(self._member(key), "is missing")
        return {key: Node(item, self._member(key)) for key, item in self.value.items()}

    def items(self) -> Iterator[Node]:
        """The items of a list."""
        if not isinstance(self.value, list):
            raise self.fail(f"is {shown(self.value)}, must be a list")
        return (Node(item, f"{self.where}[{i}]") for i, item in enumerate(self.value))

    def whole(self, key: str, known: Rule | None = None) -> int:
        """A whole number that obeys the rule."""
        return int(self._obedient(known or RULES[key]))

    def number(self, key: str, known: Rule | None = None) -> float:
        """A number that obeys the rule."""
        return float(self._obedient(known or RULES[key]))

    def number_or_word(self, key: str) -> float | str:
        """A number that obeys the rule, or the word it allows in place of one."""
        found = self._obedient(RULES[key])
        return found if isinstance(found, str) else float(found)

    def word(self, key: str) -> str:
        """One of the rule's choices."""
        return str(self._obedient(RULES[key]))

    def flag(self, key: str) -> bool:
        """True or false."""
        return bool(self._obedient(RULES[key]))

    def text(self) -> str:
        """A string."""
        if not isinstance(self.value, str):
            raise self.fail(f"is {shown(self.value)}, must be text in quotes")
        return self.value

    def numbers(self, key: str, count: int, because: str) -> npt.NDArray[np.float64]:
        """A list of `count` numbers that obey the rule; `because` says why, as in "the layer has 2 units"."""
        if not isinstance(self.value, list):
            raise self.fail(f"is {shown(self.value)}, must be a list of {count} numbers")
        if len(self.value) != count:
            raise self.fail(f"has {len(self.value)} number{'s' * (len(self.value) != 1)}, {because}")
        known = RULES[key]
        if set(map(type, self.value)) <= {int, float}:
            row = np.array(self.value, dtype=np.float64)
            if not known.wrong(row).any():
                return row
        return np.array([item.number(key) for item in self.items()], dtype=np.float64)

    def rows(self, key: str, shape: tuple[int, int], high: str, wide: str) -> npt.NDArray[np.float64]:
        """A list of shape[0] lists of shape[1] numbers; `high` and `wide` say why there must be so many."""
        if not isinstance(self.value, list):
            raise self.fail(f"is {shown(self.value)}, must be a list of rows, each a list of numbers")
        if len(self.value) != shape[0]:
            raise self.fail(f"has {len(self.value)} row{'s' * (len(self.value) != 1)}, {high}")
        made = np.empty(shape)
        for i, item in enumerate(self.items()):
            if not isinstance(item.value, list):
                raise item.fail(f"is {shown(item.value)}, must be a list of {shape[1]} numbers: one row")
            made[i] = item.numbers(key, shape[1], wide)
        return made

    def _member(self, key: str) -> str:
        return f"{self.where}.{key}" if self.where else key

    def _obedient(self, known: Rule) -> Any:
        problem = known.problem(self.value)
        if problem is not None:
            raise self.fail(problem)
        return self.value
