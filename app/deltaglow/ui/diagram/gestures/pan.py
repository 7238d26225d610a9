"""What is shown, moved with the mouse."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt

from deltaglow.ui.diagram.gestures.base import Gesture


class Pan(Gesture):
    """The network follows the mouse."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def update(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        moved = point - self.point
        super().update(point, modifiers)
        self.stage.pan(moved)
        self.hint = "Ctrl+0 shows the whole network again"

    def cancel(self) -> None:
        self.stage.pan(self.start - self.point)
