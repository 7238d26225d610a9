"""Weights that are not random: all units of a layer compute the same, get the same gradient and stay the
same.

The textbook mistake, kept so that it can be watched.
"""

from __future__ import annotations

import numpy as np

from deltaglow.engine.initializers.base import Initializer
from deltaglow.engine.ops import Array


def _zeros(rng: np.random.Generator, rows: int, columns: int, n_out: int) -> Array:
    return np.zeros((rows, columns))


def _ones(rng: np.random.Generator, rows: int, columns: int, n_out: int) -> Array:
    """The shape of a constant: `draw` multiplies it by the layer's own number."""
    return np.ones((rows, columns))


ZEROS = Initializer("zeros", "Zeros", "0: every unit of a layer stays like its neighbours", _zeros, None)
CONSTANT = Initializer(
    "constant", "Constant", "one number: every unit of a layer stays like its neighbours", _ones, None
)
