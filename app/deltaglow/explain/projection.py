"""Samples where a layer puts them, seen along the directions in which they differ most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
AXES = 3
"""Directions that are looked along."""


@dataclass(frozen=True, eq=False)
class Projection:
    """places (n, AXES): of each sample along the principal axes, the one of greatest variance first; 0 along
    those that there are not. shares (AXES,): of the whole variance, what lies along each. directions (AXES,
    units): of unit length, 0 for those that there are not.
    """

    places: Array
    shares: Array
    directions: Array


def principal(values: Array) -> Projection:
    """The principal components of values (n, units), whatever their mean (Pearson 1901; Jolliffe, "Principal
    Component Analysis", 2002, section 3.1). An axis points to where its largest part is positive, as in
    scikit-learn, so that the same numbers give the same picture. Raises ValueError if a value is not finite.
    """
    if not np.isfinite(values).all():
        raise ValueError("a value is not finite")
    count, units = values.shape
    size = float(np.abs(values).max(initial=0.0)) or 1.0  # squares may be too large
    centred = (values - values.mean(axis=0)) / size if count else values
    found = _directions(centred)[:AXES]
    signs = np.sign(found[np.arange(len(found)), np.abs(found).argmax(axis=1)]) if units else np.empty(0)
    found = found * signs[:, None]
    directions = np.zeros((AXES, units))
    directions[: len(found)] = found
    places = centred @ directions.T
    spread, whole = (places**2).sum(axis=0), float((centred**2).sum())
    return Projection(places * size, spread / whole if whole else np.zeros(AXES), directions)


def _directions(centred: Array) -> Array:
    """The directions (k, units) of greatest variance of values whose mean is 0: eigenvectors of the smaller
    of the two products of the values with themselves.
    """
    count, units = centred.shape
    if count >= units:
        return np.linalg.eigh(centred.T @ centred)[1].T[::-1]
    lengths, vectors = np.linalg.eigh(centred @ centred.T)
    kept = lengths[::-1] > max(float(lengths[-1]), 0.0) * 1e-12 if count else np.empty(0, bool)
    found = (centred.T @ vectors).T[::-1][kept]
    directions: Array = found / np.linalg.norm(found, axis=1, keepdims=True)
    return directions
