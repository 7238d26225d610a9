"""A slider whose handle comes to where the mouse is pressed, and goes with it from there."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QSlider, QStyle, QStyleOptionSlider, QWidget


class Slider(QSlider):
    """Left to right. Qt's own goes by a page where its groove is pressed, and then lets nobody drag."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._aside = 0.0

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """On the handle it is held where it was taken, elsewhere it comes to the pointer."""
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        handle, x = self._handle_at(), event.position().x()
        self._aside = x - handle if abs(x - handle) <= self._reach() else 0.0
        self.setSliderDown(True)
        self._follow(x)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The handle goes with the pointer."""
        if self.isSliderDown():
            self._follow(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """It stays where it is."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(False)

    def track(self) -> tuple[float, float]:
        """Between which pixels the middle of the handle can be."""
        groove, reach = self._part(QStyle.SubControl.SC_SliderGroove), self._reach()
        return groove[0] + reach, groove[1] - reach

    def _reach(self) -> float:
        left, right = self._part(QStyle.SubControl.SC_SliderHandle)
        return (right - left) / 2

    def _handle_at(self) -> float:
        low, high = self.track()
        span = self.maximum() - self.minimum()
        return low + (high - low) * (self.sliderPosition() - self.minimum()) / max(span, 1)

    def _follow(self, x: float) -> None:
        low, high = self.track()
        part = min(max((x - self._aside - low) / max(high - low, 1.0), 0.0), 1.0)
        self.setSliderPosition(self.minimum() + round(part * (self.maximum() - self.minimum())))

    def _part(self, which: QStyle.SubControl) -> tuple[float, float]:
        """Left and right of the handle or the groove."""
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        area = self.style().subControlRect(QStyle.ComplexControl.CC_Slider, option, which, self)
        return float(area.left()), float(area.left() + area.width())
