"""Labels by the part they play, as the style sheet knows them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget


def label(text: str = "", role: str = "", tone: str = "", wrap: bool = False) -> QLabel:
    """A plain-text label in the style sheet's `role` and colour `tone`."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        made.setProperty("role", role)
    if tone:
        made.setProperty("tone", tone)
    if wrap:
        # In this order: wrapping makes the policy's height one for the width, a new policy forgets that, and
        # the label would be of another height from its second text on.
        made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        made.setWordWrap(True)
    return made


class Elided(QLabel):
    """One line, of which as much is shown as there is room for."""

    def __init__(self) -> None:
        super().__init__()
        self._whole = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def say(self, text: str) -> None:
        """Show this."""
        self._whole = text
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        text = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, self.width())
        if text != self.text():
            self.setText(text)


def caption(text: str) -> QLabel:
    """The small capitals that head a panel."""
    made = label(text.upper(), "caption")
    made.setAccessibleName(text)
    return made


def restyle(widget: QWidget, **properties: str) -> None:
    """Sets style-sheet properties and has the widget polished again if any of them is new."""
    changed = False
    for name, value in properties.items():
        if widget.property(name) != value:
            widget.setProperty(name, value)
            changed = True
    if changed:
        widget.style().unpolish(widget)
        widget.style().polish(widget)
