"""Where the symbol over a unit and the notes under it stand, and the plates that keep lines off them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter

from deltaglow.model import naming
from deltaglow.model.output_names import output_name
from deltaglow.ui.diagram.geometry import Column
from deltaglow.ui.diagram.scene import Scene
from deltaglow.ui.widgets.told_apart import told_apart

WIDTH = 90.0
NAME_PIXELS = 11
"""Of the names of units and layers."""
NOTE_PLATE, SYMBOL_PLATE = 62.0, 40.0
"""Pixels that a note, and a symbol, hardly exceed."""


def note_box(column: Column, unit: int, row: int) -> QRectF:
    """Where a line under a unit stands."""
    centre = column.centre(unit)
    return QRectF(centre.x() - WIDTH / 2, centre.y() + column.radius + 4 + 14 * row, WIDTH, 14)


def symbol_box(column: Column, unit: int) -> QRectF:
    """Where the symbol over a unit stands."""
    centre = column.centre(unit)
    return QRectF(centre.x() - WIDTH / 2, centre.y() - column.radius - 25, WIDTH, 19)


def label_of(scene: Scene, layer: int, unit: int) -> str:
    """The name over a unit in the place of its symbol, as much of it as there is room for; "" for none."""
    name = naming.own_unit_name(scene.project, layer, unit)
    room = min(WIDTH, scene.geometry.gap - 12.0)
    return elided(name, scene.theme.ui_font(NAME_PIXELS), room) if name else ""


def data_label_of(scene: Scene, layer: int, unit: int) -> str:
    """What the data call an output, to stand beside the symbol over it; "" for nothing."""
    if layer < scene.phases.depth or naming.own_unit_name(scene.project, layer, unit):
        return ""
    names = [output_name(scene.project, j) for j in range(scene.geometry.columns[layer].units)]
    room = min(WIDTH, scene.geometry.gap - 12.0) - SYMBOL_PLATE
    return told_apart(names, scene.theme.ui_font(NAME_PIXELS), room)[unit] if names[unit] else ""


def elided(text: str, font: QFont, room: float) -> str:
    """The text, ending in … where it is longer than so many pixels."""
    return QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, room)


def labelled_at(scene: Scene, point: QPointF) -> tuple[int, int] | None:
    """(layer, unit) whose symbol or name is under a point; layer 0 is the input."""
    if scene.geometry.detail < 2:
        return None
    for column in scene.geometry.columns:
        if column.bar is None and abs(column.x - point.x()) <= WIDTH / 2:
            unit = int(np.abs(column.ys - column.radius - 12 - point.y()).argmin())
            if symbol_box(column, unit).contains(point):
                return column.layer, unit
    return None


def draw_plates(painter: QPainter, scene: Scene, layers: Iterable[int]) -> None:
    """Under what is written beside the units of some columns: the canvas, so that no line crosses it."""
    rows = scene.geometry.detail - 1
    if rows < 1:
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(scene.color("canvas"))
    metrics = QFontMetricsF(scene.theme.ui_font(NAME_PIXELS))
    for layer in layers:
        column = scene.geometry.columns[layer]
        for unit in range(0 if column.bar else column.units):
            name, beside = label_of(scene, layer, unit), data_label_of(scene, layer, unit)
            wide = metrics.horizontalAdvance(name) + 6 if name else 0.0
            if beside:
                wide = SYMBOL_PLATE + metrics.horizontalAdvance(beside)
            _plate(painter, symbol_box(column, unit), max(SYMBOL_PLATE, wide))
            if layer:
                box = note_box(column, unit, 0)
                box.setHeight(14.0 * rows)
                _plate(painter, box, NOTE_PLATE)


def _plate(painter: QPainter, box: QRectF, width: float) -> None:
    inset = (box.width() - width) / 2
    painter.drawRoundedRect(box.adjusted(inset, 1, -inset, -1), 4, 4)
