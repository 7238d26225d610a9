"""The plane as something to draw on: what the mouse and the keys do there is told as places of the plane.

This module imports pyqtgraph, which takes a good part of a second: the page makes it when it is first seen.
"""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from deltaglow.ui.plots.plane import Plane
from deltaglow.ui.theme import Theme

STEP, FINE = 12.0, 3.0
"""Pixels that an arrow key moves the cross, and with Shift."""


class Canvas(Plane):
    """`begun` carries a place and whether it is the right button that is down, `moved` a place, `ended` and
    `given_up` nothing. `keyed` carries where the cross of the keyboard stands, and whether to rub out there.
    """

    begun = Signal(object, bool)
    moved = Signal(object)
    ended = Signal()
    given_up = Signal()
    keyed = Signal(object, bool)
    looked = Signal()
    """Another part of the plane is in view."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._down = False
        self._button = Qt.MouseButton.NoButton
        """Which one began the stroke."""
        self._cross: QPointF | None = None
        """Where the keyboard's cross stands, in pixels of the view."""
        self._hair = pg.ScatterPlotItem(size=17, symbol="+", pxMode=True)
        self._hair.setZValue(30)
        self.getPlotItem().getViewBox().addItem(self._hair, ignoreBounds=True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName("The plane to draw points on")
        self.setToolTip(
            "Click for a point, drag to spray; the right button rubs out; the wheel zooms.\n"
            "Arrows move a cross, Return draws there, Delete rubs out,\n"
            "digits choose the class, Esc gives a stroke up"
        )

    def dress(self, across: str, up: str) -> None:
        """On the page's own ground."""
        super().dress(across, up)
        self.setBackground(self._theme.color("canvas"))

    def clear_picture(self) -> None:
        """Show no regions."""
        self._image.setVisible(False)

    def view(self) -> tuple[float, float, float, float]:
        """The part of the plane that is seen: left, right, bottom, top."""
        (left, right), (bottom, top) = self.getPlotItem().getViewBox().viewRange()
        return left, right, bottom, top

    def pixel(self) -> tuple[float, float]:
        """What a pixel is across and up."""
        left, right, bottom, top = self.view()
        area = self.getPlotItem().getViewBox().sceneBoundingRect()
        return (right - left) / max(area.width(), 1.0), (top - bottom) / max(area.height(), 1.0)

    def place(self, point: QPointF) -> tuple[float, float] | None:
        """The place under a point of the view; None beside the plane."""
        box, there = self.getPlotItem().getViewBox(), self.mapToScene(point.toPoint())
        if not box.sceneBoundingRect().contains(there):
            return None
        found = box.mapSceneToView(there)
        return found.x(), found.y()

    def point(self, place: tuple[float, float]) -> QPointF:
        """Where in the view a place lies."""
        box = self.getPlotItem().getViewBox()
        return QPointF(self.mapFromScene(box.mapViewToScene(QPointF(*place))))

    @property
    def drawing(self) -> bool:
        """Whether a button is down."""
        return self._down

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a stroke."""
        if self._down:  # another button, in the midst of a stroke
            event.accept()
            return
        place = self.place(event.position())
        button = event.button()
        if place is None or button not in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            super().mousePressEvent(event)
            return
        self._down, self._button = True, button
        self._put_cross(None)
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.begun.emit(place, button == Qt.MouseButton.RightButton)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with it."""
        if not self._down:
            super().mouseMoveEvent(event)
            return
        place = self.place(event.position())
        if place is not None:
            self.moved.emit(place)
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """It is done."""
        if not self._down:
            super().mouseReleaseEvent(event)
            return
        event.accept()
        if event.button() == self._button:
            self._down = False
            self.ended.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Two clicks are two points."""
        self.mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The right button rubs out."""
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Nearer, or farther."""
        super().wheelEvent(event)
        self.looked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move the cross, Return and Delete act there; Esc gives a stroke up."""
        key, far = (
            Qt.Key(event.key()),
            FINE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else STEP,
        )
        by = {
            Qt.Key.Key_Left: QPointF(-far, 0),
            Qt.Key.Key_Right: QPointF(far, 0),
            Qt.Key.Key_Up: QPointF(0, -far),
            Qt.Key.Key_Down: QPointF(0, far),
        }
        others = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
        if key == Qt.Key.Key_Escape and self._down:
            self._down = False
            self.given_up.emit()
        elif key in by and not event.modifiers() & others:
            wanted = (self._cross or self._middle()) + by[key]
            if self.place(wanted) is not None:
                self._put_cross(wanted)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Delete) and not event.modifiers():
            self._put_cross(self._cross or self._middle())
            assert self._cross is not None
            self.keyed.emit(self.place(self._cross), key == Qt.Key.Key_Delete)
        else:
            event.ignore()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The cross is the keyboard's."""
        super().focusOutEvent(event)
        self._put_cross(None)

    def _middle(self) -> QPointF:
        left, right, bottom, top = self.view()
        return self.point(((left + right) / 2, (bottom + top) / 2))

    def _put_cross(self, point: QPointF | None) -> None:
        self._cross = point
        place = None if point is None else self.place(point)
        if place is None:
            self._hair.clear()
            return
        self._hair.setPen(pg.mkPen(self._theme.color("text"), width=1))
        self._hair.setBrush(pg.mkBrush(self._theme.color("text")))
        self._hair.setData([place[0]], [place[1]])
