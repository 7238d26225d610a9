"""Hidden units in an order in which a network is easier to read; what it computes stays the same."""

from __future__ import annotations

import numpy as np

from deltaglow.model.edits import arrange_units, given
from deltaglow.model.project import Change, Project


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
            pull = np.abs(np.array(layer.W)) * (1.0 if layer.mask is None else layer.mask)
            total = pull.sum(axis=1)
            middle = (pull @ np.arange(pull.shape[1])) / np.where(total > 0, total, 1.0)
            orders[k] = [int(unit) for unit in np.argsort(middle, kind="stable")]
            known = arrange_units(known, k, orders[k])

    def untangled(project: Project) -> Project:
        for k, order in orders.items():
            project = arrange_units(project, k, order)
        return project

    return untangled
