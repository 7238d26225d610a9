"""Where weights start. To add a rule: a line in one of the files here, and its name in the table."""

from __future__ import annotations

import numpy as np

from deltaglow.engine.activations import ACTIVATIONS
from deltaglow.engine.initializers.base import AUTO, Initializer, Start
from deltaglow.engine.initializers.fixed import CONSTANT, ZEROS
from deltaglow.engine.initializers.orthogonal import ORTHOGONAL
from deltaglow.engine.initializers.scaled import SCALED
from deltaglow.engine.ops import Array

INITIALIZERS: dict[str, Initializer] = {rule.name: rule for rule in (ZEROS, CONSTANT, *SCALED, ORTHOGONAL)}


def gain_of(start: Start, activation: str) -> float:
    """What the rule's weights are multiplied by: 1 where a gain has no meaning."""
    rule = INITIALIZERS[start.init]
    if rule.own_gain is None:
        return 1.0
    if isinstance(start.gain, str):
        return ACTIVATIONS[activation].gain / rule.own_gain
    return start.gain


def draw(
    init: str | Start,
    activation: str,
    rng: np.random.Generator,
    units_out: int,
    units_in: int,
    behind: int | None = None,
) -> Array:
    """A layer's first weights, (units_out, units_in).

    init: a rule's name, or that with its gain or constant. activation: the layer's, for a gain of "auto".
    behind: how many units each input reaches, where that is not `units_out`.
    """
    start = Start(init) if isinstance(init, str) else init
    W = INITIALIZERS[start.init](rng, units_out, units_in, behind)
    factor = start.constant if start.init == CONSTANT.name else gain_of(start, activation)
    return W if factor == 1.0 else W * factor


__all__ = ["AUTO", "INITIALIZERS", "Initializer", "Start", "draw", "gain_of"]
