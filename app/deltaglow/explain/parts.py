"""What an explanation is made of: plain frozen values, for the window, the command line and exports."""

from dataclasses import dataclass

from deltaglow.explain.pieces import Label
from deltaglow.model.quantity import Quantity

ROLES = ("positive", "negative", "zero", "forward", "delta", "loss", "y_hat", "target", "text", "muted")
"""The colour tokens that formulas and bars use."""


@dataclass(frozen=True, slots=True)
class Operand:
    """A number that the formula uses; `quantity` is its address, so it can be a link."""

    quantity: Quantity
    latex: str
    text: str
    value: float
    printed: str
    role: str


@dataclass(frozen=True, slots=True)
class Row:
    """One bar of a group. `quantity` is where a click leads, None for the rest of a long sum."""

    label_latex: str
    label_text: str
    quantity: Quantity | None
    value: float
    printed: str
    role: str


@dataclass(frozen=True, slots=True)
class Group:
    """A part of the number worth a heading and bars: "comes back" −0.173, with the products it is the sum of.

    The rows as printed add up to the heading's number as printed when `adds_up`, and multiply to give it when
    `multiplies`. `formula` is lines of mathematics under the heading, `note` a remark; `quantity` is the
    address of the heading's number if it has one.
    """

    heading: str
    value: float
    printed: str
    role: str
    rows: tuple[Row, ...] = ()
    note: str = ""
    formula: tuple[Label, ...] = ()
    quantity: Quantity | None = None
    adds_up: bool = False
    multiplies: bool = False


@dataclass(frozen=True, slots=True)
class Derivation:
    """Why a number is what it is.

    title, sentence: plain words. symbolic, numeric: display lines of LaTeX, with `\\textcolor{token}{…}` for
    the theme's colours; text_symbolic, text_numeric: the same lines in plain Unicode. The numeric lines are a
    chain "= … = result" in which every part, worked out with the numbers as printed, gives the printed
    result. groups: the parts to draw as bars. operands: the numbers that the formula shows. used_in: where
    this number goes, at most `MOST_USES` of them, `used_in_more` counts the rest. value, printed: the result,
    `precise` to nine digits. why: one line about a step that does not explain itself. note: where a printed
    source differs, a corner, a limit.
    """

    quantity: Quantity
    label: Label
    title: str
    sentence: str
    symbolic: tuple[str, ...]
    numeric: tuple[str, ...]
    text_symbolic: tuple[str, ...]
    text_numeric: tuple[str, ...]
    groups: tuple[Group, ...]
    operands: tuple[Operand, ...]
    value: float
    printed: str
    precise: str
    role: str
    used_in: tuple[Quantity, ...]
    used_in_more: int = 0
    why: str | None = None
    note: str | None = None
    addressed: bool = True


MOST_USES = 48
"""Links that "used in" lists at most."""
