"""A whole step as a worked solution to hand out: what it says, and how that is written in each format."""

from deltaglow.explain.solution.choices import DEPTHS, MOST_STEPS, NOTATIONS, SAMPLES, Choices, SolutionError
from deltaglow.explain.solution.content import worked_solution
from deltaglow.explain.solution.sheet import Sheet

__all__ = [
    "DEPTHS",
    "MOST_STEPS",
    "NOTATIONS",
    "SAMPLES",
    "Choices",
    "Sheet",
    "SolutionError",
    "worked_solution",
]
