"""Points drawn on the plane, with the real mouse and keys."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from tests.ui.window.conftest import Open

from deltaglow.model.project import BuiltinData, InlineData
from deltaglow.ui.main_window import MainWindow
from deltaglow.ui.samples.draw_page import DrawPage

Key = Qt.Key
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


def opened(window: MainWindow, qtbot: QtBot) -> DrawPage:
    qtbot.keyClick(window, Key.Key_F10)
    assert window.centre.shown == "draw"
    page = window.centre.draw
    QApplication.processEvents()
    return page


def spot(page: DrawPage, x: float, y: float) -> QPoint:
    QApplication.sendPostedEvents()  # words beside the plane that have come or gone move it
    return page.plot.canvas.point((x, y)).toPoint()


def click(page: DrawPage, qtbot: QtBot, x: float, y: float, button: Qt.MouseButton = LEFT) -> None:
    qtbot.mouseClick(page.plot.canvas.viewport(), button, pos=spot(page, x, y))


def drag(page: DrawPage, qtbot: QtBot, places: list[tuple[float, float]], release: bool = True) -> None:
    view = page.plot.canvas.viewport()
    qtbot.mousePress(view, LEFT, pos=spot(page, *places[0]))
    for place in places[1:]:
        qtbot.mouseMove(view, spot(page, *place))
        # mouseMove of QTest tells nothing of buttons that are down
        page.plot.canvas.moved.emit(place)
    if release:
        qtbot.mouseRelease(view, LEFT, pos=spot(page, *places[-1]))


def own(window: MainWindow) -> InlineData:
    data = window.lab.project.data
    assert isinstance(data, InlineData)
    return data


def test_a_click_is_a_point_and_the_network_keeps_what_it_learned(open_window: Open, qtbot: QtBot) -> None:
    window = open_window("moons")
    lab = window.lab
    lab.next_step()
    learned = lab.frame.theta_after.copy()
    page = opened(window, qtbot)
    assert [chip.text() for chip in page._chips] == ["upper moon", "lower moon"]
    view = page.plot.canvas.view()
    qtbot.keyClick(page.plot.canvas, Key.Key_2)
    click(page, qtbot, 0.5, 0.5)
    data = own(window)
    assert len(data.x) == 301 and data.y[300].tolist() == [0.0, 1.0]
    assert np.abs(data.x[300] - [0.5, 0.5]).max() < 2.0 * max(page.pixel)
    assert np.array_equal(lab.frame.theta, learned) or np.array_equal(lab.frame.theta_after, learned)
    QApplication.processEvents()
    assert page.plot.canvas.view() == pytest.approx(view), "the plane stays where it is"
    assert "no longer drawn from" in page.said.text()
    click(page, qtbot, 0.5, 0.5, RIGHT)
    assert len(own(window).x) == 300
    lab.document.undo_stack.undo()
    lab.document.undo_stack.undo()
    assert isinstance(lab.project.data, BuiltinData)


def test_a_drag_sprays_and_is_one_step_of_the_history(open_window: Open, qtbot: QtBot) -> None:
    window = open_window("moons")
    page, stack = opened(window, qtbot), window.lab.document.undo_stack
    way = [(-0.5 + 0.05 * k, 0.0) for k in range(20)]
    drag(page, qtbot, way)
    added = own(window).x[300:]
    assert len(added) > 10 and stack.count() == 1 and stack.undoText() == "Draw points"
    assert own(window).y[300:, 0].all()
    assert np.ptp(added[:, 0]) > 0.7
    drag(page, qtbot, way, release=False)
    assert len(own(window).x) > 300 + len(added)
    qtbot.keyClick(page.plot.canvas, Key.Key_Escape)
    assert len(own(window).x) == 300 + len(added) and window.centre.shown == "draw"
    qtbot.mouseRelease(page.plot.canvas.viewport(), LEFT, pos=spot(page, *way[-1]))
    assert stack.count() == 1
    qtbot.keyClick(page.plot.canvas, Key.Key_E)
    assert page.eraser.isChecked()
    drag(page, qtbot, way)
    assert len(own(window).x) < 300 + len(added) and stack.undoText() == "Erase points"
    stack.undo()
    assert len(own(window).x) == 300 + len(added)


def test_an_empty_plane_becomes_the_samples_with_its_first_point(open_window: Open, qtbot: QtBot) -> None:
    window = open_window("iris")
    lab, page = window.lab, opened(window, qtbot)
    before = lab.project
    qtbot.mouseClick(page.clear, LEFT)
    assert lab.project is before and page.plot.blank is not None
    qtbot.keyClick(page.plot.canvas, Key.Key_Escape)
    assert page.plot.blank is None and window.centre.shown == "draw"
    qtbot.keyClick(page.plot.canvas, Key.Key_Delete, Qt.KeyboardModifier.ControlModifier)
    click(page, qtbot, -0.5, 0.25)
    data = own(window)
    assert data.x.shape == (1, 2) and np.abs(data.x[0] - [-0.5, 0.25]).max() < 0.02
    assert lab.project.network.inputs == 2 and lab.project.network.outputs == 2
    for k, place in ((2, (0.5, 0.5)), (3, (0.5, -0.5)), (1, (-0.5, -0.5))):
        qtbot.keyClick(page.plot.canvas, str(k))
        click(page, qtbot, *place)
    data = own(window)
    assert data.y.argmax(1).tolist() == [0, 1, 2, 0] and lab.project.network.outputs == 3
    assert data.classes == ("class 1", "class 2", "class 3")
    lab.train()
    qtbot.waitUntil(lambda: lab.history.length > 50)
    click(page, qtbot, 0.0, 0.9)
    assert lab.running and len(own(window).x) == 5
    lab.pause()
    while lab.document.undo_stack.canUndo():
        lab.document.undo_stack.undo()
    assert lab.project == before


def test_points_are_drawn_by_key(open_window: Open, qtbot: QtBot) -> None:
    window = open_window("moons")
    page = opened(window, qtbot)
    canvas = page.plot.canvas
    assert canvas.hasFocus()
    for key in (Key.Key_Right, Key.Key_Right, Key.Key_Up):
        qtbot.keyClick(canvas, key)
    qtbot.keyClick(canvas, Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(canvas, Key.Key_Return)
    assert len(own(window).x) == 301
    left, right, bottom, top = canvas.view()
    offset = (own(window).x[300] - [(left + right) / 2, (bottom + top) / 2]) / page.pixel
    assert np.abs(offset - [24.0, 15.0]).max() < 2.5
    qtbot.keyClick(canvas, Key.Key_Delete)
    assert len(own(window).x) <= 300
    assert window.lab.frame.step == 0 and window.lab.position == 0.0


def test_what_cannot_be_drawn_on_says_so(open_window: Open, qtbot: QtBot) -> None:
    window = open_window("regression")
    page = opened(window, qtbot)
    data = window.lab.dataset
    if data.x.shape[1] == 1:
        click(page, qtbot, float(data.x.mean()), float(data.y.mean()))
        assert len(own(window).x) == len(data.x) + 1
        return
    click(page, qtbot, float(data.x[:, 0].mean()), float(data.x[:, 1].mean()))
    assert isinstance(window.lab.project.data, BuiltinData)
    assert "Empty plane" in page.said.text()
    qtbot.mouseClick(page.clear, LEFT)
    click(page, qtbot, 0.0, 0.0)
    assert own(window).x.shape == (1, 2)
    assert window.lab.project.network.loss.name == "softmax_cross_entropy"


def test_the_last_point_stays(open_window: Open, qtbot: QtBot) -> None:
    window = open_window("moons")
    page = opened(window, qtbot)
    qtbot.mouseClick(page.clear, LEFT)
    click(page, qtbot, 0.0, 0.0)
    click(page, qtbot, 0.0, 0.0, RIGHT)
    assert len(own(window).x) == 1 and "last point" in page.said.text()


def test_a_network_that_needs_two_samples_gets_them_together(open_window: Open, qtbot: QtBot) -> None:
    window = open_window("batch-norm")
    page = opened(window, qtbot)
    before = window.lab.project
    qtbot.mouseClick(page.clear, LEFT)
    click(page, qtbot, -0.5, 0.0)
    assert window.lab.project is before and "at least 2 samples" in page.said.text()
    qtbot.keyClick(page.plot.canvas, Key.Key_2)
    click(page, qtbot, 0.5, 0.0)
    assert len(own(window).x) == 2 and not page.said.property("tone")


def test_buttons_have_room_and_the_plane_has_the_theme(
    open_window: Open, qapp: QApplication, qtbot: QtBot
) -> None:
    window = open_window("digits")
    page = opened(window, qtbot)
    for size in ((1280, 800), (1920, 1080)):
        window.resize(*size)
        qapp.processEvents()
        for buttons in (page._chips, [page.brush, page.eraser, page.clear]):
            areas = [button.geometry() for button in buttons]
            assert not any(one.intersects(other) for one, other in pairwise(areas))
            assert all(area.width() >= b.sizeHint().width() for area, b in zip(areas, buttons, strict=True))
            assert areas[-1].right() <= page.width()
    dark = page.grab().toImage()
    window.theme.set_choice("light")
    qapp.processEvents()
    light = page.grab().toImage()
    spots = [(x, y) for x in range(20, page.width(), 37) for y in range(10, page.height(), 23)]
    assert sum(dark.pixel(*at) != light.pixel(*at) for at in spots) > 0.8 * len(spots)
    window.theme.set_choice("dark")


def test_another_button_in_the_midst_of_a_stroke_changes_nothing(open_window: Open, qtbot: QtBot) -> None:
    window = open_window("moons")
    page, stack = opened(window, qtbot), window.lab.document.undo_stack
    drag(page, qtbot, [(-0.5 + 0.05 * k, 0.0) for k in range(20)], release=False)
    stroke = page._stroke
    assert stroke is not None
    drawn = len(stroke.made().x)
    qtbot.mousePress(page.plot.canvas.viewport(), RIGHT, pos=spot(page, 0.0, 0.0))
    assert page._stroke is stroke
    qtbot.mouseRelease(page.plot.canvas.viewport(), RIGHT, pos=spot(page, 0.0, 0.0))
    qtbot.mouseRelease(page.plot.canvas.viewport(), LEFT, pos=spot(page, 0.0, 0.0))
    assert len(own(window).x) == drawn and stack.count() == 1
