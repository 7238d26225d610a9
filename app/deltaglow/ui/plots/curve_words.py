"""What a history plot says: the values under the pointer, and what its lines are."""

from __future__ import annotations

from math import isnan, nan
from typing import TYPE_CHECKING

import numpy as np

from deltaglow.session.lab import Lab

from .pyramid import Pyramid
from .smooth_slider import words
from .versus import titles

if TYPE_CHECKING:
    from .chart import Chart

_LOOK_BACK = 50_000
"""Steps before the pointer in which the last known value of a sparse column is looked for."""


def hints(chart: Chart, lab: Lab, sparse: bool) -> list[str]:
    """What there is to do and to see, line by line. sparse: some columns have a number now and then only."""
    found = ["Press on the curve to go to that step, drag to move, turn the wheel to zoom."]
    if chart.smoothing:
        found.append(f"Line: running mean {words(chart.smoothing)}, ~ in the numbers. Faint: every value.")
    elif chart.steps_per_pixel > 1:
        found.append("Line: mean of neighbouring steps. Band: their least to their greatest value.")
    if len(chart.seeds) and lab.band is not None:
        found.append(f"Band of {lab.band.words}.")
    if len(chart.beside):
        found.append(f"{titles(lab)}: dashed and paler.")
    if chart.floor_used:
        found.append("Zeros are drawn at the lower edge, beside the 0.")
    if sparse:
        found.append("Not of batches: taken after whole epochs, with the parameters of that step.")
    return found


def value_at(pyramid: Pyramid, chart: Chart | None, column: int, step: int, sparse: bool) -> str:
    """What a column says at a step, of both runs where there are two."""
    own = _own_value(pyramid, chart, column, step, sparse)
    if chart is None or not len(chart.beside):
        return own
    theirs = chart.beside.value(column, step, _LOOK_BACK if sparse else 0)
    return f"A {own} B {'—' if isnan(theirs) else _number(theirs)}"


def _own_value(pyramid: Pyramid, chart: Chart | None, column: int, step: int, sparse: bool) -> str:
    """The column's value; of a sparse one the last known, with its step."""
    start = max(step - _LOOK_BACK, 0) if sparse else step
    values = pyramid.values(start, step + 1)[column]
    known = np.flatnonzero(np.isfinite(values))
    if not sparse or not known.size:
        smooth = nan if chart is None else chart.smooth_value(column, step)
        return _number(values[-1]) + ("" if isnan(smooth) else f" ~{_number(smooth)}")
    found = start + int(known[-1])
    return _number(values[known[-1]]) + (f" ({found})" if found != step else "")


def _number(number: float) -> str:
    if not np.isfinite(number):
        return "not finite"
    return f"{number:.4g}".replace("-", "\u2212")
