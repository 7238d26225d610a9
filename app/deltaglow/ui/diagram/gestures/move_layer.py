"""A column by its heading to another place in the network."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from deltaglow.model import edits
from deltaglow.model.project import Change
from deltaglow.ui.diagram.editing.selection import Selection
from deltaglow.ui.diagram.gestures.base import NO_MODIFIER, Gesture, Stage
from deltaglow.ui.diagram.scene import Scene


class MoveLayer(Gesture):
    """A ghost of the column at the mouse, and a line where it would come to stand."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, stage: Stage, start: QPointF, layer: int) -> None:
        super().__init__(stage, start)
        self._layer = layer
        self._to = layer
        self.update(start, NO_MODIFIER)

    def update(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        super().update(point, modifiers)
        hidden = self.stage.scene().geometry.columns[1:-1]
        self.why_not = why_not(self.stage, self._layer)
        if not self.why_not:
            self._to = min(hidden, key=lambda column: abs(column.x - point.x())).layer
            self.why_not = self.stage.refusal(self._change())
        self.hint = self.why_not or "Release to put the layer here"

    def commit(self) -> None:
        if self.why_not or self._to == self._layer:
            return
        if self.stage.apply(f"Move layer {self._layer} to place {self._to}", self._change()):
            self.stage.choose(Selection(layers=frozenset([self._to])))

    def draw(self, painter: QPainter, scene: Scene) -> None:
        column, net = scene.geometry.columns[self._layer], scene.geometry.net
        reach = column.radius + 10
        painter.setPen(QPen(scene.theme.color("zero" if self.why_not else "text"), 1.6, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(self.point.x() - reach, net.top(), 2 * reach, net.height()), 8, 8)
        if self.why_not or self._to == self._layer:
            return
        side = scene.geometry.gap / 2 * (1 if self._to > self._layer else -1)
        x = scene.geometry.columns[self._to].x + side
        painter.setPen(QPen(scene.theme.color("forward"), 3))
        painter.drawLine(QLineF(x, net.top(), x, net.bottom()))

    def _change(self) -> Change:
        return partial(edits.move_layer, k=self._layer, to=self._to)


def why_not(stage: Stage, layer: int) -> str:
    """Why a column stays where it is, "" if it need not."""
    depth = len(stage.lab.project.network.layers)
    if layer == 0:
        return "The inputs come first"
    if layer == depth:
        return "The output comes last"
    return "There is no other hidden layer to change places with" if depth < 3 else ""
