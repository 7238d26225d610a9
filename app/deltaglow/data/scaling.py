"""Scaling: every feature brought to one size, by what the training samples say of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from deltaglow.data.dataset import Array


@dataclass(frozen=True, eq=False)
class Scaling:
    """x′ = (x − shift) / span, feature by feature; shift and span are (d,)."""

    shift: Array
    span: Array

    def __call__(self, x: Array) -> Array:
        """The samples (N, d), scaled."""
        scaled: Array = (x - self.shift) / self.span
        return scaled


@dataclass(frozen=True)
class ScalingKind:
    """A way to scale: `fit` finds shift and span in the training samples (N, d).

    label: what a person calls it. description: one sentence. formula: with x for a feature.
    """

    label: str
    description: str
    formula: str
    fit: Callable[[Array], Scaling]


def _none(x: Array) -> Scaling:
    return Scaling(np.zeros(x.shape[1]), np.ones(x.shape[1]))


def _standard(x: Array) -> Scaling:
    return Scaling(x.mean(axis=0), _or_one(x.std(axis=0)))


def _minmax(x: Array) -> Scaling:
    low = x.min(axis=0)
    return Scaling(low, _or_one(x.max(axis=0) - low))


def _or_one(span: Array) -> Array:
    """A feature that is always the same is only shifted."""
    return np.where(span > 0.0, span, 1.0)


SCALINGS: dict[str, ScalingKind] = {
    "none": ScalingKind("None", "Features as they are.", "x", _none),
    "standard": ScalingKind(
        "Standardise",
        "Each feature has mean 0 and standard deviation 1 over the training samples.",
        "(x − μ) / σ",
        _standard,
    ),
    "minmax": ScalingKind(
        "Min–max",
        "Each feature lies between 0 and 1 over the training samples.",
        "(x − min) / (max − min)",
        _minmax,
    ),
}
"""The ways to scale. σ is that of the samples at hand (divided by N), as in scikit-learn's StandardScaler."""
