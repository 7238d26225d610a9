"""A second opinion on how large whole gradients are: by nudging along them, or added up once more."""

from __future__ import annotations

import math

import numpy as np

from deltaglow.engine import Difference, Frame, Probe
from deltaglow.engine.clipping import SOFTENER
from deltaglow.explain.clipped import entries
from deltaglow.model.quantity import Quantity, value
from deltaglow.model.sizes import FACTOR, NORM, RATIO, TOTAL

_NOISE = 64 * math.ulp(1.0)


def along_gradient(frame: Frame, layer: int) -> Difference | None:
    """How steeply the loss rises where all weights of a layer move along their gradient at once, by 1
    together: that slope is the gradient's size. None where it has no direction.
    """
    trace = frame.layers[layer - 1]
    rows, length = trace.weight_gradient, float(np.linalg.norm(trace.weight_gradient))
    if not 0.0 < length < math.inf:
        return None
    direction = np.zeros(len(frame.theta))
    frame.architecture.blocks(direction)[layer - 1][: len(rows)] = rows / length
    return Probe(frame).d_along(direction)


def again(frame: Frame, q: Quantity) -> Difference:
    """The number once more, from the numbers that it is made of."""
    found = _again(frame, q)
    return Difference(found, 0.0, _NOISE * abs(found) if math.isfinite(found) else 0.0, corner=False)


def _again(frame: Frame, q: Quantity) -> float:
    if q.kind == NORM:
        return math.hypot(*frame.layers[(q.layer or 1) - 1].weight_gradient.ravel().tolist())
    if q.kind == TOTAL:
        return math.hypot(*(value(each, frame) for each in entries(frame)))
    if q.kind == RATIO:
        pairs = zip(frame.theta_after.tolist(), frame.theta.tolist(), strict=True)
        return math.hypot(*(after - before for after, before in pairs)) / math.hypot(*frame.theta.tolist())
    assert q.kind == FACTOR and frame.update.clip is not None
    return min(1.0, frame.update.clip.limit / (value(Quantity(TOTAL), frame) + SOFTENER))
