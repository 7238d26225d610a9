"""Hidden units in an order in which a network is easier to read; what it computes stays the same."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from enum import Enum

import numpy as np
import numpy.typing as npt

from deltaglow.model.edits import arrange_units, given
from deltaglow.model.project import Change, Layer, Project

Orders = Mapping[int, Sequence[int]]
"""Of columns whose units are to stand in another order: which of them stands in each place."""


class Line(Enum):
    """Where units of a column are to stand together: what is left of a free place, as columns are centred and
    their units evenly spaced.
    """

    TOP = 0.0
    MIDDLE = 0.5
    BOTTOM = 1.0


def in_line(sizes: Sequence[int], units: Collection[tuple[int, int]], line: Line) -> Orders:
    """The orders in which these units, each (column, unit), stand together in their columns."""
    orders = {}
    for k in sorted({k for k, _ in units}):
        chosen = sorted(u for column, u in units if column == k)
        others = [u for u in range(sizes[k]) if u not in chosen]
        at = round(line.value * len(others))
        orders[k] = [*others[:at], *chosen, *others[at:]]
    return orders


def level(project: Project, units: Collection[tuple[int, int]]) -> Orders:
    """The orders in which each of these units stands as high as the weighted middle of those it listens to;
    the others keep theirs. The project has every parameter.
    """
    orders = {}
    for k in sorted({k for k, _ in units}):
        layer = project.network.layers[k - 1]
        if layer.part is None and layer.units > 1:
            heights = np.linspace(0.0, 1.0, layer.units)
            chosen = [u for column, u in units if column == k]
            heights[chosen] = _middles(layer)[chosen]
            orders[k] = [int(unit) for unit in np.argsort(heights, kind="stable")]
    return orders


def arranging(orders: Orders) -> Change:
    """The edit that puts units in these orders."""

    def arranged(project: Project) -> Project:
        for k, order in orders.items():
            project = arrange_units(project, k, order)
        return project

    return arranged


def _middles(layer: Layer) -> npt.NDArray[np.float64]:
    """For each unit of a dense layer the weighted middle of those it listens to, from 0, the first, to 1."""
    pull = np.abs(np.array(layer.W)) * (1.0 if layer.mask is None else layer.mask)
    total = pull.sum(axis=1)
    reach = max(pull.shape[1] - 1, 1) * np.where(total > 0, total, 1.0)
    middle: npt.NDArray[np.float64] = (pull @ np.arange(pull.shape[1])) / reach
    return middle


def untangling(known: Project) -> Change:
    """The edit after which strong connections cross less.

    Each unit goes where the weighted middle of those it listens to is, column by column (the barycentre
    heuristic of Sugiyama, Tagawa and Toda 1981), the weights being |w|. known: the project with the weights
    that decide, once and for all, so that whatever belongs to a unit moves as the unit does.
    """
    known, orders = given(known), {}
    for k in range(1, len(known.network.layers)):
        layer = known.network.layers[k - 1]
        if layer.part is None and layer.units > 1:
            middle = _middles(layer)
            orders[k] = [int(unit) for unit in np.argsort(middle, kind="stable")]
            known = arrange_units(known, k, orders[k])

    return arranging(orders)
