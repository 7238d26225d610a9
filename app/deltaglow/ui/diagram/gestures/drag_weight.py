"""A connection dragged up or down: its weight grows or shrinks, and everything shown follows at once."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from deltaglow.explain import symbols
from deltaglow.explain.numbers import fixed
from deltaglow.model import edits
from deltaglow.model.edits import Connection
from deltaglow.model.quantity import Quantity
from deltaglow.ui.diagram.editing import numbers
from deltaglow.ui.diagram.gestures.base import NO_MODIFIER, Gesture, Stage, merging
from deltaglow.ui.diagram.scene import Scene

PER_PIXEL = 0.01
"""By how much a pixel changes a weight; Shift makes it a tenth, Alt ten times of that."""


class DragWeight(Gesture):
    """The weight follows the mouse while the button is down; the whole drag is one step of the history."""

    cursor = Qt.CursorShape.SizeVerCursor

    def __init__(self, stage: Stage, start: QPointF, connection: Connection) -> None:
        super().__init__(stage, start)
        self._connection = connection
        self._merge = merging()
        self._symbol = symbols.text(stage.lab.project, Quantity("W", connection[0], connection[1:]))
        self._name = f"Weight {self._symbol}"
        self._first = self._value = numbers.weight(stage.lab, connection)
        self._base, self._base_y, self._scale = self._first, start.y(), PER_PIXEL
        self._edited = False
        self.update(start, NO_MODIFIER)

    def update(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        super().update(point, modifiers)
        self.why_not = numbers.weight_obstacle(self.stage.lab.project, self._connection)
        scale = PER_PIXEL * numbers.factor(modifiers)
        if scale != self._scale and self._edited:  # what was dragged so far stays
            self._base, self._base_y, self._scale = self._value, point.y(), scale
        self._scale = scale
        value = round(self._base + (self._base_y - point.y()) * scale, 6)
        self.hint = self.why_not or f"{self._symbol} = {fixed(value, 3).text} · Shift finer, Alt coarser"
        if not self.why_not and value != self._value:
            self._value = value
            change = partial(edits.set_weights, values=[(self._connection, value)])
            self._edited |= self.stage.apply(self._name, change, self._merge)

    def cancel(self) -> None:
        if self._edited:
            self.stage.withdraw(self._name, self._merge)

    def draw(self, painter: QPainter, scene: Scene) -> None:
        font, text = scene.theme.mono_font(12), f"{self._symbol} = {fixed(self._value, 3).text}"
        painter.setFont(font)
        box = QRectF(self.point.x() + 16, self.point.y() - 12, 0, 24)
        box.setWidth(painter.fontMetrics().horizontalAdvance(text) + 14)
        painter.setPen(scene.theme.color("focus"))
        painter.setBrush(scene.theme.color("raised"))
        painter.drawRoundedRect(box, 5, 5)
        painter.setPen(scene.theme.color("text"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
