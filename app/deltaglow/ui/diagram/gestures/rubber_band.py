"""A rectangle over the empty canvas: what lies in it is selected."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from deltaglow.ui.diagram.editing.selection import Selection
from deltaglow.ui.diagram.gestures.base import Gesture, Stage
from deltaglow.ui.diagram.scene import Scene


class RubberBand(Gesture):
    """Selects the units in the rectangle, or where there are none, the connections whose middle is in it.

    With Shift or Ctrl they are added to what was selected.
    """

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, stage: Stage, start: QPointF) -> None:
        super().__init__(stage, start)
        self._before = stage.selection

    def update(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        super().update(point, modifiers)
        adds = bool(modifiers & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier))
        found = inside(self.stage.scene(), self._area)
        self.stage.choose(self._before.joined(found) if adds else found)
        self.hint = f"{self.stage.selection.describe()} · Ctrl adds to what was selected"

    def cancel(self) -> None:
        self.stage.choose(self._before)

    def draw(self, painter: QPainter, scene: Scene) -> None:
        fill = QColor(scene.theme.color("focus"))
        painter.setPen(QPen(fill, 1))
        fill.setAlpha(38)
        painter.setBrush(fill)
        painter.drawRect(self._area)

    @property
    def _area(self) -> QRectF:
        return QRectF(self.start, self.point).normalized()


def inside(scene: Scene, area: QRectF) -> Selection:
    """The units in a rectangle, else the connections whose middle is in it."""
    geometry = scene.geometry
    units = frozenset(
        (column.layer, unit)
        for column in geometry.columns
        if area.left() <= column.x <= area.right()
        for unit, y in enumerate(column.ys.tolist())
        if area.top() <= y <= area.bottom()
    )
    if units:
        return Selection(units=units)
    found = []
    for k, (start, stop) in enumerate(geometry.ends, start=1):
        if geometry.collapsed(k):
            continue
        middle = (start + stop) / 2
        x, y = middle[..., 0], middle[..., 1]
        hit = (area.left() <= x) & (x <= area.right()) & (area.top() <= y) & (y <= area.bottom())
        present = scene.present(k)
        if present is not None:
            hit &= present != 0
        found += [(k, int(j), int(i)) for j, i in zip(*hit.nonzero(), strict=True)]
    return Selection(connections=frozenset(found))
