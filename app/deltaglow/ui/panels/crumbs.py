"""The way one has come, number by number: each a button that leads back to it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from deltaglow.explain import symbols
from deltaglow.model.project import Project
from deltaglow.model.quantity import Quantity
from deltaglow.ui.widgets import label

MOST = 4
"""Crumbs on show, the number explained among them."""

_HEIGHT = 22
"""Pixels, whatever the symbols: one such as ⟨13⟩ comes from a taller font."""


class Crumbs(QWidget):
    """`wanted` carries how many steps back a click leads, 1 for the number before."""

    wanted = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("The way here")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_HEIGHT)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(2)
        self._buttons = [self._button(MOST - 1 - place) for place in range(MOST - 1)]
        self._here = label(role="small")
        self._row.addWidget(self._here)
        self._row.addStretch(1)

    @property
    def buttons(self) -> list[QPushButton]:
        """Those on show, the oldest first."""
        return [button for button in self._buttons if not button.isHidden()]

    def show_way(self, project: Project, way: Sequence[Quantity]) -> None:
        """Shows the quantities in the order of the visit; the last of them is on show."""
        before = way[:-1][-(MOST - 1) :]
        hidden = len(self._buttons) - len(before)
        for place, button in enumerate(self._buttons):
            button.setVisible(place >= hidden)
            if place >= hidden:
                quantity = before[place - hidden]
                button.setText(f"{symbols.text(project, quantity)} ›")
                spoken = symbols.spoken(project, quantity)
                button.setToolTip(f"Back to the {spoken}, {quantity} (Alt+←)")
                button.setAccessibleName(f"Back to the {spoken}")
        self._here.setText(symbols.text(project, way[-1]) if way else "")
        self.setVisible(bool(before))

    def _button(self, back: int) -> QPushButton:
        button = QPushButton()
        button.setProperty("role", "crumb")
        button.setFlat(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.clicked.connect(lambda: self.wanted.emit(back))
        self._row.addWidget(button)
        return button
