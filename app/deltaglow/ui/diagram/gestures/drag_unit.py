"""A unit that is dragged: along its column it moves, out of its column it is connected."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter

from deltaglow.ui.diagram.gestures.base import Gesture, Stage
from deltaglow.ui.diagram.gestures.connect import Connect
from deltaglow.ui.diagram.gestures.move_unit import MoveUnit
from deltaglow.ui.diagram.scene import Scene


class DragUnit(Gesture):
    """Whichever of the two the mouse is at."""

    def __init__(self, stage: Stage, start: QPointF, unit: tuple[int, int]) -> None:
        super().__init__(stage, start)
        self._column = unit[0]
        self._choices = (MoveUnit(stage, start, unit), Connect(stage, start, unit))
        self._now: Gesture = self._choices[0]

    def update(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        super().update(point, modifiers)
        geometry = self.stage.scene().geometry
        column = geometry.columns[self._column]
        self._now = self._choices[abs(point.x() - column.x) > max(column.radius, 10.0) + 6.0]
        self._now.update(point, modifiers)
        self.why_not, self.hint, self.cursor = self._now.why_not, self._now.hint, self._now.cursor

    def commit(self) -> None:
        self._now.commit()

    def draw(self, painter: QPainter, scene: Scene) -> None:
        self._now.draw(painter, scene)
