"""From unit to unit: the connection between them comes back."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QPainter, QPen

from deltaglow.explain import symbols
from deltaglow.model import edits
from deltaglow.model.edits import Connection
from deltaglow.model.project import Change
from deltaglow.model.quantity import Quantity
from deltaglow.ui.diagram.editing import deleted
from deltaglow.ui.diagram.editing.selection import Selection
from deltaglow.ui.diagram.gestures.base import NO_MODIFIER, Gesture, Stage
from deltaglow.ui.diagram.scene import Scene

Unit = tuple[int, int]


class Connect(Gesture):
    """A line from a unit to the mouse; released on a unit of a neighbouring column, it connects the two."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, stage: Stage, start: QPointF, unit: Unit) -> None:
        super().__init__(stage, start)
        self._unit = unit
        self._target: Unit | None = None
        self.update(start, NO_MODIFIER)

    def update(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        super().update(point, modifiers)
        self._target = self.stage.scene().geometry.unit_at(point)
        self.hint = "Release on a unit of a neighbouring column to connect the two"
        self.why_not = ""
        if self._target is not None and self._target != self._unit:
            self.why_not = self._obstacle(self._target)
            self.hint = self.why_not or "Release to connect the two"

    def commit(self) -> None:
        found = between(self._unit, self._target)
        if found is None or self.why_not:
            return
        name = symbols.text(self.stage.lab.project, Quantity("W", found[0], found[1:]))
        if self.stage.apply(f"Connect {name}", self._change(found)):
            self.stage.choose(Selection(connections=frozenset([found])))

    def draw(self, painter: QPainter, scene: Scene) -> None:
        column = scene.geometry.columns[self._unit[0]]
        deleted.draw(painter, scene, deleted.of_unit(scene, *self._unit))
        style = Qt.PenStyle.DotLine if self.why_not else Qt.PenStyle.SolidLine
        color = scene.theme.color("zero" if self.why_not else "forward")
        painter.setPen(QPen(color, 2.5, style))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawLine(QLineF(column.centre(self._unit[1]), self.point))
        if self._target is not None and self._target != self._unit:
            goal = scene.geometry.columns[self._target[0]]
            painter.drawEllipse(goal.centre(self._target[1]), goal.radius + 5, goal.radius + 5)

    def _obstacle(self, target: Unit) -> str:
        found = between(self._unit, target)
        if target[0] == self._unit[0]:
            return "Units of one column are not connected with each other"
        if found is None:
            return "Only neighbouring columns are connected; around layers leads a residual layer"
        mask = self.stage.lab.project.network.layers[found[0] - 1].mask
        problem = self.stage.refusal(self._change(found))
        if problem or (mask is not None and not mask[found[1:]]):
            return problem
        return "They are connected already"

    def _change(self, connection: Connection) -> Change:
        project = self.stage.lab.project
        return partial(edits.connect, connections=[connection], there=True, known=project)


def between(one: Unit, other: Unit | None) -> Connection | None:
    """The connection between two units of neighbouring columns."""
    if other is None or abs(one[0] - other[0]) != 1:
        return None
    source, target = sorted((one, other))
    return target[0], target[1], source[1]
