"""Fixed scales: how a number becomes a width, a size, a length. No frame renormalises them."""

from __future__ import annotations

from math import isfinite, log10

import numpy as np
import numpy.typing as npt

WIDTHS = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0)
"""The line widths, in pixels, that stand for a weight's size."""
WEIGHT_OF_WIDEST = 2.0
"""|w| from which a line is as wide as it gets."""

GLOW_DECADES = (-6.0, 0.0)
"""The decades of |δ| that glow sizes span."""
GLOW_STEPS = 13
NORM_DECADES = (-6.0, 1.0)
"""The decades of ‖∂L/∂W‖ that the strip under the columns spans."""


def width_index(weights: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    """Which of WIDTHS stands for each weight; grows with √|w|."""
    size = np.minimum(np.abs(weights), WEIGHT_OF_WIDEST)
    size[np.isnan(size)] = 0.0
    steps = np.sqrt(size / WEIGHT_OF_WIDEST) * (len(WIDTHS) - 1)
    index: npt.NDArray[np.intp] = np.rint(steps).astype(np.intp)
    return index


def glow_step(value: float) -> int:
    """Which of the GLOW_STEPS sizes stands for |value|, on the logarithmic scale; −1 for nothing to show."""
    if value == 0.0:
        return -1
    if not isfinite(value):
        return GLOW_STEPS - 1
    part = _part(value, GLOW_DECADES)
    return -1 if part < 0.0 else round(min(part, 1.0) * (GLOW_STEPS - 1))


def glow_steps(values: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    """`glow_step` of every value."""
    low, high = GLOW_DECADES
    sizes = np.abs(values)
    sizes[np.isnan(sizes)] = np.inf
    with np.errstate(divide="ignore"):
        parts = (np.log10(sizes) - low) / (high - low)
    steps = np.rint(np.clip(parts, 0.0, 1.0) * (GLOW_STEPS - 1)).astype(np.intp)
    return np.where(parts < 0.0, -1, steps)


def glow_part(value: float) -> float:
    """How much of a bar |value| fills, 0 to 1, on the logarithmic scale of the glows."""
    if value == 0.0:
        return 0.0
    return min(max(_part(value, GLOW_DECADES), 0.0), 1.0) if isfinite(value) else 1.0


def glow_radius(step: int) -> float:
    """The radius of a glow, in pixels."""
    return 2.5 + 13.5 * step / (GLOW_STEPS - 1)


def norm_part(value: float) -> float:
    """How much of the strip's track a norm fills, 0 to 1, on the logarithmic scale."""
    if value == 0.0:
        return 0.0
    if not isfinite(value):
        return 1.0
    return min(max(_part(value, NORM_DECADES), 0.0), 1.0)


def off_scale(value: float, decades: tuple[float, float]) -> bool:
    """Whether |value| is above the top of a logarithmic scale."""
    return not isfinite(value) or abs(value) > 10.0 ** decades[1]


def beyond(value: float, decades: tuple[float, float]) -> str:
    """How many times the top of a logarithmic scale |value| is: "×40"; "" where it is on the scale."""
    if not off_scale(value, decades):
        return ""
    times = abs(value) / 10.0 ** decades[1]
    if not isfinite(times):
        return "∞"
    return (
        f"×{times:.1f}"
        if times < 9.95
        else f"×{times:.0f}"
        if times < 1e4
        else f"×{times:.0e}".replace("e+0", "e").replace("e+", "e")
    )


def _part(value: float, decades: tuple[float, float]) -> float:
    low, high = decades
    return (log10(abs(value)) - low) / (high - low)


def smooth(alpha: float) -> float:
    """Ease in and out: 0 to 1 with no jerk at either end."""
    alpha = min(max(alpha, 0.0), 1.0)
    return alpha * alpha * (3.0 - 2.0 * alpha)
