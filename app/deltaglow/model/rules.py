"""What values are allowed: the one table behind validation, spin-box limits, tooltips and error texts.

To allow something new, change a row here and nothing else.
"""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from deltaglow.data import DATASETS, FEATURES, SCALINGS, Stored
from deltaglow.engine import (
    ACTIVATIONS,
    AUTO,
    AUTO_SEGMENTS,
    DEVICES,
    INITIALIZERS,
    LOSSES,
    OPTIMIZERS,
    PRECISIONS,
    SCHEDULES,
    LossScale,
)
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
    "layers": Rule("Layers", "How many layers of units follow the input", 1, 64, integer=True, default=2),
    "units": Rule(
        "Units",
        "How many units the layer has; the last layer has one for each class",
        1,
        4096,
        integer=True,
        default=2,
    ),
    "type": Rule(
        "Layer type",
        "What the layer does with what the one before says",
        choices=("dense", "batch_norm", "dropout", "conv1d"),
        default="dense",
    ),
    "from": Rule(
        "Skip from",
        "The layer that the connection around starts from; 0 is the input",
        0,
        63,
        integer=True,
        default=0,
    ),
    "projection": Rule("Projection", "Whether the connection around has a matrix of its own", default=False),
    "rate": Rule(
        "Dropout rate",
        "The probability that a unit is silenced in a training step",
        0,
        0.99,
        default=0.5,
    ),
    "eps": Rule("ε", "What is added to the variance before its square root", 0, 1, True, default=1e-5),
    "running_momentum": Rule(
        "Momentum", "How far a step moves the running mean and variance", 0, 1, default=0.1
    ),
    "running_mean": Rule("Running mean", "The mean that evaluation subtracts", default=0.0),
    "running_var": Rule("Running variance", "The variance that evaluation divides by", 0, default=1.0),
    "channels": Rule("Channels", "How many channels the convolution gives", 1, 4096, integer=True, default=4),
    "in_channels": Rule(
        "Channels before", "As how many channels the units before are seen", 1, 4096, integer=True, default=1
    ),
    "kernel": Rule("Kernel", "How many positions a kernel looks at", 1, 4096, integer=True, default=3),
    "stride": Rule(
        "Stride", "Positions from one stop of the kernel to the next", 1, 4096, integer=True, default=1
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
    "gain": Rule(
        "Gain",
        "What the drawn weights are multiplied by, to make up for what the activation takes away",
        0,
        1000,
        exclusive=True,
        word=AUTO,
        default=1.0,
    ),
    "constant": Rule(
        "Constant", "The weight that every connection of the layer starts with", -1000, 1000, default=0.1
    ),
    "loss": Rule(
        "Loss",
        "What the outputs are made of, and what training makes small",
        choices=tuple(LOSSES),
        default="softmax_cross_entropy",
    ),
    "label_smoothing": Rule(
        "Label smoothing ε",
        "The share of every target that is spread over all classes: y′ = (1 − ε) y + ε/K",
        0,
        0.99,
        default=0.0,
    ),
    "class_weight": Rule(
        "Class weight", "How much the class counts in the loss", 0, 1e6, exclusive=True, default=1.0
    ),
    "naive": Rule(
        "Naive softmax",
        "Whether softmax leaves the largest logit in, as textbooks warn: a logit above 709 then overflows",
        default=False,
    ),
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
    "momentum": Rule(
        "Momentum β", "How much of its velocity a parameter keeps from step to step", 0, 0.9999, default=0.9
    ),
    "alpha": Rule(
        "Decay α", "How much of the mean square of past gradients is kept", 0, 0.999999, default=0.99
    ),
    "beta1": Rule("β₁", "How much of the mean of past gradients is kept", 0, 0.999999, default=0.9),
    "beta2": Rule("β₂", "How much of the mean square of past gradients is kept", 0, 0.999999, default=0.999),
    "epsilon": Rule("ε", "Keeps the division by a root from being one by 0", 0, 1, True, default=1e-8),
    "schedule": Rule(
        "Schedule",
        "How the learning rate changes along the run",
        choices=tuple(SCHEDULES),
        default="constant",
    ),
    "every": Rule(
        "Every", "How many updates lie between two drops", 1, 10**9, False, True, unit="updates", default=1000
    ),
    "gamma": Rule("Factor γ", "By what the learning rate is multiplied each time", 0, 1, True, default=0.1),
    "steps": Rule(
        "Length",
        "Over how many updates the schedule runs",
        1,
        10**9,
        False,
        True,
        unit="updates",
        default=1000,
    ),
    "warmup": Rule(
        "Warm-up", "How many updates the way up takes", 1, 10**9, False, True, unit="updates", default=100
    ),
    "start": Rule("Start", "Which share of η the warm-up starts from", 0, 1, True, default=1 / 3),
    "minimum": Rule("Minimum η", "Where the learning rate ends", 0, 1000, default=0.0),
    "peak": Rule("Peak", "After which share of the run the learning rate is largest", 0, 1, default=0.3),
    "rise": Rule("Rise", "By what η is divided to give the first learning rate", 1, 1e9, default=25.0),
    "fall": Rule("Fall", "By what the first learning rate is divided to give the last", 1, 1e12, default=1e4),
    "l1": Rule("L1 λ₁", "Adds λ₁ Σ|w| to the loss: drives small weights to zero", 0, 1000, default=0.0),
    "l2": Rule("L2 λ₂", "Adds ½ λ₂ Σw² to the loss: keeps weights small", 0, 1000, default=0.0),
    "weight_decay": Rule(
        "Weight decay λ", "Shrinks every weight by the factor 1 − η λ in each update", 0, 1000, default=0.0
    ),
    "clip_norm": Rule(
        "Clip norm", "Scales the gradient down when its norm is larger than this", 0, 1e9, True, default=1.0
    ),
    "clip_value": Rule(
        "Clip value", "Holds every number of the gradient between ± this", 0, 1e9, True, default=1.0
    ),
    "accumulate": Rule(
        "Gather",
        "How many batches' gradients are averaged for one update",
        1,
        100_000,
        False,
        True,
        default=1,
    ),
    "precision": Rule(
        "Precision",
        "What numbers the training computes with",
        choices=tuple(PRECISIONS),
        default="float64",
    ),
    "initial": Rule(
        "Loss scale",
        "What errors are multiplied by at first in mixed precision, a power of two",
        1,
        2**24,
        integer=True,
        default=int(LossScale().initial),
    ),
    "grow_after": Rule(
        "Grow after",
        "After how many good steps in a row the loss scale is doubled",
        1,
        10**6,
        False,
        True,
        unit="steps",
        default=LossScale().grow_after,
    ),
    "device": Rule("Device", "What the training computes on", choices=tuple(DEVICES), default="cpu"),
    "sparse_inputs": Rule(
        "Sparse inputs",
        "Whether weights of inputs that are zero in a whole batch are left alone and cost no work",
        default=False,
    ),
    "top_k": Rule(
        "Top-k share",
        "Which share of the gradient's numbers, the largest, an update uses; the rest is held back for later",
        0,
        1,
        exclusive=True,
        default=0.1,
    ),
    "checkpoint": Rule(
        "Segments",
        "In how many segments the layers take turns in the same memory: the activations of one are written "
        "over by the next, and worked out again on the way back: the same numbers in a longer step",
        1,
        64,
        integer=True,
        word=AUTO_SEGMENTS,
        default=1,
    ),
    "micro_batches": Rule(
        "Micro-batches",
        "In how many parts a batch is computed at the same time, on as many processors as there are: "
        "it gains time only where layers are wide and batches large",
        1,
        64,
        integer=True,
        unit="parts",
        default=1,
    ),
    "input_noise": Rule(
        "Input noise σ",
        "Standard deviation of noise added to every input, anew in every step",
        0,
        10,
        unit="the features' units",
        default=0.0,
    ),
    "patience": Rule(
        "Patience",
        "After how many epochs without a better loss the run stops",
        1,
        10**6,
        False,
        True,
        unit="epochs",
        default=10,
    ),
    "min_delta": Rule("Least gain", "By how much a loss must be lower to be better", 0, 1e6, default=0.0),
    "restore_best": Rule(
        "Restore the best", "Whether the parameters of the best epoch come back in the end", default=True
    ),
    "validation": Rule(
        "Validation",
        "Which share of the samples is kept out of the training, to judge it by",
        0,
        0.9,
        default=0.0,
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
        "Standard deviation of the blur added to every feature, or to targets that are numbers",
        0,
        2,
        unit="the data's units",
        default=0.0,
    ),
    "classes": Rule("Classes", "How many classes the data set has", 2, 10, integer=True, default=2),
    "balance": Rule(
        "Class balance",
        "How many samples the last class has for one that it would have; the classes between fall evenly",
        0.05,
        1,
        default=1.0,
    ),
    "scale": Rule(
        "Scaling",
        "How features are brought to one size, by what the training samples say of them",
        choices=tuple(SCALINGS),
        default="none",
    ),
    "engineered": Rule(
        "Engineered features",
        "What is made of the features and given to the network beside them",
        choices=tuple(FEATURES),
        default="square",
    ),
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
    "frozen": Rule("Frozen", "Whether training leaves the parameters as they are", default=False),
    "frozen_one": Rule(
        "Frozen", "Whether training leaves it as it is: 1, or 0 to train it", 0, 1, integer=True, default=0
    ),
    "target": Rule(
        "Target",
        "The probability that the sample belongs to the class; after softmax, a row of them sums to 1",
        0,
        1,
        default=0.0,
    ),
    "value": Rule("Target", "What the output should be", default=0.0),
}
"""key → rule. `classes`, `samples` and `noise` are narrowed further by the chosen data set's own limits."""

TARGETS: dict[str, tuple[str, ...]] = {"classes": ("distribution", "unit", "real"), "values": ("real",)}
"""What a data set's targets are → the kinds of targets that they are good for."""

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
    narrowed = replace(found, minimum=low, maximum=high, default=default)
    if key == "noise" and isinstance(kind.make, Stored):
        return replace(narrowed, unit="each feature's standard deviation")
    return narrowed


def losses_for(data: str) -> tuple[str, ...]:
    """The losses that suit a built-in data set."""
    return tuple(name for name, loss in LOSSES.items() if loss.targets in TARGETS[DATASETS[data].targets])


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
