"""What someone does who has never seen the program: types, clicks elsewhere, presses the first keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QSettings, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from deltaglow.model import examples
from deltaglow.model.edits import with_units
from deltaglow.model.quantity import Quantity
from deltaglow.session.lab import Lab
from deltaglow.ui.diagram.pulses import LABEL_ROOM, label_places
from deltaglow.ui.main_window import MainWindow
from deltaglow.ui.theme import Theme
from deltaglow.ui.widgets import Chip

Key = Qt.Key
LEFT = Qt.MouseButton.LeftButton
Open = Callable[[str], MainWindow]


def test_what_the_mouse_was_over_may_be_gone_from_the_network(window: MainWindow, qtbot: QtBot) -> None:
    diagram = window.diagram
    start, stop = diagram.scene().geometry.ends[0]
    QTest.mouseMove(diagram, QPointF(*(start[1, 2] + 0.3 * (stop[1, 2] - start[1, 2])).tolist()).toPoint())
    qtbot.waitUntil(lambda: diagram.scene().hovered == Quantity("W", 1, (1, 2)))
    window.lab.edit("Units", with_units(window.lab.project, 1, 1))
    assert diagram.scene().hovered is None
    assert not diagram.grab().isNull()


def test_what_the_mouse_was_over_may_not_be_in_the_next_project(open_window: Open, qtbot: QtBot) -> None:
    window = open_window("spirals")
    diagram = window.diagram
    start, stop = diagram.scene().geometry.ends[0]
    QTest.mouseMove(diagram, QPointF(*(start[7, 1] + 0.3 * (stop[7, 1] - start[7, 1])).tolist()).toPoint())
    qtbot.waitUntil(lambda: diagram.scene().hovered == Quantity("W", 1, (7, 1)))
    window.files.open_example("worked-example")  # whose weights have names, by unit
    assert diagram.scene().hovered is None


def test_a_number_typed_counts_when_something_else_is_clicked(window: MainWindow, qtbot: QtBot) -> None:
    rate = window.parameters.training.rate
    rate.setFocus()
    rate.selectAll()
    qtbot.keyClicks(rate, "0.5")
    qtbot.mouseClick(window.transport.train, LEFT)
    assert window.lab.project.training.optimizer.learning_rate == 0.5
    assert window.diagram.hasFocus()
    window.lab.pause()


@pytest.mark.parametrize("key", [Key.Key_T, Key.Key_Space])
def test_train_and_play_keys_work_from_a_number_box(window: MainWindow, qtbot: QtBot, key: Key) -> None:
    lab = window.lab
    for box in (window.parameters.training.rate, window.parameters.training.seed, window.transport.step):
        box.setFocus()
        qtbot.keyClick(box, key)
        assert lab.running if key == Key.Key_T else lab.playing
        lab.pause()
        lab.set_playing(False)


def test_t_trains_after_a_data_set_was_chosen_and_does_not_choose_another(
    open_window: Open, qtbot: QtBot
) -> None:
    window = open_window("spirals")
    box = window.parameters.data.data_set
    window.parameters.tabs.setCurrentIndex(0)
    box.setFocus()
    before = box.name()
    qtbot.keyClick(box, Key.Key_T)
    assert window.lab.running
    assert box.name() == before
    window.lab.pause()


def test_buttons_leave_the_keys_to_the_window(window: MainWindow, qtbot: QtBot) -> None:
    window.explanation.settle()
    chip = next(c for c in window.explanation.findChildren(Chip) if c.isVisible())
    shuffle = window.parameters.training.shuffle
    for button in (chip, shuffle, window.transport.forward):
        qtbot.mouseClick(button, LEFT, pos=QPoint(6, button.height() // 2))
        assert window.diagram.hasFocus()
    on = shuffle.isChecked()
    qtbot.keyClick(window.focusWidget(), Key.Key_Space)
    assert window.lab.playing and shuffle.isChecked() == on


def test_arrows_on_the_slider_go_from_stop_to_stop(window: MainWindow, qtbot: QtBot) -> None:
    window.transport.scrub.setFocus()
    qtbot.keyClick(window.transport.scrub, Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert window.lab.position == 1.0
    qtbot.keyClick(window.transport.scrub, Key.Key_Home)
    assert window.lab.position == 0.0


def test_the_list_of_keys_opens_once_and_is_gone_when_closed(window: MainWindow, qtbot: QtBot) -> None:
    keys = action(window, "Keys")
    keys.trigger()
    keys.trigger()
    (dialog,) = window.findChildren(QDialog)
    screen = window.screen().availableSize()
    assert dialog.width() < screen.width() and dialog.height() < screen.height()
    dialog.close()
    qtbot.waitUntil(lambda: not window.findChildren(QDialog))


def test_the_menu_marks_the_theme_that_is_on(window: MainWindow) -> None:
    assert action(window, "Dark").isChecked()
    window.toggle_theme()
    assert action(window, "Light").isChecked() and not action(window, "Dark").isChecked()
    window.toggle_theme()


def test_settings_that_make_no_sense_are_passed_over(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path
) -> None:
    settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    settings.setValue("speed", "fast")
    settings.setValue("geometry", "nowhere")
    window = MainWindow(Lab(examples.load("xor")), Theme("dark"), settings)
    qtbot.addWidget(window)
    assert 0 < window.transport.speed.value() < 100
    window.close()


def test_whatever_takes_the_keyboard_has_a_name(window: MainWindow) -> None:
    nameless = [
        widget
        for widget in window.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isVisible()
        and not widget.focusProxy()
        and not widget.accessibleName()
    ]
    assert not nameless


def test_tab_goes_round_the_whole_window_in_reading_order(window: MainWindow, qtbot: QtBot) -> None:
    window.lab.set_position(window.lab.phases.end)
    window.explanation.settle()
    window.refresh_plots()
    window.diagram.setFocus()
    seen: list[QWidget] = []
    while (here := window.focusWidget()) not in seen:
        assert here is not None
        seen.append(here)
        qtbot.keyClick(here, Key.Key_Tab)
    assert here is window.diagram
    names = [widget.accessibleName() for widget in seen]
    expected = [
        "Network diagram",
        "Play or pause",
        "Train or pause training",
        "Show Accuracy in place of the loss",
        "Logarithmic scale of the loss plot",
        "Address of the number to explain",
        "Copy as text",
        "Phase Forward",
        "Switch between dark and light",
        "Set-up: data, network or training",
        "Learning rate η",
        "New seed",
    ]
    assert [name for name in names if name in expected] == expected
    chips = [
        place for place, widget in enumerate(seen) if isinstance(widget, Chip) and "Go to" in names[place]
    ]
    assert names.index("Address of the number to explain") < min(chips)
    assert max(chips) < names.index("Copy as LaTeX")


def test_a_click_beside_a_field_takes_what_was_typed_and_gives_the_keys_back(
    window: MainWindow, qtbot: QtBot
) -> None:
    field = window.parameters.training.rate
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "0.25")
    qtbot.mouseClick(window.parameters, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    assert window.lab.project.training.optimizer.learning_rate == 0.25
    assert window.focusWidget() is window.diagram


def action(window: MainWindow, name: str) -> QAction:
    found = [a for a in window.actions_.menu_bar.findChildren(QAction) if a.text().replace("&", "") == name]
    return found[0]


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080)])
def test_numbers_on_the_lines_keep_apart(window: MainWindow, size: tuple[int, int]) -> None:
    window.resize(*size)
    geometry = window.diagram.scene().geometry
    for layer in (1, 2):
        lines = range(geometry.sizes[layer - 1] * geometry.sizes[layer])
        places = label_places(geometry, layer, tuple(lines))
        apart = np.abs(places[:, None] - places) / (LABEL_ROOM - 6)
        np.fill_diagonal(apart[..., 0], 9.0)
        assert (apart.max(axis=-1) >= 1.0).all()


def test_a_large_window_becomes_small_again_at_once(window: MainWindow) -> None:
    window.resize(1920, 1080)
    assert window.size().width() == 1920
    window.resize(1280, 800)
    assert (window.width(), window.height()) == (1280, 800)
    window.resize(10, 10)
    assert window.width() >= window.centralWidget().minimumSizeHint().width() > 1000


def test_what_went_wrong_with_a_file_is_not_said_of_the_next(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window.files.open_file(tmp_path / "missing.json")
    assert window.banner.isVisible()
    window.files.open_example("xor")
    assert not window.banner.isVisible()


def test_adding_layers_says_what_it_does_until_there_can_be_no_more(window: MainWindow, qtbot: QtBot) -> None:
    network = window.parameters.network
    window.parameters.tabs.setCurrentIndex(1)
    adds = network.add.toolTip()
    while network.add.isEnabled():
        qtbot.mouseClick(network.add, LEFT)
    assert network.add.toolTip() != adds
    window.lab.document.undo_stack.undo()
    qtbot.waitUntil(lambda: network.add.toolTip() == adds)
    qtbot.waitUntil(lambda: sum(chip.isVisible() for chip in window.strip.findChildren(QWidget)) == 7)


def test_a_number_is_not_checked_once_the_network_has_lost_it(open_window: Open, qtbot: QtBot) -> None:
    window = open_window("spirals")
    lab, panel = window.lab, window.explanation
    lab.next_step()
    lab.select(Quantity("loss", sample=7))
    qtbot.waitUntil(panel._settled.isActive)
    lab.edit("Batch size", replace(lab.project, training=replace(lab.project.training, batch_size=2)))
    assert not panel._settled.isActive()
    qtbot.waitUntil(lambda: panel.derivation is not None and panel.derivation.quantity == lab.selected)
