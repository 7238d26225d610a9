"""A logarithmic slider whose groove shows bands, such as the learning rates that guides advise."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from deltaglow.ui.theme import Theme, blend
from deltaglow.ui.widgets.deaf import Deaf
from deltaglow.ui.widgets.slider import Slider

_STEPS = 50  # slider positions a decade
_GROOVE = 4.0
_HANDLE = 14.0


class BandSlider(Deaf, Slider):
    """Chooses a number between two powers of ten. `chosen` carries it when the user moves the handle."""

    chosen = Signal(float)

    def __init__(
        self,
        theme: Theme,
        decades: tuple[int, int],
        bands: Sequence[tuple[float, str]],
        parent: QWidget | None = None,
    ) -> None:
        """`bands`: where each begins, ascending, and the token of its colour."""
        super().__init__(parent)
        self._theme, self._bands, self._decades = theme, tuple(bands), decades
        self.setRange(decades[0] * _STEPS, decades[1] * _STEPS)
        self.setSingleStep(_STEPS // 10)
        self.setPageStep(_STEPS)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.valueChanged.connect(self._on_value)
        theme.changed.connect(self._repaint)

    def show_number(self, number: float) -> None:
        """Moves the handle without telling anybody; numbers beyond the ends rest at the end."""
        if number == self.number():
            return  # the handle may stand a little beside the rounded number that it gave
        blocked = self.blockSignals(True)
        self.setValue(round(math.log10(max(number, 1e-300)) * _STEPS))
        self.blockSignals(blocked)
        self.update()

    def number(self) -> float:
        """The number at the handle, rounded to two digits."""
        return float(f"{10.0 ** (self.value() / _STEPS):.2g}")

    def track(self) -> tuple[float, float]:
        """As the bands are drawn."""
        return _HANDLE / 2, self.width() - _HANDLE / 2

    def sizeHint(self) -> QSize:
        """The handle's height and a little air."""
        return QSize(200, 22)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Bands, the current one at full strength, and the handle."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        left, right = _HANDLE / 2, self.width() - _HANDLE / 2
        top, here = (self.height() - _GROOVE) / 2, self.number()
        ends = [*(start for start, _ in self._bands[1:]), math.inf]
        for (start, token), end in zip(self._bands, ends, strict=True):
            from_x, to_x = self._x(start), self._x(end)
            if to_x <= from_x:
                continue
            current = self.isEnabled() and start <= here < end
            painter.setBrush(self._colour(token, current))
            grown = 1.0 if current else 0.0
            height = _GROOVE + 2 * grown
            painter.drawRoundedRect(QRectF(from_x + 0.5, top - grown, to_x - from_x - 1, height), 2, 2)
        x = min(max(self._x(10.0 ** (self.value() / _STEPS)), left), right)
        focused = self.hasFocus()
        pen = QPen(self._theme.color("focus" if focused else "zero"), 2 if focused else 1)
        painter.setPen(pen)
        painter.setBrush(self._theme.color("handle" if self.isEnabled() else "disabled"))
        reach = (_HANDLE - pen.widthF()) / 2
        painter.drawEllipse(QRectF(x - reach, self.height() / 2 - reach, 2 * reach, 2 * reach))

    def _colour(self, token: str, current: bool) -> QColor:
        return blend(self._theme.color("panel"), self._theme.color(token), 1.0 if current else 0.55)

    def _x(self, number: float) -> float:
        low, high = self._decades
        place = low if number <= 0 else high if math.isinf(number) else math.log10(number)
        share = (min(max(place, low), high) - low) / (high - low)
        return _HANDLE / 2 + share * (self.width() - _HANDLE)

    @Slot(int)
    def _on_value(self, value: int) -> None:
        del value
        self.chosen.emit(self.number())

    @Slot()
    def _repaint(self) -> None:
        self.update()
