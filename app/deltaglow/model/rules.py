"""What values are allowed: the one table behind validation, spin-box limits, tooltips and error texts.

To allow something new, change a row here and nothing else.
"""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from deltaglow.data import DATASETS
from deltaglow.engine import ACTIVATIONS, INITIALIZERS, LOSSES, OPTIMIZERS
from deltaglow.model.errors import printable

MAX_PARAMETERS = 10_000_000
"""Weights and biases in one network; 80 MB in float64, and training needs a few times that."""

MAX_DATA_NUMBERS = 10_000_000
"""Features and targets of all samples together."""

MAX_WORKSPACE = 20_000_000
"""Rows of a batch times units of the whole network: what one step has to remember of each kind."""


@dataclass(frozen=True)
class Rule:
    """One constraint.

    label: what a form calls the value. help: what it does, one sentence without a full stop.
    minimum, maximum: inclusive limits of a number (`exclusive` leaves the minimum itself out), or None.
    integer: whole numbers only. choices: the allowed words, and then no numbers. unit: what it is counted in.
    default: the value of a file or form that does not say.
    """

    label: str
    help: str
    minimum: float | None = None
    maximum: float | None = None
    exclusive: bool = False
    integer: bool = False
    choices: tuple[str, ...] = ()
    unit: str = ""
    default: int | float | str | bool | None = None

    @property
    def boolean(self) -> bool:
        """Whether the value is true or false."""
        return isinstance(self.default, bool)

    @property
    def expected(self) -> str:
        """What would be right: "a whole number from 1 to 4096", "one of identity, sigmoid, …"."""
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
        if self.boolean and isinstance(value, bool):
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


def nearest(word: object, words: tuple[str, ...]) -> str:
    """' (did you mean "tanh"?)' when one of the words is close to `word`, else an empty string."""
    if not isinstance(word, str) or len(word) > 100:
        return ""
    plain = {w.lower().replace("_", "").replace("-", ""): w for w in words}
    key = word.lower().replace("_", "").replace("-", "").replace(" ", "")
    near = difflib.get_close_matches(key, plain, n=1)
    return f' (did you mean "{plain[near[0]]}"?)' if near and len(words) > 1 else ""


def shown(value: object) -> str:
    """A value as an error quotes it: short, on one line, as JSON would write it."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{printable(value, 40)}"'
        case list() | tuple():
            return "a list"
        case dict():
            return "an object"
        case float() if math.isnan(value):
            return "not a number (NaN)"
        case float() if math.isinf(value):
            return "beyond the range of a 64-bit float"
        case int() if abs(value) >= 10**20:
            return f"a whole number of {len(f'{abs(value):x}') * 4} bits"
        case _:
            return printable(f"{value!r}", 40)


def _number(limit: float | None) -> str:
    if limit is None:
        return ""
    return f"{int(limit)}" if float(limit).is_integer() and abs(limit) < 1e15 else f"{limit:g}"


RULES: dict[str, Rule] = {
    "inputs": Rule("Inputs", "How many features a sample has", 1, 4096, integer=True, default=2),
    "layers": Rule("Layers", "How many layers of units follow the input", 1, 32, integer=True, default=2),
    "units": Rule(
        "Units",
        "How many units the layer has; the last layer has one for each class",
        1,
        4096,
        integer=True,
        default=2,
    ),
    "type": Rule(
        "Layer type", "How the layer is wired to the one before", choices=("dense",), default="dense"
    ),
    "activation": Rule(
        "Activation",
        "The function φ that turns each unit's z into its a",
        choices=tuple(ACTIVATIONS),
        default="identity",
    ),
    "init": Rule(
        "Initialisation",
        "How weights are drawn before the first step; biases start at zero",
        choices=tuple(INITIALIZERS),
        default="xavier_normal",
    ),
    "loss": Rule("Loss", "What training makes small", choices=tuple(LOSSES), default="softmax_cross_entropy"),
    "optimizer": Rule(
        "Optimiser",
        "How a gradient becomes a change of the parameters",
        choices=tuple(OPTIMIZERS),
        default="sgd",
    ),
    "learning_rate": Rule(
        "Learning rate η",
        "How far a step goes: each parameter moves by −η times its gradient",
        0,
        1000,
        exclusive=True,
        default=0.1,
    ),
    "batch_size": Rule(
        "Batch size",
        "How many samples a step averages over; more than the set has means all of it",
        1,
        100_000,
        integer=True,
        unit="samples",
        default=1,
    ),
    "shuffle": Rule("Shuffle", "Whether every epoch visits the samples in a new random order", default=False),
    "seed": Rule(
        "Seed",
        "Where the random numbers start; the same seed repeats a run bit for bit",
        0,
        2**31 - 1,
        integer=True,
        default=0,
    ),
    "data": Rule(
        "Data set", "What the network learns from", choices=tuple(DATASETS), default="worked-example"
    ),
    "samples": Rule(
        "Samples", "How many samples the data set has", 1, 100_000, integer=True, unit="samples", default=300
    ),
    "noise": Rule(
        "Noise",
        "Standard deviation of the blur added to every feature",
        0,
        2,
        unit="the features' units",
        default=0.0,
    ),
    "classes": Rule("Classes", "How many classes the data set has", 2, 8, integer=True, default=2),
    "weight": Rule("Weight", "How strongly one unit listens to another", default=0.0),
    "bias": Rule("Bias", "What a unit adds to its weighted sum", default=0.0),
    "feature": Rule("Feature", "One number of one sample's input", default=0.0),
    "mask": Rule(
        "Connection",
        "Whether the connection exists: 1, or 0 where it was deleted",
        0,
        1,
        integer=True,
        default=1,
    ),
    "target": Rule(
        "Target",
        "The probability that the sample belongs to the class; a row of them sums to 1",
        0,
        1,
        default=0.0,
    ),
}
"""key → rule. `classes`, `samples` and `noise` are narrowed further by the chosen data set's own limits."""

