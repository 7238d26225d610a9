"""Spin boxes: limits from the rules, commit on Enter or on leaving, deaf to a passing wheel.

Whatever is typed stands there until then. What is not allowed is said beside the box, and its old value comes
back.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QSize, Qt, Slot
from PySide6.QtGui import QEnterEvent, QFocusEvent, QKeyEvent, QValidator
from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QSpinBox, QWidget

from deltaglow.model.rules import Rule
from deltaglow.ui.widgets.complaint import complain
from deltaglow.ui.widgets.deaf import Deaf

if TYPE_CHECKING:
    _SpinBox = QAbstractSpinBox
else:
    _SpinBox = object  # as in `deaf`

_STEP_RATIO = 10.0**0.1
_SMALLEST = 1e-12
_UP, _DOWN = QAbstractSpinBox.StepEnabledFlag.StepUpEnabled, QAbstractSpinBox.StepEnabledFlag.StepDownEnabled
REACH = 32
"""How far the arrows look for the next possible number."""
SHOWN = 16
"""Letters of what was typed that are repeated."""
_WHOLE = re.compile(r"[+-]?(\d+|\d{1,3}([,.'\s]\d{3})+)")


def _possible(number: int) -> str:
    """Whatever is within the limits."""
    del number
    return ""


class _Spin(Deaf, _SpinBox):
    """What both kinds have in common."""

    def _prepare(self) -> None:
        self.setKeyboardTracking(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setLocale(QLocale.c())
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.lineEdit().textEdited.connect(self._on_typed)

    def problem(self, text: str) -> str:
        """What is wrong with a text, "" for nothing."""
        raise NotImplementedError

    def hopeless(self, text: str) -> bool:
        """Whether something is wrong with it that more letters would not mend."""
        raise NotImplementedError

    def validate(self, text: str, place: int) -> object:
        """Anything may be typed; only an allowed number can be taken."""
        state = QValidator.State.Intermediate if self.problem(text) else QValidator.State.Acceptable
        return state, text, place

    def fixup(self, text: str) -> str:
        """What is not allowed is said, and the old value comes back."""
        complain(self, self.problem(text))
        return self.standing()

    def standing(self) -> str:
        """The text of the value that it has."""
        raise NotImplementedError

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """What was said of an earlier text is of no use any more."""
        complain(self, "")
        super().focusOutEvent(event)

    @Slot(str)
    def _on_typed(self, text: str) -> None:
        complain(self, self.problem(text) if self.hopeless(text) else "")

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

    _others = ""
    """What is said of numbers out of the limits, where that is more than the limits."""

    def __init__(self, rule: Rule, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._prepare()
        self.set_rule(rule)

    def set_rule(self, rule: Rule) -> None:
        """Takes limits, tooltip and name from `rule`."""
        self.setRange(int(rule.minimum or 0), int(min(rule.maximum or 0, 2**31 - 1)))
        self.setToolTip(rule.tooltip)
        self.setAccessibleName(rule.label)

    def allow(self, low: int, high: int, others: str) -> None:
        """Takes these limits; others: what is said of numbers out of them."""
        self.setRange(low, high)
        self._others = others

    def valueFromText(self, text: str) -> int:
        """The number typed; what is none leaves the value as it is."""
        number = whole_in(text)
        return self.value() if number is None else min(max(number, self.minimum()), self.maximum())

    def problem(self, text: str) -> str:
        """That it is no whole number, or out of the limits."""
        number = whole_in(text)
        if number is not None and self.minimum() <= number <= self.maximum():
            return ""
        if number is not None and self._others:
            return self._others
        shown = text.strip()[:SHOWN] or "nothing"
        limits = f"from {self.minimum()} to {self.maximum()}"
        return f"{self.accessibleName()} is {shown}, must be a whole number {limits}"

    def standing(self) -> str:
        """The text of the value that it has."""
        return self.textFromValue(self.value())

    def hopeless(self, text: str) -> bool:
        """Whether it is too large already, or has what no number has."""
        number = whole_in(text)
        return bool(text) and text not in "+-" and (number is None or number > self.maximum())


class JudgedSpin(IntSpin):
    """A whole number of which not every one within the limits is possible, as a kernel has to fit.

    Its arrows go past what is not possible; where nothing is left they are greyed, and the tooltip says why.
    What is typed and not possible is told while it is typed, and cannot be taken.
    """

    def __init__(self, rule: Rule, parent: QWidget | None = None) -> None:
        self._why_not: Callable[[int], str] = _possible
        self._tip = ""
        self._next: dict[int, tuple[int | None, str]] = {}
        super().__init__(rule, parent)

    def judge(self, why_not: Callable[[int], str]) -> None:
        """why_not: of a number, "" if it is possible. To be told anew when its answers may be others."""
        self._why_not = why_not
        self._next.clear()
        self._tip = self.toolTip()

    def following(self, way: int) -> tuple[int | None, str]:
        """The next possible number up (1) or down (−1), and why the one beside the present one is not."""
        if way not in self._next:
            last = self.maximum() if way > 0 else self.minimum()
            value, reason, found = self.value(), "", None
            for number in range(value + way, value + way * (REACH + 1), way):
                if (last - number) * way < 0:
                    break
                why = self._why_not(number)
                if not why:
                    found = number
                    break
                reason = reason or why
            self._next[way] = found, reason
        return self._next[way]

    def stepBy(self, steps: int) -> None:
        """Over what is not possible."""
        way = 1 if steps > 0 else -1
        if abs(steps) > 1:
            wanted = min(max(self.value() + steps, self.minimum()), self.maximum())
            if wanted != self.value() and not self._why_not(wanted):
                self.setValue(wanted)
                return
        found, _ = self.following(way)
        if found is not None:
            self.setValue(found)

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        """Found out once somebody could press an arrow."""
        enabled = super().stepEnabled()
        if self._asked:
            for way, flag in ((1, _UP), (-1, _DOWN)):
                if enabled & flag and self.following(way)[0] is None:
                    enabled &= ~flag
        return enabled

    @property
    def _asked(self) -> bool:
        return self._why_not is not _possible and (self.underMouse() or self.hasFocus())

    def enterEvent(self, event: QEnterEvent) -> None:
        self._tell()
        super().enterEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._tell()
        super().focusInEvent(event)

    def _tell(self) -> None:
        """Say at which numbers the arrows do not stop, and why."""
        if self._why_not is _possible:
            return
        words = [self._tip]
        for way, name in ((1, "Not one more"), (-1, "Not one less")):
            reason = self.following(way)[1]
            words += [f"{name}: {reason}."] if reason else []
        self.setToolTip("\n".join(words))
        self.update()

    def problem(self, text: str) -> str:
        """That it is out of the limits, or why it is not possible."""
        return super().problem(text) or self._reason(text)

    def hopeless(self, text: str) -> bool:
        """Which number more digits would make is not known: what is not possible is said at once."""
        return super().hopeless(text) or (whole_in(text) is not None and bool(self._reason(text)))

    def _reason(self, text: str) -> str:
        number = whole_in(text)
        within = number is not None and self.minimum() <= number <= self.maximum()
        return self._why_not(number) if number is not None and within and number != self.value() else ""


class NumberSpin(_Spin, QDoubleSpinBox):
    """A number within a rule's limits, shown with as many digits as it has.

    With `ratio`, the arrows multiply by 10^0.1 instead of adding a step.
    """

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

    def problem(self, text: str) -> str:
        """That it is no number, or out of the limits."""
        number = number_in(text)
        problem = self._rule.problem(text if number is None else number)
        return "" if problem is None else f"{self._rule.label} {problem}"

    def standing(self) -> str:
        """The text of the value that it has."""
        return self.textFromValue(self.value())

    def hopeless(self, text: str) -> bool:
        """Whether it is too large: 1e, − and . are numbers soon."""
        number = number_in(text)
        return number is not None and self._rule.maximum is not None and number > self._rule.maximum

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


def whole_in(text: str) -> int | None:
    """The whole number that a text is, its thousands apart or not; None if it is none."""
    found = text.strip().replace("\u2212", "-")
    return int(re.sub(r"[,.'\s]", "", found)) if _WHOLE.fullmatch(found) and len(found) < 20 else None
