"""Curves smoothed: running means that forget, as they do not jump when an old value leaves them."""

from __future__ import annotations

import numpy as np

from .pyramid import Array

CHOICES = (0, 3, 10, 30, 100, 300, 1000, 3000, 10_000)
"""Over about how many steps curves can be averaged; 0 for not at all."""
BLOCK = 64
"""Values that are worked out at once, by one product of matrices."""


def smoothed(values: Array, span: float) -> Array:
    """The exponential running mean of each row of values (rows, n): a value that is `span` places old
    counts 1/e of the newest, and the weights of all values so far sum to one, as in TensorBoard
    (Kingma and Ba, "Adam", 2015, section 3, correct the bias of the start in the same way). Values that are
    not finite do not count and stay gaps.
    """
    finite = np.isfinite(values)
    given = np.where(finite, values, 0.0)
    decay = float(np.exp(-1.0 / max(span, 1e-3)))
    lags = np.arange(BLOCK)[:, None] - np.arange(BLOCK)[None, :]
    weights = np.where(lags >= 0, decay ** np.maximum(lags, 0), 0.0)
    fading = decay ** np.arange(1, BLOCK + 1)
    total, weight = np.zeros((len(values), 1)), np.zeros((len(values), 1))
    made = np.empty_like(given)
    for start in range(0, values.shape[1], BLOCK):
        part = slice(start, min(start + BLOCK, values.shape[1]))
        count = part.stop - part.start
        kernel = weights[:count, :count].T
        totals = given[:, part] @ kernel + total * fading[:count]
        sums = finite[:, part] @ kernel + weight * fading[:count]
        made[:, part] = np.divide(totals, sums, out=np.full_like(totals, np.nan), where=sums > 1e-300)
        total, weight = totals[:, -1:], sums[:, -1:]
    made[~finite] = np.nan
    return made
