"""The window, by clicking and typing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from deltaglow.model import fileformat
from deltaglow.model.quantity import Quantity
from deltaglow.ui.main_window import MainWindow
from deltaglow.ui.phase_strip import Chip

Key = Qt.Key
LEFT = Qt.MouseButton.LeftButton


def click_diagram(window: MainWindow, qtbot: QtBot, point: QPointF) -> None:
    qtbot.mouseClick(window.diagram, LEFT, pos=point.toPoint())


def unit(window: MainWindow, layer: int, number: int) -> QPointF:
    return window.diagram.scene().geometry.columns[layer].centre(number)


def middle_of_edge(window: MainWindow, layer: int, j: int, i: int, part: float = 0.3) -> QPointF:
    start, stop = window.diagram.scene().geometry.ends[layer - 1]
    return QPointF(*(start[j, i] + part * (stop[j, i] - start[j, i])).tolist())


def press(window: MainWindow, qtbot: QtBot, *keys: Qt.Key) -> None:
    for key in keys:
        qtbot.keyClick(window.diagram, key)


def test_a_unit_a_connection_and_a_bar_explain_themselves_when_clicked(
    window: MainWindow, qtbot: QtBot
) -> None:
    click_diagram(window, qtbot, unit(window, 0, 2))
    assert window.lab.selected == Quantity("x", None, (2,))
    click_diagram(window, qtbot, unit(window, 1, 1))
    assert window.lab.selected == Quantity("a", 1, (1,))
    click_diagram(window, qtbot, middle_of_edge(window, 1, 1, 0))
    assert window.lab.selected == Quantity("W", 1, (1, 0))
    card = window.diagram.scene().geometry.softmax
    click_diagram(window, qtbot, QPointF(card.left() + 30, card.top() + 10))
    assert window.lab.selected == Quantity("loss")


def test_what_a_click_means_follows_the_phase(window: MainWindow, qtbot: QtBot) -> None:
    lab = window.lab
    lab.set_position(lab.phases.position("forward:2"))
    click_diagram(window, qtbot, middle_of_edge(window, 2, 0, 1))
    assert lab.selected == Quantity("W", 2, (0, 1))
    lab.set_position(lab.phases.position("gradients"))
    click_diagram(window, qtbot, middle_of_edge(window, 2, 0, 1))
    assert lab.selected == Quantity("dW", 2, (0, 1))


def test_a_click_on_nothing_changes_nothing(window: MainWindow, qtbot: QtBot) -> None:
    before = window.lab.selected
    click_diagram(window, qtbot, QPointF(5, 60))
    assert window.lab.selected == before


def test_keys_step_through_the_phases_both_ways(window: MainWindow, qtbot: QtBot) -> None:
    lab = window.lab
    press(window, qtbot, Key.Key_Right)
    assert lab.position == pytest.approx(0.6)
    press(window, qtbot, Key.Key_Right, Key.Key_Right, Key.Key_Left)
    assert lab.position == pytest.approx(1.0)
    qtbot.keyClick(window.diagram, Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert lab.position == 2.0
    qtbot.keyClick(window.diagram, Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert lab.head == 1
    qtbot.keyClick(window.diagram, Key.Key_Home)
    assert (lab.frame.step, lab.position) == (0, 0.0)


def test_keys_walk_the_units_and_their_numbers(window: MainWindow, qtbot: QtBot) -> None:
    lab = window.lab
    lab.select(Quantity("a", 1, (0,)))
    press(window, qtbot, Key.Key_Down)
    assert lab.selected == Quantity("a", 1, (1,))
    press(window, qtbot, Key.Key_PageDown)
    assert lab.selected == Quantity("a", 2, (1,))
    press(window, qtbot, Key.Key_Q)
    assert lab.selected == Quantity("z", 2, (1,))
    press(window, qtbot, Key.Key_PageUp, Key.Key_PageUp, Key.Key_PageUp)
    assert lab.selected == Quantity("x", None, (1,))


def test_space_plays_until_pressed_again(window: MainWindow, qtbot: QtBot) -> None:
    press(window, qtbot, Key.Key_Space)
    assert window.lab.playing
    qtbot.waitUntil(lambda: window.lab.position > 0.1)
    press(window, qtbot, Key.Key_Space)
    assert not window.lab.playing
    assert not window.clock._timer.isActive()


def test_t_trains_and_the_plots_hold_every_step(
    open_window: Callable[[str], MainWindow], qtbot: QtBot
) -> None:
    window = open_window("spirals")
    press(window, qtbot, Key.Key_T)
    assert window.lab.running
    qtbot.waitUntil(lambda: window.lab.history.length > 300, timeout=20_000)
    chips = window.strip.findChildren(Chip)
    full = [float(chip.stage.stop - chip.stage.first) for chip in chips]
    qtbot.waitUntil(lambda: [chip._drawn and chip._drawn[0] for chip in chips] == full, timeout=5000)
    press(window, qtbot, Key.Key_T)
    assert not window.lab.running
    for plot in window.plots:
        assert plot.steps_shown == window.lab.head
    assert window.transport.step.value() == window.lab.head - 1
    assert window.lab.history.columns(["loss"])[-1, 0] == np.float32(window.lab.frame.loss)


def test_the_train_button_and_the_step_box(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.mouseClick(window.transport.train, LEFT)
    qtbot.waitUntil(lambda: window.lab.history.length > 20)
    qtbot.mouseClick(window.transport.train, LEFT)
    assert not window.lab.running
    window.transport.step.selectAll()
    qtbot.keyClicks(window.transport.step, "7")
    qtbot.keyClick(window.transport.step, Key.Key_Return)
    assert window.lab.frame.step == 7


def test_dragging_the_slider_scrubs(window: MainWindow, qtbot: QtBot) -> None:
    slider = window.transport.scrub
    slider.setValue(slider.maximum() // 2)
    assert window.lab.position == pytest.approx(len(window.lab.phases) / 2)
    qtbot.keyClick(slider, Key.Key_Left)
    assert window.lab.position < len(window.lab.phases) / 2


def test_a_chip_goes_to_its_phase_by_mouse_and_by_key(window: MainWindow, qtbot: QtBot) -> None:
    chips = {chip.stage.title: chip for chip in window.strip.findChildren(Chip)}
    assert list(chips) == ["Forward", "Softmax", "Loss", "δ output", "δ hidden", "Gradients", "Update"]
    qtbot.mouseClick(chips["Loss"], LEFT)
    assert window.lab.phase is not None and window.lab.phase.kind == "loss"
    qtbot.mouseClick(chips["Forward"], LEFT, pos=QPoint(3, 10))
    assert window.lab.position == 1.0
    chips["δ hidden"].setFocus()
    qtbot.keyClick(chips["δ hidden"], Key.Key_Return)
    assert window.lab.position == window.lab.phases.position("delta:1")


def test_keys_typed_into_a_field_stay_there(window: MainWindow, qtbot: QtBot) -> None:
    field = window.transport.step
    field.setFocus()
    qtbot.keyClick(field, Key.Key_Home)
    qtbot.keyClick(field, Key.Key_Right)
    assert window.lab.position == 0.0


def test_the_theme_switches(window: MainWindow, qtbot: QtBot) -> None:
    before = window.grab().toImage()
    qtbot.mouseClick(window.theme_button, LEFT)
    assert window.theme.name == "light"
    after = window.grab().toImage()
    places = [(x, y) for x in range(0, after.width(), 31) for y in range(0, after.height(), 29)]
    changed = sum(before.pixel(x, y) != after.pixel(x, y) for x, y in places)
    assert changed > 0.9 * len(places)


def test_saved_with_what_was_learned_and_opened_again(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "mine"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a, **k: (str(target), ""))
    window.lab.next_step()
    learned = window.lab.frame.theta_after.copy()
    qtbot.keyClick(window, Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    saved = target.with_suffix(".dglow")
    assert saved.exists()
    assert "mine.dglow" in window.windowTitle()
    window.files.open_example("xor")
    window.files.open_file(saved)
    assert np.array_equal(window.lab.frame.theta, learned)


def test_a_file_that_cannot_be_read_is_one_line_and_changes_nothing(
    window: MainWindow, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text('{"deltaglow": 2}')
    project = window.lab.project
    window.files.open_file(broken)
    assert window.lab.project is project
    assert window.banner.isVisible() and "broken.json" in window.banner.text
    assert "\n" not in window.banner.text


def test_a_dropped_project_is_recognised(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    fileformat.write(window.lab.project, path)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    assert window.files.dropped(data) == path
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "p.pdf"))])
    assert window.files.dropped(data) is None


@pytest.mark.parametrize(
    ("answer", "closes"),
    [(QMessageBox.StandardButton.Cancel, False), (QMessageBox.StandardButton.Discard, True)],
)
def test_edits_are_not_lost_without_asking(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, answer: QMessageBox.StandardButton, closes: bool
) -> None:
    monkeypatch.setattr(QMessageBox, "question", lambda *a, **k: answer)
    text = json.loads(fileformat.dumps(window.lab.project))
    text["title"] = "Another"
    window.lab.edit("title", fileformat.loads(json.dumps(text)))
    assert window.close() is closes


def test_undo_and_redo_by_key(window: MainWindow, qtbot: QtBot) -> None:
    text = json.loads(fileformat.dumps(window.lab.project))
    text["training"]["optimizer"]["learning_rate"] = 0.7
    window.lab.edit("learning rate", fileformat.loads(json.dumps(text)))
    qtbot.keyClick(window, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.lab.project.training.optimizer.learning_rate == 0.1
    qtbot.keyClick(window, Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert window.lab.project.training.optimizer.learning_rate == 0.7


def test_every_control_says_what_it_does(window: MainWindow) -> None:
    transport = window.transport
    for control in (
        transport.rewind, transport.back, transport.play, transport.forward, transport.speed,
        transport.scrub, transport.step, transport.train, transport.rate, window.theme_button,
    ):  # fmt: skip
        assert control.toolTip(), control
        assert control.accessibleName(), control
    assert "error delta of layer 1, unit 1" in window.diagram.accessibleDescription()


def test_closed_in_mid_training_fifty_times(open_window: Callable[[str], MainWindow], qtbot: QtBot) -> None:
    for _ in range(50):
        window = open_window("spirals")
        window.lab.train()
        qtbot.waitUntil(lambda window=window: window.lab.history.length > 3, timeout=20_000)
        assert window.close()
        assert not window.lab.running
        window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.mark.parametrize("step", [7, 98_765, 234_567, 1_112_576, 2_000_000_000])
def test_the_number_of_a_step_is_never_cut(
    window: MainWindow, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.lab.frame = replace(window.lab.frame, step=step)
    monkeypatch.setattr(type(window.lab), "head", step)
    window.transport.refresh()
    QApplication.processEvents()
    field = window.transport.step.lineEdit()
    assert field.text() == str(step)
    assert field.fontMetrics().horizontalAdvance(field.text()) + 4 <= field.contentsRect().width()


def test_undo_and_redo_say_why_they_are_grey(window: MainWindow) -> None:
    undo, redo = window.actions_._undo, window.actions_._redo
    for action, verb in ((undo, "undo"), (redo, "redo")):
        assert not action.isEnabled() and action.toolTip() == f"There is nothing to {verb}"
    window.lab.edit("An edit", lambda project: replace(project, title="other"))
    assert undo.isEnabled() and undo.toolTip() == "Undo An edit"
