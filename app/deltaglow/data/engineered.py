"""Engineered features: functions of the features, given to the network as more inputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from deltaglow.data.dataset import Array


@dataclass(frozen=True)
class FeatureKind:
    """A family of features made of others.

    label: with x₁, x₂ as examples. count(d): how many it makes of d. make(x): (N, d) to (N, count).
    names: what they are called, from the names of the others.
    """

    label: str
    description: str
    count: Callable[[int], int]
    make: Callable[[Array], Array]
    names: Callable[[Sequence[str]], list[str]]


def _products(x: Array) -> Array:
    left, right = np.triu_indices(x.shape[1], 1)
    made: Array = x[:, left] * x[:, right]
    return made


FEATURES: dict[str, FeatureKind] = {
    "square": FeatureKind(
        "x²",
        "The square of every feature.",
        lambda d: d,
        lambda x: x * x,
        lambda names: [f"{_factor(name)}²" for name in names],
    ),
    "product": FeatureKind(
        "x₁x₂",
        "The product of every two features.",
        lambda d: d * (d - 1) // 2,
        _products,
        lambda names: [f"{_factor(a)}{_factor(b)}" for a, b in combinations(names, 2)],
    ),
    "sine": FeatureKind(
        "sin πx",
        "The sine of π times every feature: one wave from −1 to 1.",
        lambda d: d,
        lambda x: np.sin(np.pi * x),
        lambda names: [f"sin π{_factor(name)}" for name in names],
    ),
}
"""The families, in the order in which they are put behind the features themselves."""


def width(features: int, chosen: Sequence[str]) -> int:
    """How many inputs so many features make with these families."""
    return features + sum(FEATURES[name].count(features) for name in chosen)


def features_in(inputs: int, chosen: Sequence[str]) -> int | None:
    """How many features make so many inputs with these families; None if no number does."""
    low, high = 0, inputs
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if width(middle, chosen) < inputs else (low, middle)
    return low if width(low, chosen) == inputs else None


def extended(x: Array, names: Sequence[str], chosen: Sequence[str]) -> tuple[Array, tuple[str, ...]]:
    """The samples (N, d) with the families' features behind their own, and the names of all of them."""
    kinds = [FEATURES[name] for name in chosen]
    columns = [x, *(kind.make(x) for kind in kinds)]
    return np.hstack(columns), (*names, *(made for kind in kinds for made in kind.names(names)))


def _factor(name: str) -> str:
    """The name as it stands in a product: in brackets, unless it is a letter with an index."""
    return name if len(name.rstrip("₀₁₂₃₄₅₆₇₈₉")) == 1 else f"({name})"
