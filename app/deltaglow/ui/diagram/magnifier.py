"""The diagram drawn larger than its pixels: what is laid out in a smaller widget fills the real one.

Geometry, painting and gestures know only the smaller one; the view converts what comes in and what goes out.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject, QPointF, QRectF, QSizeF, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPixmap, QWheelEvent
from PySide6.QtWidgets import QWidget


class Magnifier(QObject):
    """By how much `widget` shows things larger: 1 for not at all."""

    changed = Signal()

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        self.by = 1.0
        self._picture = QPixmap()

    def magnify(self, by: float) -> None:
        """Show everything so many times as large as it is laid out."""
        if by != self.by:
            self.by = by
            self._picture = QPixmap()
            self.changed.emit()

    @property
    def size(self) -> QSizeF:
        """What there is room for."""
        return QSizeF(self._widget.width() / self.by, self._widget.height() / self.by)

    @property
    def ratio(self) -> float:
        """Pixels of the screen for each of the diagram's."""
        return self._widget.devicePixelRatioF() * self.by

    def shown(self, box: QRectF) -> QRectF:
        """Where in the widget a place of the diagram is."""
        return QRectF(box.topLeft() * self.by, box.size() * self.by)

    def taken(self, point: QPointF) -> QPointF:
        """The place of the diagram at a point of the widget."""
        return point * (1.0 / self.by)

    def mouse(self, event: QMouseEvent) -> QMouseEvent:
        """The event as the diagram takes it."""
        if self.by == 1.0:
            return event
        return QMouseEvent(
            event.type(),
            self.taken(event.position()),
            event.globalPosition(),
            event.button(),
            event.buttons(),
            event.modifiers(),
            event.pointingDevice(),
        )

    def wheel(self, event: QWheelEvent) -> QWheelEvent:
        """The event as the diagram takes it."""
        if self.by == 1.0:
            return event
        return QWheelEvent(
            self.taken(event.position()),
            event.globalPosition(),
            event.pixelDelta(),
            event.angleDelta(),
            event.buttons(),
            event.modifiers(),
            event.phase(),
            event.inverted(),
        )

    @contextmanager
    def painting(self) -> Iterator[QPainter]:
        """A painter of the diagram. Where that is magnified, it draws a picture with more pixels first: all
        that is drawn asks the device how fine it is.
        """
        if self.by == 1.0:
            with QPainter(self._widget) as painter:
                yield painter
            return
        size, fine = self._widget.size() * self._widget.devicePixelRatioF(), self.ratio
        if self._picture.size() != size or self._picture.devicePixelRatio() != fine:
            self._picture = QPixmap(size)
            self._picture.setDevicePixelRatio(fine)
        with QPainter(self._picture) as painter:
            yield painter
        self._picture.setDevicePixelRatio(self._widget.devicePixelRatioF())
        with QPainter(self._widget) as painter:
            painter.drawPixmap(QPointF(), self._picture)
        self._picture.setDevicePixelRatio(fine)
