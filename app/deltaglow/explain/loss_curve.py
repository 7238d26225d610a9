"""What an output costs as a function of its own number, where outputs cost each by itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deltaglow.engine import LOSSES, Frame
from deltaglow.engine.ops import Array
from deltaglow.explain import softmax_lab

POINTS = 81
REACH = 6.0
"""To how far from 0 a sigmoid's logit is looked at, at least."""


@dataclass(frozen=True, eq=False)
class LossCurve:
    """v, cost (POINTS,): the output's number before the loss, and what it would cost there. at, here: where
    the network is, and what that costs. slope: ∂L/∂v there, which goes back.
    """

    v: Array
    cost: Array
    at: float
    here: float
    slope: float


def loss_curve(frame: Frame, row: int, k: int) -> LossCurve:
    """Of output k of a row: ½ (v − y)² of a number, ln(1 + e^v) − y v of a label (binary cross-entropy of
    σ(v)). Raises ValueError after a softmax, where every output depends on all.
    """
    loss = LOSSES[frame.architecture.loss.name]
    if loss.softmax:
        raise ValueError("after a softmax an output costs nothing by itself")
    at, y = float(softmax_lab.logits(frame, row)[k]), float(frame.y[row, k])
    if loss.targets == "real":
        reach = 1.5 * abs(at - y) or 1.0
        v = np.linspace(y - reach, y + reach, POINTS)
        cost = 0.5 * (v - y) ** 2
    else:
        reach = max(REACH, 1.2 * abs(at))
        v = np.linspace(-reach, reach, POINTS)
        cost = np.logaddexp(0.0, v) - y * v
    here = float(softmax_lab.costs(frame, row)[k])
    return LossCurve(v, cost, at, here, float(frame.layers[-1].back[row, k]))
