"""A frame as one solution sees it: its numbers, written in the solution's notation, derived line by line."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from deltaglow.engine import Frame
from deltaglow.explain import symbols
from deltaglow.explain.derivation import derive
from deltaglow.explain.pieces import Label
from deltaglow.explain.solution.choices import MOST_SAMPLES, Choices, SolutionError
from deltaglow.explain.solution.notation import Notation
from deltaglow.explain.solution.sheet import Equation, equation
from deltaglow.explain.step_forms import FEW, MANY_PARAMETERS
from deltaglow.model.project import Project
from deltaglow.model.quantity import KINDS, Quantity, value

LINE = 38.0
"""Em that a line of mathematics has on paper."""
_MOST_UNITS, _MOST_WRITTEN = 16, 160
"""Units of a layer, and parameters, up to which every calculation can be asked for."""


@dataclass(frozen=True)
class View:
    """One frame in one notation, and how deep it is worked out."""

    notation: Notation
    frame: Frame
    choices: Choices

    @property
    def project(self) -> Project:
        """The project, with its parameters named as the notation has them."""
        return self.notation.project

    @property
    def rows(self) -> tuple[int, ...]:
        """The rows of the batch that are worked out. Raises SolutionError for one that it has not."""
        asked = self.choices.samples
        if asked is None:
            return tuple(range(min(self.frame.samples, MOST_SAMPLES)))
        for row in asked:
            if not 0 <= row < self.frame.samples:
                raise SolutionError(
                    f"step {self.frame.step} has no sample {row + 1}: its batch has {self.frame.samples}"
                )
        return asked

    def every_unit(self, k: int, beside: int) -> bool:
        """Whether each unit of layer k, which has to do with so many numbers, has its own calculation."""
        units = self.frame.architecture.widths[k]
        if self.choices.depth == "brief":
            return units == 1
        if self.choices.depth == "full":
            return units <= _MOST_UNITS
        return units <= FEW and beside <= FEW

    def every_parameter(self, count: int) -> bool:
        """Whether each of so many parameters of a layer has its own calculation."""
        if self.choices.depth == "brief":
            return count == 1
        return count <= (_MOST_WRITTEN if self.choices.depth == "full" else MANY_PARAMETERS)

    def quantity(self, kind: str, row: int, layer: int | None, *index: int) -> Quantity:
        """A number of a row; named in its address only where a batch has several."""
        named = KINDS[kind].per_sample and (self.frame.samples > 1 or kind == "loss")
        return Quantity(kind, layer, index, row if named else None)

    def label(self, q: Quantity) -> Label:
        """The number's symbol."""
        return self.notation(symbols.label(self.project, q))

    def value(self, q: Quantity) -> float:
        """The number."""
        return value(q, self.frame)

    def worked(self, found: Iterable[Quantity]) -> Iterator[Equation]:
        """Each number's calculation."""
        for q in found:
            made = equation(derive(self.project, self.frame, q, line_width=LINE), LINE)
            yield Equation(self.notation(made.left), tuple(map(self.notation, made.rights)))
