"""The usual bands of learning rates."""

from __future__ import annotations

import math
from typing import NamedTuple


class LearningRateBand(NamedTuple):
    """A row of the printed table of learning rates: low ≤ η < high."""

    low: float
    high: float
    behaviour: str
    use: str
    advice: str
    brief: str
    """The advice in a few words."""


LEARNING_RATE_BANDS: tuple[LearningRateBand, ...] = (
    LearningRateBand(
        0.0,
        0.0001,
        "Very slow convergence",
        "Fine-tuning pre-trained models",
        "Below 0.0001: very slow; for fine-tuning.",
        "Very slow; for fine-tuning",
    ),
    LearningRateBand(
        0.0001,
        0.001,
        "Stable but slow",
        "Large models with good initialisation",
        "0.0001 to 0.001: stable but slow.",
        "Stable but slow",
    ),
    LearningRateBand(
        0.001,
        0.01,
        "Good balance",
        "Most common default range",
        "0.001 to 0.01: a good balance, the most common default.",
        "A good balance, the usual default",
    ),
    LearningRateBand(
        0.01,
        0.1,
        "Fast but potentially unstable",
        "Well-conditioned problems",
        "0.01 to 0.1: fast, but possibly unstable.",
        "Fast, but possibly unstable",
    ),
    LearningRateBand(
        0.1,
        math.inf,
        "Divergence likely",
        "Avoid unless carefully monitored",
        "0.1 and above: divergence likely on hard problems. Small, well-scaled networks often learn "
        "fastest at 0.1 to 1, so take this as advice and watch the loss.",
        "May diverge: watch the loss",
    ),
)
"""The usual rules of thumb, as printed in guides to backpropagation, in order and without gaps. The last row
is true of some problems only, and its advice says so."""


def learning_rate_band(learning_rate: float) -> LearningRateBand:
    """The band that a learning rate falls into."""
    return next(band for band in reversed(LEARNING_RATE_BANDS) if learning_rate >= band.low)
