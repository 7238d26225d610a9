"""Rows of label and control in a column of their own, and the settings of a rule as such rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from deltaglow.model.project import Settings
from deltaglow.model.rules import RULES
from deltaglow.ui.widgets import label
from deltaglow.ui.widgets.spins import IntSpin, JudgedSpin, NumberSpin

from .tab import CONTROL_WIDTH

PAIR_WIDTH = 156


class Form(QWidget):
    """A column of rows, each with its label on the left and its control on the right."""

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(5)

    def row(self, text: str, control: QWidget) -> QWidget:
        """Adds a row and gives it; `text` with & before the letter that jumps to `control`."""
        name = label(text, tone="muted")
        name.setBuddy(control)
        name.setToolTip(control.toolTip())
        made = QWidget()
        line = QHBoxLayout(made)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(name, 1)
        control.setFixedWidth(CONTROL_WIDTH)
        line.addWidget(control)
        self._column.addWidget(made)
        return made

    def pair(self, text: str, first: QWidget, second: QWidget) -> QWidget:
        """Adds a row with two controls, of which the second says more about what the first chose."""
        both = QWidget()
        line = QHBoxLayout(both)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        line.addWidget(first, 6)
        line.addWidget(second, 5)
        made = self.row(text, both)
        both.setFixedWidth(PAIR_WIDTH)
        name = made.findChild(QLabel)
        assert name is not None
        name.setBuddy(first)
        name.setToolTip(first.toolTip())
        return made

    def number(self, key: str, text: str = "") -> NumberSpin:
        """Adds a row for the number that rule `key` is about."""
        control = NumberSpin(RULES[key])
        self.row(text or RULES[key].label, control)
        return control

    def whole(self, key: str, text: str = "") -> IntSpin:
        """Adds a row for the whole number that rule `key` is about."""
        control = IntSpin(RULES[key])
        self.row(text or RULES[key].label, control)
        return control

    def judged(self, key: str, text: str = "") -> JudgedSpin:
        """The same for one of which not every number within the limits is possible."""
        control = JudgedSpin(RULES[key])
        self.row(text or RULES[key].label, control)
        return control

    def flag(self, key: str, text: str = "") -> QCheckBox:
        """Adds a row for the yes or no that rule `key` is about."""
        control = check_box(RULES[key].label, RULES[key].tooltip)
        self.row(text or RULES[key].label, control)
        return control

    def fill(self) -> None:
        """Leaves the room below the rows empty."""
        self._column.addStretch(1)


class SettingsForm(Form):
    """The settings of a table of rules: only those that the chosen rule takes are on show."""

    chosen = Signal(str, float)
    """(key, number): a setting was edited."""

    def __init__(self, keys: Iterable[str]) -> None:
        super().__init__()
        self.controls: dict[str, IntSpin | NumberSpin] = {}
        self._rows: dict[str, QWidget] = {}
        for key in keys:
            control = IntSpin(RULES[key]) if RULES[key].integer else NumberSpin(RULES[key])
            control.setProperty("setting", key)
            control.valueChanged.connect(self._on_value)
            self.controls[key] = control
            self._rows[key] = self.row(RULES[key].label, control)

    def show_settings(self, taken: Mapping[str, float], settings: Settings) -> None:
        """Shows the settings that there are, with their numbers, and tells nobody."""
        numbers = {**taken, **dict(settings)}
        for key, control in self.controls.items():
            self._rows[key].setVisible(key in numbers)
            if key in numbers:
                blocked = control.blockSignals(True)
                control.setValue(numbers[key])  # type: ignore[arg-type]  # an int for the whole-number boxes
                control.blockSignals(blocked)

    @Slot(int)
    @Slot(float)
    def _on_value(self, value: float) -> None:
        self.chosen.emit(str(self.sender().property("setting")), float(value))


def check_box(name: str, tip: str) -> QCheckBox:
    """A check box that leaves the window's keys alone."""
    made = QCheckBox()
    made.setToolTip(tip)
    made.setAccessibleName(name)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return made
