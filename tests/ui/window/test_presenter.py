"""The presenter mode: network and explanation alone, large, and as good to work with as ever."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from tests.ui.conftest import OpenProject

from deltaglow import bootstrap
from deltaglow.model import examples
from deltaglow.model.quantity import Quantity
from deltaglow.ui.diagram import wiring
from deltaglow.ui.diagram.accessible import Tree
from deltaglow.ui.diagram.view import DiagramView
from deltaglow.ui.formula import FormulaView
from deltaglow.ui.main_window import MainWindow
from deltaglow.ui.pages.opener import Opener


@pytest.fixture
def window(open_project: OpenProject, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    made = open_project(examples.load("worked-example"))
    monkeypatch.setattr(made, "setWindowState", lambda state: None)  # no screen of its own here
    made.resize(1280, 800)
    made.explanation.settle()
    qtbot.wait(0)
    return made


def settle(window: MainWindow) -> None:
    """All that is shown is up to date and in its place."""
    window.explanation.settle()
    window.refresh_plots()
    bootstrap.settle(window)


def picture_of_work(window: MainWindow) -> QImage:
    """All but the explanation."""
    return window.grab(QRect(0, 0, window.explanation.x(), window.height())).toImage()


def at(window: MainWindow, point: QPointF) -> QPoint:
    """Where on the widget a place of the diagram is."""
    return (point * window.diagram.magnifier.by).toPoint()


def text_sizes(window: MainWindow) -> tuple[float, float]:
    """Of the title of the explanation, and of its formula."""
    title = next(w for w in window.explanation.findChildren(QLabel) if w.property("role") == "heading")
    return title.fontInfo().pixelSize(), max(f.sizeHint().height() for f in formulas(window))


def formulas(window: MainWindow) -> list[FormulaView]:
    return [f for f in window.explanation.findChildren(FormulaView) if f.isVisible() and f.latex]


def test_what_is_looked_at_is_larger_and_all_is_as_before_afterwards(
    window: MainWindow, qtbot: QtBot
) -> None:
    lab, view = window.lab, window.diagram
    lab.set_position(lab.phases.end)
    settle(window)
    before, picture, sizes = text_sizes(window), picture_of_work(window), view.size()
    window.presenter.toggle()
    qtbot.waitUntil(lambda: view.magnifier.by > 1.3)
    settle(window)
    assert not window.parameters.isVisible() and not any(slot.isVisible() for slot in window.slots)
    title, formula = text_sizes(window)
    assert title > 1.15 * before[0] and formula > 1.15 * before[1]
    assert view.scene().geometry.width == pytest.approx(view.width() / view.magnifier.by)
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert not window.presenter.on and view.magnifier.by == 1.0
    qtbot.waitUntil(lambda: view.size() == sizes)
    settle(window)
    assert text_sizes(window) == before
    assert picture_of_work(window) == picture


def test_the_mouse_means_what_is_under_it(window: MainWindow, qtbot: QtBot) -> None:
    lab, view = window.lab, window.diagram
    window.presenter.toggle()
    qtbot.waitUntil(lambda: view.magnifier.by > 1.3)
    left = Qt.MouseButton.LeftButton
    for unit in range(2):
        centre = view.scene().geometry.columns[1].centre(unit)
        qtbot.mouseClick(view, left, pos=at(window, centre))
        assert lab.selected == Quantity("a", 1, (unit,))
    start, stop = (end[0, 0] for end in view.scene().geometry.lines(2, slice(1, 2), slice(0, 1)))
    middle = at(window, QPointF(*(0.35 * start + 0.65 * stop)))
    qtbot.mouseClick(view, left, pos=middle)
    qtbot.mouseDClick(view, left, pos=middle)
    field = view.editor.field
    assert lab.selected == Quantity("W", 2, (1, 0)) and field is not None
    assert (field.geometry().center() - middle).manhattanLength() < 120
    qtbot.keyClicks(field, "0.25")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert lab.project.network.layers[1].W[1][0] == 0.25
    view.editor.open_layer(1)
    card, heading = view.editor.popover, view.magnifier.shown(wiring.title_box(view.scene(), 1))
    assert card is not None and abs(card.geometry().center().x() - heading.center().x()) < 4
    view.editor.close_popover()


def test_what_lies_over_the_diagram_and_what_reads_it_follow(window: MainWindow, qtbot: QtBot) -> None:
    view, opener = window.diagram, window.findChild(Opener)
    assert opener is not None
    tree = Tree(view, window.lab, view.scene)

    def corner() -> tuple[QPointF, QPointF]:
        card = view.magnifier.shown(view.scene().geometry.softmax)
        return card.topRight(), QPointF(opener.geometry().center())

    for wanted in (True, False):
        window.presenter.toggle()
        qtbot.waitUntil(lambda wanted=wanted: (view.magnifier.by > 1.3) is wanted)
        expected, found = corner()
        assert abs(found.y() - expected.y()) < 3 and 0 < expected.x() - found.x() < 40
        unit = view.magnifier.shown(first_hidden(view))
        said = tree.area((1, 0)).translated(-view.mapToGlobal(QPoint(0, 0)))
        assert (said.center() - unit.center().toPoint()).manhattanLength() < 4
        assert said.width() == pytest.approx(unit.width(), abs=3)


def first_hidden(view: DiagramView) -> QRectF:
    """Where the first hidden unit is on the diagram."""
    column = view.scene().geometry.columns[1]
    side = 2 * column.radius
    return QRectF(column.x - column.radius, column.places[0] - column.radius, side, side)


def test_it_trains_and_says_nothing_of_hidden_plots(window: MainWindow, qtbot: QtBot) -> None:
    window.presenter.toggle()
    window.lab.train()
    qtbot.waitUntil(lambda: window.lab.history.length > 200)
    window.lab.pause()
    window.presenter.toggle()
    qtbot.waitUntil(lambda: all(plot.isVisible() for plot in window.plots) and len(window.plots) == 2)
