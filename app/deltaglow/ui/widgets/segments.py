"""A few buttons in a row, of which one is down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget


class Choice(NamedTuple):
    """One button: the name it stands for, its tooltip without a full stop, and its key, if it has one."""

    name: str
    tip: str
    key: str


class Segments(QWidget):
    """`chosen` carries the name of the button that is pressed; `show_choice` only shows one."""

    chosen = Signal(str)

    def __init__(self, spoken: str, choices: Sequence[Choice]) -> None:
        super().__init__()
        self._names = [choice.name for choice in choices]
        self.setAccessibleName(spoken)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        self._group = QButtonGroup(self)
        for number, choice in enumerate(choices):
            button = QToolButton()
            button.setText(choice.name.capitalize())
            button.setProperty("role", "depth")
            button.setCheckable(True)
            button.setShortcut(QKeySequence(choice.key))
            button.setToolTip(f"{choice.tip}. ({choice.key})" if choice.key else choice.tip)
            button.setAccessibleName(f"{spoken}: {choice.name}")
            button.setAccessibleDescription(choice.tip)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self._group.addButton(button, number)
            row.addWidget(button)
        row.addStretch(1)
        self._group.idClicked.connect(self._choose)

    @property
    def buttons(self) -> list[QToolButton]:
        """From left to right."""
        return [button for button in self._group.buttons() if isinstance(button, QToolButton)]

    def show_choice(self, name: str) -> None:
        """Puts the button of this name down."""
        self._group.button(self._names.index(name)).setChecked(True)

    @Slot(int)
    def _choose(self, number: int) -> None:
        self.chosen.emit(self._names[number])
