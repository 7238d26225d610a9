"""Branches in the window: the button at the step, and the list, by mouse and by keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from deltaglow.model.project import Change, Project
from deltaglow.ui.main_window import MainWindow
from deltaglow.ui.plots.loss import LossPlot
from deltaglow.ui.runs import BranchDialog
from deltaglow.ui.runs.dialog import BRANCH, CHANGED, STEPS

Open = Callable[[str], MainWindow]
LEFT = Qt.MouseButton.LeftButton


def rate(value: float) -> Change:
    def change(project: Project) -> Project:
        optimizer = replace(project.training.optimizer, learning_rate=value)
        return replace(project, training=replace(project.training, optimizer=optimizer))

    return change


def advance(window: MainWindow, steps: int) -> None:
    for _ in range(steps):
        window.lab.next_step()


@pytest.fixture
def window(open_window: Open) -> MainWindow:
    return open_window("spirals")


@pytest.fixture
def dialog(window: MainWindow, qtbot: QtBot) -> BranchDialog:
    qtbot.mouseClick(window.transport.branches, LEFT)
    found = window.findChild(BranchDialog)
    assert found is not None
    qtbot.waitActive(found)
    return found


def texts(dialog: BranchDialog, column: int) -> list[str]:
    tree = dialog.tree
    return [tree.topLevelItem(row).text(column) for row in range(tree.topLevelItemCount())]


def choose(dialog: BranchDialog, row: int) -> None:
    dialog.tree.setCurrentItem(dialog.tree.topLevelItem(row))


def test_from_an_edit_in_the_past_to_a_comparison(
    window: MainWindow, dialog: BranchDialog, qtbot: QtBot
) -> None:
    lab = window.lab
    assert dialog.empty.isVisible() and texts(dialog, BRANCH) == ["Run 1  · here"]
    assert not dialog.delete.isEnabled() and not dialog.compare.isEnabled()
    advance(window, 12)
    lab.show_step(4)
    lab.edit("Learning rate", rate(0.05))
    advance(window, 3)
    assert texts(dialog, STEPS) == ["12", "7"] and not dialog.empty.isVisible()
    assert texts(dialog, CHANGED) == ["", "at step 4: Learning rate η: 0.3 → 0.05"]
    assert window.transport.branches.text() == "2"
    choose(dialog, 0)
    qtbot.mouseClick(dialog.compare, LEFT)
    assert lab.compared == 1 and window.transport.branches.text() == "A|B"
    assert texts(dialog, BRANCH) == ["Run 1  · B", "Run 2  · here, A"]
    lines = dialog.beside.lines
    assert lines[:2] == [("", "A  Run 2", "B  Run 1"), ("Learning rate η", "0.05", "0.3")]
    assert ("Steps", "7", "12") in lines and ("At step 6", "", "") in lines
    assert "same seed, 1; one thing changed; the first 4 steps" in dialog.beside.summary.text()
    qtbot.mouseClick(dialog.go, LEFT)
    assert lab.head == 12 and lab.branches.current == 1 and lab.compared == 2
    choose(dialog, 1)
    qtbot.mouseClick(dialog.compare, LEFT)
    assert lab.compared is None and not dialog.beside.isVisible() and window.transport.branches.text() == "2"
    qtbot.mouseClick(dialog.delete, LEFT)
    assert texts(dialog, BRANCH) == ["Run 1  · here"]
    qtbot.keyClick(dialog, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert texts(dialog, BRANCH) == ["Run 1  · here", "Run 2"]


def test_named_gone_to_and_deleted_by_keys(window: MainWindow, dialog: BranchDialog, qtbot: QtBot) -> None:
    lab = window.lab
    advance(window, 6)
    lab.show_step(2)
    lab.edit("Learning rate", rate(0.05))
    choose(dialog, 1)
    qtbot.keyClick(dialog.tree, Qt.Key.Key_F2)
    qtbot.waitUntil(lambda: dialog.tree.findChild(QLineEdit) is not None)
    field = dialog.tree.findChild(QLineEdit)
    assert field is not None and field.text() == "Run 2"
    qtbot.keyClicks(field, "slow and sure")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: texts(dialog, BRANCH) == ["Run 1", "slow and sure  · here"])
    assert lab.branches[2].name == "slow and sure"
    qtbot.keyClick(dialog.tree, Qt.Key.Key_Up)
    qtbot.keyClick(dialog.tree, Qt.Key.Key_Return)
    assert lab.branches.current == 1 and lab.head == 6
    choose(dialog, 1)
    qtbot.keyClick(dialog.tree, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: len(lab.branches.every) == 1)
    assert lab.document.undo_stack.undoText() == "Delete slow and sure"


def test_the_list_follows_a_run_and_tells_the_memory(
    window: MainWindow, dialog: BranchDialog, qtbot: QtBot
) -> None:
    lab = window.lab
    lab.train()
    qtbot.waitUntil(lambda: int(texts(dialog, STEPS)[0].replace(",", "")) > 100)
    lab.pause()
    assert texts(dialog, STEPS) == [f"{lab.head:,}"]
    assert f"{lab.memory.count:,} states" in dialog.memory.text()
    assert "of at most" in dialog.memory.text()


def test_ctrl_b_brings_the_one_list(window: MainWindow, qtbot: QtBot) -> None:
    for _ in range(2):
        qtbot.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert len(window.findChildren(BranchDialog)) == 1


def test_a_tick_draws_a_branch_and_the_one_stood_on_stays_ticked(
    window: MainWindow, dialog: BranchDialog, qtbot: QtBot
) -> None:
    lab = window.lab
    advance(window, 6)
    lab.show_step(2)
    lab.edit("Learning rate", rate(0.05))
    advance(window, 3)
    first, here = dialog.tree.topLevelItem(0), dialog.tree.topLevelItem(1)
    assert first.checkState(BRANCH) == Qt.CheckState.Unchecked
    assert here.checkState(BRANCH) == Qt.CheckState.Checked and first.icon(BRANCH).isNull()
    choose(dialog, 0)
    qtbot.keyClick(dialog.tree, Qt.Key.Key_Space)
    assert [one.title for one, _ in lab.overlays.drawn] == ["Run 1"] and not first.icon(BRANCH).isNull()
    loss = window.slots[0].plot
    assert isinstance(loss, LossPlot)
    qtbot.waitUntil(lambda: loss._chart is not None)
    assert loss._chart is not None and len(loss._chart.overlaid) == 1
    assert "Run 1" in first.text(BRANCH)
    qtbot.keyClick(dialog.tree, Qt.Key.Key_Space)
    assert not lab.overlays.drawn and first.icon(BRANCH).isNull()
    here.setCheckState(BRANCH, Qt.CheckState.Unchecked)
    assert here.checkState(BRANCH) == Qt.CheckState.Checked
