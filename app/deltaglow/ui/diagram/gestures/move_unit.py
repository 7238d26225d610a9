"""A unit to another place of its column: its connections go with it, and the network computes the same."""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QPainter, QPen

from deltaglow.model import edits
from deltaglow.ui.diagram.editing.selection import Selection
from deltaglow.ui.diagram.gestures.base import NO_MODIFIER, Gesture, Stage
from deltaglow.ui.diagram.scene import Scene


class MoveUnit(Gesture):
    """A ghost of the unit at the mouse, and a line where it would come to stand."""

    cursor = Qt.CursorShape.SizeVerCursor

    def __init__(self, stage: Stage, start: QPointF, unit: tuple[int, int]) -> None:
        super().__init__(stage, start)
        self._layer, self._unit = unit
        self._to = self._unit
        self.update(start, NO_MODIFIER)

    def update(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        super().update(point, modifiers)
        column = self.stage.scene().geometry.columns[self._layer]
        self._to = int(np.abs(column.ys - point.y()).argmin())
        self.why_not = why_not(self.stage, self._layer)
        self.hint = self.why_not or "Release to put the unit here; its connections go with it"

    def commit(self) -> None:
        layer, to = self._layer, self._to
        if self.why_not or to == self._unit:
            return
        change = partial(edits.move_unit, k=layer, unit=self._unit, to=to)
        if self.stage.apply(f"Move unit {self._unit + 1} of layer {layer}", change):
            self.stage.choose(Selection(units=frozenset([(layer, to)])))

    def draw(self, painter: QPainter, scene: Scene) -> None:
        column = scene.geometry.columns[self._layer]
        painter.setPen(QPen(scene.theme.color("zero" if self.why_not else "text"), 1.6, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QPointF(column.x, self.point.y()), column.radius, column.radius)
        if self.why_not or self._to == self._unit:
            return
        half = column.pitch / 2
        y = float(column.ys[self._to]) + (half if self._to > self._unit else -half)
        painter.setPen(QPen(scene.theme.color("forward"), 3))
        painter.drawLine(QLineF(column.x - column.radius - 12, y, column.x + column.radius + 12, y))


def why_not(stage: Stage, layer: int) -> str:
    """Why the units of a column stay in their order, "" if they need not."""
    project = stage.lab.project
    if layer == 0:
        return "The inputs stand in the order of the data's features"
    if layer == len(project.network.layers):
        return "The outputs stand in the order of the data's classes"
    return edits.fixed(project, layer)
