"""How the numbers of the output card become lengths: fixed scales, by the loss and the data."""

from __future__ import annotations

from functools import lru_cache
from math import ceil, isfinite, log10

import numpy as np

from deltaglow.engine import LOSSES
from deltaglow.explain.numbers import fixed, show
from deltaglow.model.project import InlineData
from deltaglow.ui.diagram.scene import Scene

_LONGEST = 6
"""Characters there is room for beside a track."""


def probabilities(scene: Scene) -> bool:
    """Whether the outputs lie between 0 and 1."""
    return LOSSES[scene.frame.architecture.loss.name].targets != "real"


def target(scene: Scene, k: int) -> float:
    """What output k of the sample is compared with: its target, smoothed where the loss smooths."""
    y, smoothing = scene.frame.y[scene.sample], scene.frame.architecture.loss.label_smoothing
    return float(y[k]) * (1.0 - smoothing) + smoothing / len(y)


def value_span(scene: Scene) -> float:
    """What the end of a prediction's track stands for: 1, 2 or 5 times a power of ten above the targets."""
    data = scene.project.data
    return _span_of(data) if isinstance(data, InlineData) else 1.0


def delta_span(scene: Scene) -> float:
    """What the end of an error's track stands for."""
    if not probabilities(scene):
        return value_span(scene)
    return max(1.0, *(scene.frame.architecture.loss.class_weights or (1.0,)))


def part(value: float, span: float) -> float:
    """Which part of half a track stands for |value|, 0 to 1."""
    return min(abs(value) / span, 1.0) if value == value else 0.0


def number(scene: Scene, value: float, roomy: bool) -> str:
    """The number beside a track: a fixed count of decimals for probabilities, of digits for predictions, and
    for what such decimals would make 0.
    """
    if probabilities(scene) and abs(value) < 10.0:
        found = fixed(value, 3 if roomy else 2)
        if found.value or not value:
            return found.text
        if roomy:
            return show(value, 2).text
    for digits in (3 if roomy else 2, 2, 1):
        text = show(value, digits).text
        if len(text) <= _LONGEST:
            return text
    return text


@lru_cache(maxsize=4)
def _span_of(data: InlineData) -> float:
    most = float(np.abs(data.y).max(initial=0.0))
    if not most or not isfinite(most):
        return 1.0
    power = 10.0 ** ceil(log10(most) - 1e-12)
    return float(next(step * power for step in (0.2, 0.5, 1.0) if step * power >= most * (1 - 1e-12)))
