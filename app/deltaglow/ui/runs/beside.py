"""A and B beside each other: what is otherwise with them, and the numbers of both at the step shown."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QVBoxLayout

from deltaglow.session.comparison import Row, comparison
from deltaglow.session.lab import Lab
from deltaglow.ui.widgets import label


class BesidePanel(QFrame):
    """There while two branches are compared; `refresh` brings it up to them."""

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self._lab = lab
        self.setProperty("surface", "panel")
        self.setAccessibleName("Comparison of two branches")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        self.summary = label("", "muted", wrap=True)
        column.addWidget(self.summary)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(3, 1)
        column.addLayout(self._grid)
        self._cells: list[tuple[QLabel, QLabel, QLabel]] = []
        self.hide()

    @property
    def lines(self) -> list[tuple[str, ...]]:
        """What is on show, line by line."""
        return [tuple(cell.text() for cell in line) for line in self._cells if not line[0].isHidden()]

    @Slot()
    def refresh(self) -> None:
        """Show the two as they are now."""
        lab = self._lab
        self.setVisible(lab.compared is not None)
        if lab.compared is None:
            return
        found = comparison(lab.branches.here, lab.branches[lab.compared], lab.frame.step)
        self.summary.setText(found.summary)
        self._show(
            [
                Row("", f"A  {found.a}", f"B  {found.b}"),
                *found.settings,
                found.steps,
                Row(f"At step {found.step:,}", "", ""),
                *found.results,
            ]
        )

    def _show(self, rows: list[Row]) -> None:
        while len(self._cells) < len(rows):
            at = len(self._cells)
            cells = label(role="muted"), label(role="mono"), label(role="mono")
            for place, cell in enumerate(cells):
                self._grid.addWidget(cell, at, place)
                cell.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._cells.append(cells)
        for place, line in enumerate(self._cells):
            there = place < len(rows)
            texts = (rows[place].what, rows[place].a, rows[place].b) if there else ("", "", "")
            for cell, text in zip(line, texts, strict=True):
                cell.setVisible(there)
                cell.setText(text)
            line[0].setAccessibleName(f"{texts[0]}: A {texts[1]}, B {texts[2]}")
