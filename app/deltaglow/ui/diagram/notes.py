"""Where the symbol over a unit and the notes under it stand, and the plates that keep lines off them."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from deltaglow.ui.diagram.geometry import Column
from deltaglow.ui.diagram.scene import Scene

WIDTH = 90.0
NOTE_PLATE, SYMBOL_PLATE = 62.0, 40.0
"""Pixels that a note, and a symbol, hardly exceed."""


def note_box(column: Column, unit: int, row: int) -> QRectF:
    """Where a line under a unit stands."""
    centre = column.centre(unit)
    return QRectF(centre.x() - WIDTH / 2, centre.y() + column.radius + 4 + 14 * row, WIDTH, 14)


def symbol_box(column: Column, unit: int) -> QRectF:
    """Where the symbol over a unit stands."""
    centre = column.centre(unit)
    return QRectF(centre.x() - WIDTH / 2, centre.y() - column.radius - 22, WIDTH, 19)


def draw_plates(painter: QPainter, scene: Scene, layers: Iterable[int]) -> None:
    """Under what is written beside the units of some columns: the canvas, so that no line crosses it."""
    rows = scene.geometry.detail - 1
    if rows < 1:
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(scene.color("canvas"))
    for layer in layers:
        column = scene.geometry.columns[layer]
        for unit in range(0 if column.bar else column.units):
            _plate(painter, symbol_box(column, unit), SYMBOL_PLATE)
            if layer:
                box = note_box(column, unit, 0)
                box.setHeight(14.0 * rows)
                _plate(painter, box, NOTE_PLATE)


def _plate(painter: QPainter, box: QRectF, width: float) -> None:
    inset = (box.width() - width) / 2
    painter.drawRoundedRect(box.adjusted(inset, 1, -inset, -1), 4, 4)
