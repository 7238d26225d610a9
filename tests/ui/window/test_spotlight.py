"""A plot that is enlarged, and put back."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot
from tests.ui.window.conftest import Open

from deltaglow.ui.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton


def heading(window: MainWindow, number: int) -> QPoint:
    """Beside a plot's name."""
    title = window.slots[number].plot.title.geometry()
    return QPoint(title.right() + 30, title.center().y())


def test_a_double_click_enlarges_and_puts_back(open_window: Open, qtbot: QtBot) -> None:
    window = open_window("spirals")
    window.resize(1280, 800)
    window.lab.next_step()
    window.refresh_plots()
    first, second = window.slots[:2]
    before = first.size()
    qtbot.mouseDClick(first.plot, LEFT, pos=QPoint(200, first.height() - 60))
    assert window.spotlight.slot is None, "on the curves it is theirs"
    qtbot.mouseDClick(first.plot, LEFT, pos=heading(window, 0))
    qtbot.waitUntil(lambda: first.height() > 3 * before.height())
    assert window.plots == (first.plot,) and not window.parameters.isVisible()
    assert not window.canvas.isVisible() and window.transport.isVisible()
    assert any(action.text() == "As small as before" for action in first.plot.menu().actions())
    first.choose("gradient")
    assert first.plot.enlarged and first.plot.height() > 3 * before.height()
    window.resize(1300, 820)
    qtbot.keyClick(window, Qt.Key.Key_T)
    qtbot.waitUntil(lambda: window.lab.history.length > 100)
    qtbot.keyClick(window, Qt.Key.Key_T)
    qtbot.waitUntil(lambda: not window.lab.running)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    window.resize(1280, 800)
    qtbot.waitUntil(lambda: first.size() == before)
    assert second.isVisible() and window.canvas.isVisible() and window.diagram.hasFocus()


def test_presenting_and_enlarging_take_turns(open_window: Open, qtbot: QtBot) -> None:
    window = open_window("worked-example")
    window.spotlight.toggle(window.slots[1])
    window.presenter.toggle()
    assert window.spotlight.slot is None and window.canvas.isVisible()
    assert not any(slot.isVisible() for slot in window.slots)
    window.spotlight.toggle(window.slots[0])
    assert not window.presenter.on and window.slots[0].isVisible()
    window.spotlight.leave()
    assert window.diagram.magnifier.by == 1.0 and window.parameters.isVisible()
