"""What several runs have in common: of every step the least, the middle and the greatest of their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from deltaglow.model import naming
from deltaglow.model.project import Project

Rows = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Run:
    """rows (steps, columns): of the steps of one run. seconds: that they took."""

    rows: Rows
    seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class Band:
    """Of runs of a project that differ in their seeds alone. seeds: of those that are in it. names: of the
    columns. low, middle, high (steps, columns): least, median and greatest number of each step over the runs;
    NaN where no run has a finite one. runs: the runs themselves, as long as they are wanted.
    """

    project: Project
    seeds: tuple[int, ...]
    names: tuple[str, ...]
    low: Rows
    middle: Rows
    high: Rows
    runs: tuple[Run, ...] = ()

    @property
    def steps(self) -> int:
        """How many."""
        return len(self.middle)

    def fits(self, project: Project) -> bool:
        """Whether it is of this project, whatever its seed and its names."""
        return _seedless(self.project) == _seedless(project)

    @property
    def words(self) -> str:
        """How many runs it is of, and what is drawn."""
        return f"{len(self.seeds)} seeds: least to greatest, dotted the median"


def _seedless(project: Project) -> Project:
    training, network = replace(project.training, seed=0), naming.without(project.network)
    return replace(project, training=training, network=network, title="", state=None)


def band(project: Project, seeds: Sequence[int], names: Sequence[str], runs: Sequence[Run]) -> Band:
    """The band of runs; as long as the longest, each step over those that have it."""
    steps = max(len(run.rows) for run in runs)
    every = np.full((len(runs), steps, len(names)), np.nan, dtype=np.float32)
    for place, run in enumerate(runs):
        every[place, : len(run.rows)] = run.rows
    every[~np.isfinite(every)] = np.nan
    low, high = np.fmin.reduce(every, axis=0), np.fmax.reduce(every, axis=0)
    return Band(project, tuple(seeds), tuple(names), low, _median(every), high, tuple(runs))


def _median(every: Rows) -> Rows:
    """The median over the runs, of those that are finite; NaN where none is."""
    ordered, count = np.sort(every, axis=0), np.isfinite(every).sum(axis=0)  # NaN is sorted to the end
    half = np.maximum(count - 1, 0)
    below = np.take_along_axis(ordered, (half // 2)[None], axis=0)[0]
    above = np.take_along_axis(ordered, (count // 2 * (count > 0))[None], axis=0)[0]
    middle: Rows = np.where(count % 2 == 1, below, (below + above) / 2).astype(np.float32)
    return middle
