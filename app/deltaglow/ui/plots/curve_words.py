"""What a history plot says: the values under the pointer, and what its lines are."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan, nan
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QColor

from deltaglow.explain.numbers import full
from deltaglow.session.lab import Lab

from .orders import Said
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
    if len(chart.overlaid):
        found.append("Runs in colours of their own: chosen in the menu, or in the list of branches (Ctrl+B).")
    if chart.bulk_only:
        found.append("The axis leaves outliers out of account: curves may go beyond it.")
    if chart.floor_used:
        found.append("Zeros are drawn at the lower edge, beside the 0.")
    if sparse:
        found.append("Not of batches: taken after whole epochs, with the parameters of that step.")
    return found


def value_at(pyramid: Pyramid, chart: Chart | None, column: int, step: int, sparse: bool) -> str:
    """What a column says at a step, of both runs where there are two."""
    own = _own_value(pyramid, chart, column, step, sparse)[1]
    if chart is None or not len(chart.beside):
        return own
    theirs = chart.beside.value(column, step, _LOOK_BACK if sparse else 0)
    return f"A {own} B {'—' if isnan(theirs) else _number(theirs)}"


def said_by_all(
    pyramid: Pyramid, chart: Chart, step: int, names: Sequence[str], titles: Sequence[str]
) -> list[Said]:
    """What the curves of all runs say at a step, or at the place of it on the axis. names: of the columns,
    titles: of the run itself and of the one that it is compared with, if it is.
    """
    found = []

    def add(title: str, column: int, value: float, words: str, colour: QColor) -> None:
        found.append(Said(title, names[column] if len(names) > 1 else "", value, words, colour))

    for column, colour in enumerate(chart.colours):
        add(titles[0], column, *_own_value(pyramid, chart, column, step, chart.sparse[column]), colour)
    if len(chart.beside):
        for column, colour in enumerate(chart.paler):
            value = chart.beside.value(column, step, _LOOK_BACK if chart.sparse[column] else 0)
            add(titles[-1], column, value, "—" if isnan(value) else _number(value), colour)
    place = chart.scales[0].at(step)
    for curves, run in zip(chart.overlaid.curves, chart.overlaid.runs, strict=True):
        there = max(round(run.scale.step(place)), 0)
        colour = chart.overlaid.colours(run, 1)[0]  # paler ones are no colours for words
        for column in range(len(names)):
            value = curves.value(column, there, _LOOK_BACK if chart.sparse[column] else 0)
            add(run.title, column, value, "—" if isnan(value) else _number(value), colour)
    return found


def _own_value(
    pyramid: Pyramid, chart: Chart | None, column: int, step: int, sparse: bool
) -> tuple[float, str]:
    """The column's value, also in words; of a sparse one the last known, with its step."""
    start = max(step - _LOOK_BACK, 0) if sparse else step
    values = pyramid.values(start, step + 1)[column]
    known = np.flatnonzero(np.isfinite(values))
    if not sparse or not known.size:
        value, smooth = float(values[-1]), nan if chart is None else chart.smooth_value(column, step)
        return value, _number(value) + ("" if isnan(smooth) else f" ~{_number(smooth)}")
    found = start + int(known[-1])
    return float(values[known[-1]]), _number(values[known[-1]]) + (f" ({found})" if found != step else "")


def _number(number: float) -> str:
    if not np.isfinite(number):
        return "not finite"
    return full(number, 4)
