"""How samples are drawn from a built-in set: how many of each class, and which."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from deltaglow.data.dataset import Dataset, DataSetKind, Stored


def draw(
    kind: DataSetKind,
    samples: int,
    noise: float,
    classes: int,
    seed: int,
    balance: float = 1.0,
    whole: Dataset | None = None,
) -> Dataset:
    """`samples` samples of the set; the same arguments give the same bits.

    noise: a standard deviation, of a stored set in units of each feature's own. balance: see `shares`.
    whole: of a stored set, all that there is of it.
    """
    if isinstance(kind.make, Stored):
        if whole is None:
            raise ValueError(f"the set {kind.name} is stored: it must be read first")
        rng = np.random.default_rng(seed)
        picked = _pick(whole, shares(samples, classes, balance, kind.make.sizes), rng)
        blur = noise * whole.x.std(axis=0) * rng.standard_normal(picked.x.shape)
        return Dataset(picked.x + blur, picked.y, picked.feature_names, picked.class_names, picked.title)
    if balance == 1.0:
        return kind.make(samples, noise, classes, seed)
    wanted = shares(samples, classes, balance)
    # One more of each class than the largest needs: XOR deals its classes evenly only by fours.
    many = kind.make(classes * (max(wanted) + 1), noise, classes, seed)
    return _pick(many, wanted, np.random.default_rng((seed, samples)))


def shares(
    samples: int, classes: int, balance: float, available: Sequence[int] | None = None
) -> tuple[int, ...]:
    """How many of `samples` samples each class has.

    Class k, counted from 0, counts balance^(k / (K − 1)) times as much as it would otherwise: 1 leaves the
    classes as they are, and with 0.1 the last has a tenth of what it had beside the first (the long-tailed
    profile of Cui et al. 2019). Otherwise all count the same, or as many as are `available`. What is left by
    rounding down goes to the largest remainders.
    """
    weights = _weights(classes, balance, available)
    exact = samples * weights / weights.sum()
    counts = np.floor(exact + 1e-9).astype(np.intp)
    left = np.argsort(counts - exact, kind="stable")[: samples - int(counts.sum())]
    counts[left] += 1
    return tuple(map(int, counts))


def most(kind: DataSetKind, balance: float) -> int:
    """How many samples the set can give with its classes so balanced."""
    if not isinstance(kind.make, Stored):
        return kind.max_samples
    weights = _weights(len(kind.make.sizes), balance, kind.make.sizes)
    return min(kind.max_samples, math.floor(float(weights.sum()) + 1e-9))


def _weights(classes: int, balance: float, available: Sequence[int] | None) -> npt.NDArray[np.float64]:
    profile = np.power(balance, np.arange(classes) / max(1, classes - 1))
    weights: npt.NDArray[np.float64] = profile * (1.0 if available is None else np.array(available))
    return weights


def _pick(data: Dataset, counts: Sequence[int], rng: np.random.Generator) -> Dataset:
    """So many samples of each class at random, in random order."""
    order = rng.permutation(len(data.x))
    labels = data.y[order].argmax(axis=1)
    taken = np.zeros(len(order), dtype=np.bool_)
    for k, count in enumerate(counts):
        taken[np.flatnonzero(labels == k)[:count]] = True
    rows = order[taken]
    return Dataset(data.x[rows], data.y[rows], data.feature_names, data.class_names, data.title)
