"""A box beside an explanation's text for something to mind; without words it is not there."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QVBoxLayout

from deltaglow.ui.widgets import label


class Remark(QFrame):
    """A few words with a mark at their left edge, in the colour of the role that labels have."""

    def __init__(self, role: str = "") -> None:
        super().__init__()
        self.setProperty("surface", "note")
        self._text = label(role=role, wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 5, 10, 6)
        layout.addWidget(self._text)

    def tell(self, words: str) -> None:
        """Shows these words; none hide it."""
        self._text.setText(words)
        self.setVisible(bool(words))
