"""A slider with its name on the left and its number on the right."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from deltaglow.explain.numbers import show
from deltaglow.ui.theme import Theme
from deltaglow.ui.widgets import label
from deltaglow.ui.widgets.deaf import Deaf
from deltaglow.ui.widgets.slider import Slider

STEPS = 200
"""Places of the handle."""


class _Slider(Deaf, Slider):
    """Turned by the wheel only with the keyboard on it."""


class Dial(QWidget):
    """A number between two ends, on a straight scale or, with `ratio`, on a logarithmic one."""

    turned = Signal(float)

    def __init__(
        self,
        theme: Theme,
        name: str,
        ends: tuple[float, float],
        rest: float,
        tip: str,
        ratio: bool = False,
        written: Callable[[float], str] | None = None,
    ) -> None:
        """rest: the number it begins with, where nothing is changed. written: how the number is shown."""
        super().__init__()
        self._ends, self._ratio, self._rest = ends, ratio, rest
        self._written = written or (lambda number: show(number, 3).text)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        self.name = label(name, "muted")
        self.slider = _Slider()
        self.slider.setRange(0, STEPS)
        self.slider.setPageStep(STEPS // 10)
        self.slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.slider.setToolTip(tip)
        self.slider.setAccessibleName(name)
        self.slider.setMinimumWidth(90)
        self.number = label(role="mono")
        self.number.setFont(theme.mono_font(12))
        self.number.setMinimumWidth(self.number.fontMetrics().horizontalAdvance("0.0000") + 4)
        self.number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.name)
        row.addWidget(self.slider, 1)
        row.addWidget(self.number)
        self.set_value(rest)
        self.slider.valueChanged.connect(self._on_turned)

    @property
    def value(self) -> float:
        """The number at the handle; exactly the resting one where that is."""
        place = self.slider.value()
        if place == self._place(self._rest):
            return self._rest
        low, high = self._ends
        part = place / STEPS
        return low * (high / low) ** part if self._ratio else low + part * (high - low)

    @property
    def resting(self) -> bool:
        """Whether it changes nothing."""
        return self.value == self._rest

    def set_value(self, number: float) -> None:
        """Move the handle without telling anybody."""
        with QSignalBlocker(self.slider):
            self.slider.setValue(self._place(number))
        self.number.setText(self._written(self.value))

    def _place(self, number: float) -> int:
        low, high = self._ends
        if self._ratio:
            return round(STEPS * math.log(number / low) / math.log(high / low))
        return round(STEPS * (number - low) / (high - low))

    @Slot()
    def _on_turned(self) -> None:
        self.number.setText(self._written(self.value))
        self.turned.emit(self.value)
