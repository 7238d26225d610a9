"""Another network comes while the mouse has hold of this one."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from tests.ui.conftest import OpenProject
from tests.ui.diagram.conftest import Hand

from deltaglow.model import examples

LEFT = Qt.MouseButton.LeftButton


def test_a_gesture_ends_when_another_network_is_opened(open_project: OpenProject) -> None:
    hand = Hand(open_project(examples.load("residual")))
    start = hand.unit(4, 0)
    QTest.mousePress(hand.view, LEFT, pos=start.toPoint())
    hand.move(start + QPointF(40, 40), LEFT)
    assert hand.editor.gesture is not None
    hand.lab.open(examples.load("regression"))
    assert hand.editor.gesture is None
    QApplication.processEvents()
    hand.move(start + QPointF(80, 40), LEFT)
    QTest.mouseRelease(hand.view, LEFT, pos=start.toPoint())
    assert not hand.view.grab().isNull() and hand.steps == 0
