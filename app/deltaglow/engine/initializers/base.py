"""What an initialiser is to the engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from deltaglow.engine.ops import Array

Fill = Callable[[np.random.Generator, int, int, int], Array]
"""From a generator, the rows and columns of W and n_out to W; n_in is its columns."""
AUTO = "auto"


@dataclass(frozen=True)
class Initializer:
    """A rule for a weight matrix: `rule(rng, units_out, units_in)` gives W of shape (out, in), with a gain
    of 1. `behind`: how many units each input reaches, the rule's n_out, where that is not `units_out`.

    `own_gain`: the factor that is part of the rule already (He's √2); None where a gain has no meaning.
    """

    name: str
    label: str
    formula: str
    """The distribution in plain text, n_in and n_out being the units before and behind the weights."""
    fill: Fill
    own_gain: float | None = 1.0

    def __call__(
        self, rng: np.random.Generator, units_out: int, units_in: int, behind: int | None = None
    ) -> Array:
        return self.fill(rng, units_out, units_in, units_out if behind is None else behind)


@dataclass(frozen=True)
class Start:
    """How a layer's weights start.

    init: the rule's name. gain: what the rule's weights are multiplied by; "auto" for the gain of the layer's
    activation function, in place of one that the rule has in it, as in PyTorch's `kaiming_normal_`.
    constant: the weight that the rule "constant" gives.
    """

    init: str = "xavier_normal"
    gain: float | str = 1.0
    constant: float = 0.1
