"""One line over the diagram for what cannot wait to be said."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton

from deltaglow.ui.widgets import label


class Banner(QFrame):
    """One line over the diagram for what went wrong; Esc or its button puts it away."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "warn")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 6, 4)
        self._text = label(wrap=True)
        row.addWidget(self._text, 1)
        close = QToolButton()
        close.setProperty("role", "quiet")
        close.setText("✕")
        close.setToolTip("Dismiss (Esc)")
        close.setAccessibleName("Dismiss the message")
        close.setShortcut(Qt.Key.Key_Escape)
        close.clicked.connect(self.hide)
        row.addWidget(close)
        self.hide()

    @property
    def text(self) -> str:
        """What it says."""
        return self._text.text()

    @Slot(str)
    def say(self, text: str) -> None:
        """Show a line until it is dismissed, or training starts."""
        self._text.setText(text)
        self.setAccessibleName(text)
        self.show()
