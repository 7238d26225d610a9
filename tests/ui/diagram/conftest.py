"""The window with its diagram, and a hand that holds a mouse over it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from tests.ui.conftest import OpenProject

from deltaglow.model import examples
from deltaglow.ui.diagram import DiagramView, wiring
from deltaglow.ui.diagram.editing import targets
from deltaglow.ui.diagram.geometry import Geometry
from deltaglow.ui.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


class Hand:
    """Presses, moves and releases, by real events on the shown widget."""

    def __init__(self, window: MainWindow) -> None:
        self.window, self.lab = window, window.lab
        self.view: DiagramView = window.diagram
        self.editor = self.view.editor

    @property
    def geometry(self) -> Geometry:
        return self.view.scene().geometry

    @property
    def steps(self) -> int:
        return self.lab.document.undo_stack.count()

    def unit(self, layer: int, unit: int) -> QPointF:
        return self.geometry.columns[layer].centre(unit)

    def edge(self, layer: int, j: int, i: int, part: float = 0.3) -> QPointF:
        start, stop = self.geometry.ends[layer - 1]
        return QPointF(*(start[j, i] + part * (stop[j, i] - start[j, i])).tolist())

    def heading(self, layer: int) -> QPointF:
        return wiring.title_box(self.view.scene(), layer).center()

    def more(self, layer: int) -> QPointF:
        return targets.more(self.view.scene(), layer).center()

    def fewer(self, layer: int) -> QPointF:
        return targets.fewer(self.view.scene(), layer).center()

    def new_layer(self, layer: int) -> QPointF:
        return targets.new_layer(self.view.scene(), layer).center()

    def canvas(self) -> QPointF:
        return QPointF(6, self.geometry.net.center().y() + 60)

    def move(
        self,
        point: QPointF,
        held: Qt.MouseButton = Qt.MouseButton.NoButton,
        modifiers: Qt.KeyboardModifier = NONE,
    ) -> None:
        """The mouse goes there, with a button held or none."""
        spot = QPointF(point.toPoint())
        there = QPointF(self.view.mapToGlobal(point.toPoint()))
        event = QMouseEvent(QEvent.Type.MouseMove, spot, there, Qt.MouseButton.NoButton, held, modifiers)
        QApplication.sendEvent(self.view, event)

    def click(self, point: QPointF, modifiers: Qt.KeyboardModifier = NONE) -> None:
        self.move(point)
        QTest.mouseClick(self.view, LEFT, modifiers, point.toPoint())

    def double_click(self, point: QPointF) -> None:
        self.click(point)
        QTest.mouseDClick(self.view, LEFT, NONE, point.toPoint())

    def press(self, point: QPointF, button: Qt.MouseButton = LEFT) -> None:
        self.move(point)
        QTest.mousePress(self.view, button, NONE, point.toPoint())

    def release(
        self, point: QPointF, button: Qt.MouseButton = LEFT, modifiers: Qt.KeyboardModifier = NONE
    ) -> None:
        QTest.mouseRelease(self.view, button, modifiers, point.toPoint())

    def drag(
        self,
        start: QPointF,
        stop: QPointF,
        modifiers: Qt.KeyboardModifier = NONE,
        button: Qt.MouseButton = LEFT,
    ) -> None:
        """From one point to another in a few steps, and let go."""
        self.press(start, button)
        for part in (0.1, 0.4, 0.7, 1.0):
            self.move(start + (stop - start) * part, button, modifiers)
        self.release(stop, button, modifiers)

    def wheel(self, point: QPointF, notches: int, modifiers: Qt.KeyboardModifier = NONE) -> None:
        there = QPointF(self.view.mapToGlobal(point.toPoint()))
        event = QWheelEvent(
            point,
            there,
            QPoint(),
            QPoint(0, 120 * notches),
            Qt.MouseButton.NoButton,
            modifiers,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(self.view, event)

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
        QTest.keyClick(self.view, key, modifiers)

    def type(self, text: str) -> None:
        """Into the field that is open."""
        assert self.editor.field is not None
        QTest.keyClicks(self.editor.field, text)

    def undo(self) -> None:
        self.lab.document.undo_stack.undo()


@pytest.fixture
def hand(open_project: OpenProject) -> Hand:
    """Over the worked example: 3-2-2."""
    return Hand(open_project(examples.load("worked-example")))


@pytest.fixture
def spirals(open_project: OpenProject) -> Hand:
    """Over 2-8-8-3."""
    return Hand(open_project(examples.load("spirals")))
