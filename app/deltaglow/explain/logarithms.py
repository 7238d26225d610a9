"""Which numbers the logarithms of a loss are taken of, and where they have too few digits left for that."""

from __future__ import annotations

from deltaglow.engine import Frame

SMALLEST_LOGGED = 1e-300
"""Below this a ŷ has too few digits left for its logarithm; the loss then comes from the shifted logits."""

NEAREST_ONE = 1e-8
"""Nearer to 1 than this a ŷ has too few digits left for the logarithm of 1 − ŷ."""


def counted_targets(frame: Frame, row: int) -> list[int]:
    """The outputs whose logarithm the cross-entropy counts: where the target is not 0, or smoothed."""
    everything = frame.architecture.loss.label_smoothing > 0.0
    return [j for j, y in enumerate(frame.y[row].tolist()) if everything or y != 0.0]


def logs_from_shifted(frame: Frame, row: int) -> bool:
    """Whether a ŷ that the loss needs has underflowed, so that L = ln S − Σ y s must be shown instead."""
    spec = frame.architecture.loss
    if spec.name != "softmax_cross_entropy" or spec.naive:
        return False
    return bool((frame.y_hat[row, counted_targets(frame, row)] < SMALLEST_LOGGED).any())


def logs_from_logits(frame: Frame, row: int) -> bool:
    """Whether a sigmoid is too near 0 or 1 for the logarithm that the loss takes of it."""
    if frame.architecture.loss.name != "sigmoid_cross_entropy":
        return False
    y, y_hat = frame.y[row], frame.y_hat[row]
    return bool((((y_hat > 1.0 - NEAREST_ONE) & (y != 1.0)) | ((y_hat < SMALLEST_LOGGED) & (y != 0.0))).any())