RULES_SUM_TOLERANCE = 1e-9
"""How far from 1 the targets of one sample may sum."""


def rule(key: str, data: str | None = None) -> Rule:
    """The rule called `key`; with the name of a built-in set, narrowed to what that set can make."""
    found = RULES[key]
    kind = DATASETS.get(data) if data is not None else None
    if kind is None:
        return found
    low, high, default = {
        "classes": (kind.min_classes, kind.max_classes, kind.default_classes),
        "samples": (kind.min_samples, kind.max_samples, kind.default_samples),
        "noise": (0.0, kind.max_noise, kind.default_noise),
    }[key]
    return Rule(found.label, found.help, low, high, integer=found.integer, unit=found.unit, default=default)


class LearningRateBand(NamedTuple):
    """A row of the printed table of learning rates: low ≤ η < high."""

    low: float
    high: float
    behaviour: str
    use: str
    advice: str


LEARNING_RATE_BANDS: tuple[LearningRateBand, ...] = (
    LearningRateBand(
        0.0,
        0.0001,
        "Very slow convergence",
        "Fine-tuning pre-trained models",
        "Below 0.0001: very slow; for fine-tuning.",
    ),
    LearningRateBand(
        0.0001,
        0.001,
        "Stable but slow",
        "Large models with good initialisation",
        "0.0001 to 0.001: stable but slow.",
    ),
    LearningRateBand(
        0.001,
        0.01,
        "Good balance",
        "Most common default range",
        "0.001 to 0.01: a good balance, the most common default.",
    ),
    LearningRateBand(
        0.01,
        0.1,
        "Fast but potentially unstable",
        "Well-conditioned problems",
        "0.01 to 0.1: fast, but possibly unstable.",
    ),
    LearningRateBand(
        0.1,
        math.inf,
        "Divergence likely",
        "Avoid unless carefully monitored",
        "0.1 and above: divergence likely on hard problems. Small, well-scaled networks often learn "
        "fastest at 0.1 to 1, so take this as advice and watch the loss.",
    ),
)
"""The usual rules of thumb, as printed in guides to backpropagation, in order and without gaps. The last row
is true of some problems only, and its advice says so."""


def learning_rate_band(learning_rate: float) -> LearningRateBand:
    """The band that a learning rate falls into."""
    return next(band for band in reversed(LEARNING_RATE_BANDS) if learning_rate >= band.low)
