"""Where the parameters of a changed project come from, so that what belongs to them can follow."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from deltaglow.model import build, kinds
from deltaglow.model.project import Project

_TAG = 2.0**40


def given(project: Project) -> Project:
    """The project with every parameter written in; those that are to be drawn, as they are drawn.

    The same object if it has them all already.
    """
    if all(map(kinds.is_given, project.network.layers)):
        return project
    first = build.network(project, np.random.default_rng(project.training.seed))
    return build.with_parameters(project, first.theta, first.statistics)


def origins(
    project: Project, change: Callable[[Project], Project]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Where the parameters of the changed project come from, and what its layers remember.

    For each number of the flat vectors after the change, its place in those before it, or −1 where it is
    new: what an optimiser keeps beside the parameters follows them by this.
    """
    shape = build.network(project, np.random.default_rng(0)).architecture
    tagged = build.with_parameters(
        project, _TAG + np.arange(shape.parameters), _TAG + np.arange(shape.remembered, dtype=np.float64)
    )
    after = build.network(change(tagged), np.random.default_rng(0))
    return _untagged(after.theta, shape.parameters), _untagged(after.statistics, shape.remembered)


def _untagged(vector: npt.NDArray[np.float64], count: int) -> npt.NDArray[np.intp]:
    tag = vector - _TAG
    known = (tag >= 0) & (tag < count) & (tag == np.floor(tag))
    return np.where(known, tag, -1).astype(np.intp)
