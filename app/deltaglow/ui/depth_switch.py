"""Into what a phase opens: whole layers, unit by unit, or term by term."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget

from deltaglow.explain.opening import DEPTHS
from deltaglow.session.lab import Lab

TIPS = {
    "layer": "Whole layers at once",
    "unit": "Open a layer: one unit after the other",
    "term": "Open a unit: each product of its sum, w · a forward, w · δ back",
}


class DepthSwitch(QWidget):
    """Three buttons of which one is down. D goes from one to the next wherever the focus is."""

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self._lab = lab
        self.setAccessibleName("Depth of the phases")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        self._group = QButtonGroup(self)
        for number, depth in enumerate(DEPTHS):
            button = QToolButton()
            button.setText(depth.capitalize())
            button.setProperty("role", "depth")
            button.setCheckable(True)
            button.setToolTip(f"{TIPS[depth]}. → and ← step by that. (D: next depth)")
            button.setAccessibleName(f"Depth: {depth}")
            button.setAccessibleDescription(TIPS[depth])
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self._group.addButton(button, number)
            row.addWidget(button)
        row.addStretch(1)
        self._group.idClicked.connect(self._choose)
        lab.depthChanged.connect(self.refresh)
        self.refresh()

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 18)

    @Slot(int)
    def _choose(self, number: int) -> None:
        self._lab.set_depth(DEPTHS[number])

    @Slot()
    def refresh(self) -> None:
        """Show the depth that is chosen."""
        self._group.button(DEPTHS.index(self._lab.depth)).setChecked(True)
