"""The phases opened and scrubbed from start to finish, by keys and by hand, in the whole window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QSettings, Qt
from PySide6.QtGui import QEnterEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from deltaglow.model import examples
from deltaglow.session.lab import Lab
from deltaglow.ui.main_window import MainWindow
from deltaglow.ui.phase_strip import Chip
from deltaglow.ui.theme import Theme


def dragged(widget: QWidget, to: QPoint) -> QMouseEvent:
    """The pointer moves with the left button held down."""
    left = Qt.MouseButton.LeftButton
    place = widget.mapToGlobal(to)
    none = Qt.KeyboardModifier.NoModifier
    return QMouseEvent(QEvent.Type.MouseMove, QPointF(to), QPointF(place), left, left, none)


def test_a_step_is_walked_through_term_by_term_without_a_mouse(window: MainWindow, qtbot: QtBot) -> None:
    lab, keys = window.lab, window.diagram
    qtbot.keyClick(keys, Qt.Key.Key_D)
    assert lab.depth == "unit"
    assert [button.isChecked() for button in window.transport.opened.buttons] == [False, True, False]
    qtbot.keyClick(keys, Qt.Key.Key_D)
    assert lab.depth == "term"
    heard = set()
    for _ in range(200):
        qtbot.keyClick(keys, Qt.Key.Key_Right)
        heard.add(keys.accessibleDescription().partition(" Selected: ")[0])
        if lab.complete:
            break
    assert lab.complete and len(heard) > 50
    qtbot.keyClick(keys, Qt.Key.Key_Left)
    assert lab.position == pytest.approx(lab.phases.end - 1 / 14)
    qtbot.keyClick(keys, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert lab.position == lab.phases.end - 1
    qtbot.keyClick(keys, Qt.Key.Key_Home)
    assert lab.position == 0.0
    qtbot.keyClick(keys, Qt.Key.Key_Space)
    assert lab.playing
    qtbot.waitUntil(lambda: lab.position > 0.0)
    qtbot.keyClick(keys, Qt.Key.Key_Space)
    qtbot.keyClick(keys, Qt.Key.Key_D)
    assert not lab.playing and lab.depth == "layer"


def test_a_chip_that_goes_from_under_the_pointer_holds_no_longer(window: MainWindow) -> None:
    lab, chip = window.lab, window.strip.findChild(Chip)
    assert chip is not None
    middle = QPointF(chip.rect().center())
    QApplication.sendEvent(chip, QEnterEvent(middle, middle, QPointF(chip.mapToGlobal(middle))))
    assert lab.held
    lab.open(examples.open_project("@regression"))
    assert window.strip.findChild(Chip) is not None and not lab.held


def test_the_phases_are_dragged_through_both_ways_and_hold_playback(window: MainWindow, qtbot: QtBot) -> None:
    lab = window.lab
    chip = window.strip.findChild(Chip)
    assert chip is not None and chip.stage.first == 0
    middle = chip.rect().center()
    qtbot.mousePress(chip, Qt.MouseButton.LeftButton, pos=middle)
    places = []
    for x in (chip.width() // 4, chip.width() // 2, chip.width() + 40, chip.width() // 3):
        QApplication.sendEvent(chip, dragged(chip, QPoint(x, middle.y())))
        places.append(lab.position)
    assert places[0] < places[1] < places[2] > places[3]
    assert places[0] == pytest.approx(0.5, abs=0.05) and places[2] > 2.0
    qtbot.mouseRelease(chip, Qt.MouseButton.LeftButton, pos=middle)
    lab.set_playing(True)
    at = QPointF(middle)
    QApplication.sendEvent(chip, QEnterEvent(at, at, at))
    before = lab.position
    lab.advance(0.5)
    assert lab.held and lab.position == before
    QApplication.sendEvent(chip, QEvent(QEvent.Type.Leave))
    lab.advance(0.1)
    assert not lab.held and lab.position > before


def test_the_depth_is_remembered(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> None:
    settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    for remembered in ("layer", "term"):
        window = MainWindow(Lab(examples.load("worked-example")), Theme("dark"), settings)
        assert window.lab.depth == remembered
        window.lab.set_depth("term")
        window.close()
        window.deleteLater()
