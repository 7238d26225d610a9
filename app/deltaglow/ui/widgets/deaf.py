"""Controls that a wheel scrolls past."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    _Widget = QWidget
else:
    _Widget = object  # it stands before the kind of control that is one: Qt takes one such base


class Deaf(_Widget):
    """Turns by the wheel only when it has the keyboard: scrolling past must not change anything."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Passed on, so that what the control stands in scrolls."""
        super().wheelEvent(event) if self.hasFocus() else event.ignore()
