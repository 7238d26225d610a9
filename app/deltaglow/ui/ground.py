"""What the window stands on."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QWidget


class Ground(QWidget):
    """What everything stands on. A click on it, or on a button, takes what was typed in a field, and gives
    the keys back.

    Not by a focus proxy: Tab would follow that as well, and never come to what lies behind.
    """

    def __init__(self, keys: QWidget) -> None:
        super().__init__()
        self._keys = keys
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._keys.setFocus(event.reason())
