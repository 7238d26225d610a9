"""Spin boxes: limits from the rules, commit on Enter or on leaving, deaf to a passing wheel."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QValidator
from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QSpinBox, QWidget

from deltaglow.model.rules import Rule
from deltaglow.ui.widgets.deaf import Deaf

if TYPE_CHECKING:
    _SpinBox = QAbstractSpinBox
else:
    _SpinBox = object  # as in `deaf`

_STEP_RATIO = 10.0**0.1
_SMALLEST = 1e-12


class _Spin(Deaf, _SpinBox):
    """What both kinds have in common."""

    def _prepare(self) -> None:
        self.setKeyboardTracking(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setLocale(QLocale.c())
        self.setAlignment(Qt.AlignmentFlag.AlignRight)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What is no part of a number goes to the window, with what was typed taken."""
        if self._for_window(event):
            self.interpretText()
            event.ignore()
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        """Room for five or six digits, whatever the maximum."""
        return QSize(88, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Room for three or four digits."""
        return QSize(60, super().minimumSizeHint().height())

    def _for_window(self, event: QKeyEvent) -> bool:
        """Whether a key is the window's: Space and T are, unless what is typed is no number yet."""
        return event.text() in (" ", "t", "T") and self.hasAcceptableInput()


class IntSpin(_Spin, QSpinBox):
    """A whole number within a rule's limits."""

    def __init__(self, rule: Rule, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._prepare()
        self.set_rule(rule)

    def set_rule(self, rule: Rule) -> None:
        """Takes limits, tooltip and name from `rule`."""
        self.setRange(int(rule.minimum or 0), int(min(rule.maximum or 0, 2**31 - 1)))
        self.setToolTip(rule.tooltip)
        self.setAccessibleName(rule.label)


class NumberSpin(_Spin, QDoubleSpinBox):
    """A number within a rule's limits, shown with as many digits as it has.

    `refused` carries one line when what was typed is not allowed; the box then shows its old value again.
    With `ratio`, the arrows multiply by 10^0.1 instead of adding a step.
    """

    refused = Signal(str)

    def __init__(self, rule: Rule, ratio: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rule, self._ratio = rule, ratio
        self._prepare()
        self.setDecimals(12)
        self.setSingleStep(0.01)
        self.set_rule(rule)

    def set_rule(self, rule: Rule) -> None:
        """Takes limits, tooltip and name from `rule`."""
        self._rule = rule
        low = rule.minimum or 0.0
        self.setRange(_SMALLEST if rule.exclusive and low == 0 else low, rule.maximum or 0.0)
        self.setToolTip(rule.tooltip)
        self.setAccessibleName(rule.label)

    def textFromValue(self, value: float) -> str:
        """Six significant digits at most, and no trailing zeros."""
        return f"{value:.6g}".replace("e-0", "e-")

    def valueFromText(self, text: str) -> float:
        """The number typed; what is none leaves the value as it is."""
        number = number_in(text)
        return self.value() if number is None else number

    def validate(self, text: str, place: int) -> object:
        """Anything may be typed; only an allowed number can be committed."""
        number = number_in(text)
        fine = number is not None and self._rule.problem(number) is None
        state = QValidator.State.Acceptable if fine else QValidator.State.Intermediate
        return state, text, place

    def fixup(self, text: str) -> str:
        """What is not allowed is said, and the old value comes back."""
        number = number_in(text)
        problem = self._rule.problem(text if number is None else number)
        self.refused.emit(f"{self._rule.label} {problem}")
        return self.textFromValue(self.value())

    def stepBy(self, steps: int) -> None:
        """Adds steps or, with `ratio`, multiplies by 10^0.1 each, on the round values of that series."""
        if not self._ratio:
            super().stepBy(steps)
            return
        place = math.log10(max(self.value(), _SMALLEST)) / math.log10(_STEP_RATIO)
        target = 10.0 ** ((round(place) + steps) / 10)
        self.setValue(float(f"{min(max(target, self.minimum()), self.maximum()):.2g}"))


def number_in(text: str) -> float | None:
    """The finite number that a text is, with a comma or a point; None if it is none."""
    try:
        number = float(text.strip().replace(",", ".").replace("\u2212", "-"))
    except ValueError:
        return None
    return number if math.isfinite(number) else None
