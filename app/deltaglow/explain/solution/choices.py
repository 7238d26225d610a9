"""What is to be chosen of a worked solution."""

from dataclasses import dataclass
from pathlib import Path

FORMATS = {
    "html": "Web page (HTML)",
    "pdf": "PDF",
    "tex": "LaTeX source",
    "md": "Markdown",
}
"""A file's suffix → what that format is called."""
PAPERS = {"a4": "A4", "letter": "Letter"}
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


def format_of(path: Path) -> str | None:
    """The format that a file's name asks for; None if it ends in none that is known."""
    suffix = path.suffix.lower().removeprefix(".")
    return suffix if suffix in FORMATS else None
