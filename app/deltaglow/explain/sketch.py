"""How the numbers of a layer are distributed: histograms that can be put side by side over a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, isfinite, log2

import numpy as np
import numpy.typing as npt

from deltaglow.engine import ACTIVATIONS, Frame, LayerTrace

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
BINS = 64
MOST = 20_000
"""Numbers that are looked at; of more, evenly spaced ones."""
KINDS = ("W", "dW", "z", "a", "delta")
FINEST, WIDEST = -40, 1022
"""The least and the greatest power of two that a histogram reaches to: about 1e−12 and 4e307."""
SEEN = 0.002
"""A part of the range whose share of the numbers is never above this is not made room for."""
SATURATED = 0.05
"""A unit that passes less than this share of the most its activation can, in all of a batch, is stuck."""


@dataclass(frozen=True, eq=False)
class Histogram:
    """Counts (BINS,) over equal parts of −2^power to 2^power; numbers that are not finite are left out."""

    counts: Counts
    power: int

    def reaching(self, power: int) -> Histogram:
        """The same over a wider range: two neighbours, and two again, become one. Exact."""
        counts = self.counts
        for _ in range(power - self.power):
            halved = counts.reshape(-1, 2).sum(axis=1)
            counts = np.zeros(BINS, dtype=np.int64)
            counts[BINS // 4 : 3 * BINS // 4] = halved
        return Histogram(counts, max(power, self.power))

    def parts(self) -> list[tuple[float, float, int]]:
        """Of each part that has any numbers, where it begins and ends, and how many."""
        edges = np.linspace(-(2.0**self.power), 2.0**self.power, BINS + 1).tolist()
        there = np.flatnonzero(self.counts).tolist()
        return [(edges[k], edges[k + 1], int(self.counts[k])) for k in there]

    def between(self, share: float) -> tuple[float, float]:
        """The bounds of the parts between which the middle `share` of the numbers lies; NaN of none."""
        total = self.counts.sum()
        if not total:
            return float("nan"), float("nan")
        summed = np.cumsum(self.counts) / total
        first = int(np.searchsorted(summed, (1.0 - share) / 2.0, side="right"))
        last = int(np.searchsorted(summed, (1.0 + share) / 2.0 - 1e-12))
        edges = np.linspace(-(2.0**self.power), 2.0**self.power, BINS + 1)
        return float(edges[first]), float(edges[min(last, BINS - 1) + 1])

    def quantiles(self, shares: Sequence[float]) -> Floats:
        """The numbers below which these shares of all lie, as if those of a part were spread evenly over it,
        (shares,); NaN of none.
        """
        total = self.counts.sum()
        if not total:
            return np.full(len(shares), np.nan)
        edges = np.linspace(-(2.0**self.power), 2.0**self.power, BINS + 1)
        there = np.flatnonzero(self.counts)
        first, last = int(there[0]), int(there[-1]) + 1
        summed = np.concatenate([[0.0], np.cumsum(self.counts[first:last])]) / total
        found: Floats = np.interp(shares, summed, edges[first : last + 1])
        return found


def side_by_side(found: Sequence[Histogram]) -> tuple[Floats, Floats]:
    """Several histograms over the same parts: where those begin and end, (parts + 1,), and which share of its
    numbers each has there, (histograms, parts). Parts at the ends that have next to none are left out.
    """
    power = max(one.power for one in found)
    counts = np.array([one.reaching(power).counts for one in found], dtype=np.float64)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1.0)
    seen = np.flatnonzero(share.max(axis=0) > SEEN)
    low, high = (int(seen[0]), int(seen[-1]) + 1) if seen.size else (0, BINS)
    return np.linspace(-(2.0**power), 2.0**power, BINS + 1)[low : high + 1], share[:, low:high]


@dataclass(frozen=True, eq=False)
class Sketch:
    """The distributions of one step: by kind and layer; and how many units of each layer are stuck.

    dead: of each layer, the units that are silent for all of the batch and let nothing back; saturated: other
    units that let back next to nothing; units: of how many.
    """

    step: int
    histograms: Mapping[tuple[str, int], Histogram]
    dead: tuple[int, ...]
    saturated: tuple[int, ...]
    units: tuple[int, ...]


def histogram(values: Floats) -> Histogram:
    """Over the least power of two that reaches all of them."""
    flat = values.ravel()
    if flat.size > MOST:
        flat = flat[:: -(-flat.size // MOST)]
    largest = float(np.abs(flat).max(initial=0.0))
    if not isfinite(largest):
        flat = flat[np.isfinite(flat)]
        largest = float(np.abs(flat).max(initial=0.0))
    power = min(max(ceil(log2(largest)), FINEST), WIDEST) if largest > 0.0 else FINEST
    places = np.clip((np.ldexp(flat, -power) + 1.0) * (BINS / 2), 0, BINS - 1).astype(np.intp)
    return Histogram(np.bincount(places, minlength=BINS), power)


def sketch(frame: Frame) -> Sketch:
    """The distributions of a frame's step. Weights are those before it."""
    made = {
        (kind, k): histogram(getattr(layer, kind))
        for k, layer in enumerate(frame.layers, start=1)
        for kind in KINDS
        if getattr(layer, kind).size
    }
    stuck = [_stuck(layer) for layer in frame.layers]
    dead, saturated = (tuple(column) for column in zip(*stuck, strict=True))
    return Sketch(frame.step, made, dead, saturated, tuple(layer.z.shape[1] for layer in frame.layers))


def _stuck(layer: LayerTrace) -> tuple[int, int]:
    """How many units are dead, and how many saturated. Only activations that can be."""
    steepest = ACTIVATIONS[layer.activation].steepest
    most = np.abs(layer.slope).max(axis=0)
    dead = (most == 0.0) & (layer.a == 0.0).all(axis=0)
    return int(dead.sum()), int(((most < SATURATED * steepest) & ~dead).sum())
