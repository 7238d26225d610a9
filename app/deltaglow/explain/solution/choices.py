"""What is to be chosen of a worked solution."""

from dataclasses import dataclass

NOTATIONS = {
    "named": "Weights w₁, w₂ …, units numbered through",
    "index": "Weights w⁽²⁾₁₂, by layer and unit",
}
DEPTHS = {
    "auto": "As the network allows",
    "full": "Every calculation",
    "brief": "One calculation of each kind",
}
SAMPLES = {"first": "One sample", "all": "Every sample of the batch"}
MOST_STEPS = 50
"""Steps in one solution."""
MOST_SAMPLES = 32
"""Samples of a batch that are worked out one by one."""


@dataclass(frozen=True, slots=True)
class Choices:
    """notation: a key of NOTATIONS, "" for the project's own: named if it names weights. depth: a key of
    DEPTHS. samples: rows of each batch, from 0, that are worked out; None for all of it.
    """

    notation: str = ""
    depth: str = "auto"
    samples: tuple[int, ...] | None = (0,)


class SolutionError(ValueError):
    """What was chosen cannot be worked out; str() is one line that says why."""
