"""The timeline: dragged by the mouse, at rest and while a run trains."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from deltaglow.ui.main_window import MainWindow
from deltaglow.ui.step_slider import StepSlider

Open = Callable[[str], MainWindow]
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def place(slider: StepSlider, share: float) -> QPoint:
    low, high = slider.track()
    return QPoint(round(low + share * (high - low)), slider.height() // 2)


def move(slider: StepSlider, share: float) -> None:
    spot = QPointF(place(slider, share))
    event = QMouseEvent(QEvent.Type.MouseMove, spot, slider.mapToGlobal(spot), LEFT, LEFT, NONE)
    QApplication.sendEvent(slider, event)


def test_a_drag_goes_through_the_steps_and_everything_follows(open_window: Open, qtbot: QtBot) -> None:
    window = open_window("moons")
    lab, slider = window.lab, window.transport.timeline
    assert not slider.isEnabled() and "Nothing was trained" in slider.toolTip()
    lab.train(until=100)
    qtbot.waitUntil(lambda: not lab.running and lab.head == 100)
    assert slider.isEnabled() and slider.maximum() == 100 and slider.value() == lab.frame.step
    QTest.mousePress(slider, LEFT, NONE, place(slider, 0.25))
    qtbot.waitUntil(lambda: lab.frame.step == slider.value())
    assert abs(lab.frame.step - 25) <= 1 and lab.complete and window.transport.step.value() == lab.frame.step
    move(slider, 0.6)
    move(slider, 0.5)
    qtbot.waitUntil(lambda: lab.frame.step == slider.value())
    assert abs(lab.frame.step - 50) <= 1
    QTest.mouseRelease(slider, LEFT, NONE, place(slider, 0.5))
    lab.next_step()
    assert slider.value() == lab.frame.step
    qtbot.keyClick(slider, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: lab.frame.step == 100)
    assert not lab.complete
    lab.train()
    qtbot.waitUntil(lambda: lab.head > 150)
    QTest.mouseClick(slider, LEFT, NONE, place(slider, 0.0))
    qtbot.waitUntil(lambda: lab.frame.step == 0)
    assert not lab.running and lab.complete and slider.maximum() == lab.head
