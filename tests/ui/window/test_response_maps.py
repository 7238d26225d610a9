"""Maps in the units, as people switch them on: by key, by menu, remembered, and one plane for all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from deltaglow.model import examples
from deltaglow.session.lab import Lab
from deltaglow.ui.main_window import MainWindow
from deltaglow.ui.plots.regions import RegionPlot
from deltaglow.ui.theme import Theme

Open = Callable[[str], MainWindow]


def switch_of(window: MainWindow) -> QAction:
    view = next(menu for menu in window.actions_.menu_bar.findChildren(QMenu) if menu.title() == "&View")
    view.aboutToShow.emit()
    return next(action for action in view.actions() if "Maps" in action.text())


def test_by_key_and_by_menu(open_window: Open) -> None:
    window = open_window("iris")
    maps = window.diagram.responses
    assert not maps.on and not switch_of(window).isChecked()
    QTest.keyClick(window.diagram, Qt.Key.Key_M)
    assert maps.on and switch_of(window).isChecked()
    window.diagram.grab()
    column = window.diagram.scene().geometry.columns[1]
    QTest.mouseMove(window.diagram, QPoint(0, 0))
    QTest.mouseMove(window.diagram, column.centre(0).toPoint())
    assert "petal length →, petal width ↑" in window.diagram.toolTip()
    switch_of(window).trigger()
    assert not maps.on and window.diagram.scene().maps is None


def test_remembered(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> None:
    settings = QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat)
    theme = Theme("dark")
    theme.apply(qapp)
    for on in (True, False):
        first = MainWindow(Lab(examples.load("iris")), theme, settings)
        qtbot.addWidget(first)
        first.diagram.show_responses(on)
        first.close()
        second = MainWindow(Lab(examples.load("iris")), theme, settings)
        qtbot.addWidget(second)
        assert second.diagram.responses.on is on
        second.close()


def test_the_units_show_the_plane_of_the_decision_regions(open_window: Open, qtbot: QtBot) -> None:
    window = open_window("iris")
    window.slots[1].choose("regions")
    plot = window.slots[1].plot
    assert isinstance(plot, RegionPlot)
    QTest.keyClick(window.diagram, Qt.Key.Key_M)
    window.diagram.grab()
    before = window.diagram.responses.maps
    assert before is not None and before.names == ("petal length", "petal width")
    plot.choose(0, 1)
    window.diagram.grab()
    after = window.diagram.responses.maps
    assert after is not None and after.names == ("sepal length", "sepal width")


def test_while_training_maps_are_renewed_now_and_then(open_window: Open, qtbot: QtBot) -> None:
    window = open_window("spirals")
    QTest.keyClick(window.diagram, Qt.Key.Key_M)
    seen = set()

    def renewed() -> bool:
        seen.add(id(window.diagram.responses.maps))
        return len(seen) > 3

    window.transport.toggle_train()
    qtbot.waitUntil(renewed, timeout=20_000)
    window.lab.pause()
    qtbot.waitUntil(lambda: not window.lab.running, timeout=20_000)
    window.diagram.grab()
    shown = window.diagram.responses.maps
    window.diagram.grab()
    assert window.diagram.responses.maps is shown, "what stands still is made once"
