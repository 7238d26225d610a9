"""A bar to the left or right of zero."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from deltaglow.ui.theme import Theme


class SignedBar(QWidget):
    """`value` as a bar from the zero line in the middle, on a scale whose end is `limit`."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._value = 0.0
        self._limit = 1.0
        self._token = "text"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._repaint)

    def show_value(self, value: float, limit: float, token: str) -> None:
        """Draws `value` in the colour `token`; the bar's half width stands for `limit` (> 0)."""
        self._value, self._limit, self._token = value, limit, token
        self.update()

    def sizeHint(self) -> QSize:
        """A line's height."""
        return QSize(96, 16)

    def minimumSizeHint(self) -> QSize:
        """Still wide enough to compare."""
        return QSize(48, 16)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Track, bar, zero line."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        middle, top = self.width() / 2, self.height() / 2 - 5
        painter.setBrush(self._theme.color("raised"))
        painter.drawRoundedRect(QRectF(0, top, self.width(), 10), 3, 3)
        if math.isfinite(self._value) and self._limit > 0:
            reach = max(min(self._value / self._limit, 1.0), -1.0) * (middle - 1)
            painter.setBrush(self._theme.color(self._token))
            painter.drawRoundedRect(QRectF(middle, top, reach, 10).normalized(), 2, 2)
        painter.setBrush(self._theme.color("muted"))
        painter.drawRect(QRectF(round(middle) - 0.5, top - 2, 1, 14))

    @Slot()
    def _repaint(self) -> None:
        self.update()
