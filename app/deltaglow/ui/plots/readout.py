"""What all curves say at the step under the pointer: a small table beside the crosshair."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QWidget

from deltaglow.ui.theme import Theme

ROWS = 8
"""Curves one below the other; of more, further columns."""
GAP = 10
"""Pixels between the crosshair and the table."""
Entry = tuple[str, str, QColor]
"""A curve's name, what it says, and its colour."""


class Readout(QLabel):
    """Lies over a chart, and lets the pointer through."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setObjectName("readout")
        self.hide()

    def tell(self, entries: Sequence[Entry], x: float, space: QRect) -> None:
        """Show the entries beside the column of pixels x, within the space, on the side that has more room;
        without entries nothing is shown.
        """
        if not entries:
            self.hide()
            return
        theme = self._theme
        self.setFont(theme.mono_font(11))
        self.setStyleSheet(
            f"#readout {{ background: {theme.hex('raised')}; border: 1px solid {theme.hex('hairline')};"
            " border-radius: 4px; padding: 2px 4px; }"
        )
        self.setText(_table(entries))
        self.adjustSize()
        right = x + GAP + self.width() <= space.right() or x < space.center().x()
        left = x + GAP if right else x - GAP - self.width()
        top = max(space.top(), min(space.top() + 4, space.bottom() - self.height()))
        host = self.parentWidget()
        most = space.right() if host is None else host.width() - self.width()
        self.move(QPoint(round(max(min(left, most), 0.0)), top))
        self.show()


def _table(entries: Sequence[Entry]) -> str:
    """Rows of names and values, in as many columns as they need."""
    rows = []
    for row in range(min(len(entries), ROWS)):
        cells = "".join(
            f'<td style="color:{colour.name()}">{name}</td>'
            f'<td align="right" style="color:{colour.name()}">&nbsp;{value}&nbsp;</td>'
            for name, value, colour in entries[row::ROWS]
        )
        rows.append(f"<tr>{cells}</tr>")
    return f'<table cellspacing="0">{"".join(rows)}</table>'
