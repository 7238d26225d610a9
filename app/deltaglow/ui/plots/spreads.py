"""Ways to draw how numbers spread over a run: as colour, percentiles, or histograms behind each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from deltaglow.explain.sketch import Histogram, side_by_side
from deltaglow.ui.theme import Theme, blend

from .colours import Floats, heat
from .stroke import Stroke

if TYPE_CHECKING:
    from .plane import Plane

WAYS = {
    "density": (
        "Density",
        "Step by step a histogram stands upright: the stronger the colour, the more numbers",
    ),
    "percentiles": (
        "Percentiles",
        "Step by step the middle number as a line, and bands in which 38, 68, 86 % and all of them lie",
    ),
    "offset": (
        "Offset histograms",
        "A histogram for each of some steps, one behind the other, the last in front",
    ),
    "overlay": (
        "Overlaid histograms",
        "A histogram for each of some steps, all from one line; the last is strongest",
    ),
}
"""Each by its name: its word, and what it shows."""
SHARES = (0.0, 0.07, 0.16, 0.31, 0.5, 0.69, 0.84, 0.93, 1.0)
"""Those of TensorBoard: one and a half, one, half a standard deviation of normally distributed numbers."""
COLUMNS = 240
"""Columns of the picture."""
MOST = 24
"""Histograms that are drawn one behind the other."""
TALL = 3.0
"""How high the highest is, in rows."""
FAINTEST = 0.25
STRONGEST = 0.6
"""Of the band around the middle, beside the colour itself."""


def along_steps(way: str) -> bool:
    """Whether the horizontal axis is that of the steps."""
    return way in ("density", "percentiles")


def picked(count: int) -> list[int]:
    """Which of so many histograms are drawn where not all have room: evenly spaced, with both ends."""
    return sorted({int(k) for k in np.linspace(0, count - 1, min(count, MOST)).round()})


def draw_density(
    plane: Plane,
    theme: Theme,
    token: str,
    steps: Sequence[int],
    found: Sequence[Histogram],
    ends: tuple[float, float],
) -> None:
    """As a picture over the steps from one end to the other."""
    edges, share = side_by_side(found)
    shown = share[_columns(steps, *ends)].T
    strength = np.sqrt(shown / max(float(share.max()), 1e-300))
    bounds = (*ends, float(edges[0]), float(edges[-1]))
    plane.clear_curves()
    plane.show_picture(heat(theme, token, strength), bounds)
    plane.follow(*bounds)


def draw_percentiles(
    plane: Plane,
    theme: Theme,
    token: str,
    steps: Sequence[int],
    found: Sequence[Histogram],
    ends: tuple[float, float],
) -> None:
    """As bands over the steps, one within another, the inner ones stronger, and the middle as a line."""
    y = np.array([one.quantiles(SHARES) for one in found])
    x, colour, ground = np.array(steps, dtype=np.float64), theme.color(token), theme.color("panel")
    middle, bands = len(SHARES) // 2, []
    for outer in range(middle):
        around = np.column_stack([np.append(x, x[::-1]), np.append(y[:, outer], y[::-1, -1 - outer])])
        shade = blend(ground, colour, STRONGEST * (outer + 1) / middle)
        bands.append(Stroke(around, shade, area=True))
        bands += [Stroke(np.column_stack([x, y[:, k]]), shade) for k in (outer, -1 - outer)]
    plane.show_strokes([*bands, Stroke(np.column_stack([x, y[:, middle]]), colour)])
    low, high = float(np.nanmin(y)), float(np.nanmax(y))
    room = 0.04 * (high - low) or 1e-12
    plane.follow(*ends, low - room, high + room)


def draw_histograms(
    plane: Plane, theme: Theme, token: str, steps: Sequence[int], found: Sequence[Histogram], offset: bool
) -> None:
    """As outlines over the numbers: one behind the other, or all from one line."""
    edges, share = side_by_side(found)
    rows = picked(len(steps))
    height = share[rows] / max(float(share[rows].max()), 1e-300) * (TALL if offset else 1.0)
    lines = []
    for place, high in enumerate(height):
        base = float(len(rows) - 1 - place) if offset else 0.0
        strength = FAINTEST + (1.0 - FAINTEST) * (place + 1) / len(rows)
        colour = blend(theme.color("panel"), theme.color(token), strength)
        ground = theme.color("panel") if offset else None
        lines.append(Stroke(_outline(edges, base + high, base), colour, ground=ground))
    plane.show_strokes(lines)
    if offset:
        plane.name_rows([(len(rows) - 1.0 - place, f"{steps[row]:,}") for place, row in enumerate(rows)])
    top = float(len(rows) - 1 + TALL) if offset else 1.0
    room = 0.04 * float(edges[-1] - edges[0])
    plane.follow(float(edges[0]) - room, float(edges[-1]) + room, -0.04 * top, 1.04 * top)


def step_at(way: str, place: tuple[float, float], steps: Sequence[int]) -> int:
    """The step that a place is about; of histograms that are all from one line the last."""
    if along_steps(way):
        return round(place[0])
    if way == "overlay":
        return steps[-1]
    rows = picked(len(steps))
    return steps[rows[int(np.clip(round(len(rows) - 1 - place[1]), 0, len(rows) - 1))]]


def _outline(edges: Floats, heights: Floats, base: float) -> Floats:
    """The steps of a histogram (m, 2), from its base and back to it."""
    x = np.repeat(edges, 2)
    y = np.concatenate([[base], np.repeat(heights, 2), [base]])
    return np.column_stack([x, y])


def _columns(steps: Sequence[int], left: float, right: float) -> list[int]:
    """For each column of the picture, which sketch is nearest to its step."""
    count = min(COLUMNS, max(round(right - left), 1))
    middles = left + (np.arange(count) + 0.5) * (right - left) / count
    there = np.array(steps)
    after = np.clip(np.searchsorted(there, middles), 1, max(len(there) - 1, 1))
    if len(there) == 1:
        return [0] * count
    nearer = (middles - there[after - 1]) < (there[after] - middles)
    return [int(n) for n in after - nearer]
