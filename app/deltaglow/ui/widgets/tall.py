"""A column of controls that may be taller than the window lets it be."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

BAR = 9
"""Pixels that the scroll bar is wide: kept free beside the column, which so never changes its width."""


class Tall(QScrollArea):
    """Scrolls a column up and down where it does not fit; no control in it is ever squeezed."""

    def __init__(self, column: QWidget) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setViewportMargins(0, 0, BAR, 0)
        self.setWidget(column)
        self._leaves = False
        self.verticalScrollBar().rangeChanged.connect(self._leave_room)

    def minimumSizeHint(self) -> QSize:
        """As wide as the column has to be, and hardly any height."""
        return QSize(super().minimumSizeHint().width(), 60)

    @Slot(int, int)
    def _leave_room(self, low: int, high: int) -> None:
        # A column that fits without the bar only in all of the width would fit and not fit in turn, for ever.
        if not self._leaves:
            self._leaves = True
            self.setViewportMargins(0, 0, BAR if high == low else 0, 0)
            self._leaves = False
            column = self.widget()
            if column is not None:  # else it would be too wide for one picture
                column.resize(self.viewport().width(), column.height())
