"""The page A | B: two runs beside each other at the same step, and the shorter one run on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from deltaglow.model import build
from deltaglow.model.project import Project
from deltaglow.ui.compare.page import ComparePage
from deltaglow.ui.main_window import MainWindow


def faster(project: Project) -> Project:
    optimizer = replace(project.training.optimizer, learning_rate=1.5)
    return replace(project, training=replace(project.training, optimizer=optimizer))


@pytest.fixture
def two(open_window: Callable[[str], MainWindow], qtbot: QtBot) -> MainWindow:
    """A window with a run of 60 steps, B, and one from the same seed at another rate, A, of none yet."""
    window = open_window("xor")
    lab = window.lab
    lab.train(until=60)
    qtbot.waitUntil(lambda: not lab.running)
    assert lab.head == 60
    lab.rewind()
    lab.edit("Learning rate", faster)
    qtbot.keyClick(window, Qt.Key.Key_F12)
    assert window.centre.shown == "compare" and lab.compared == 1
    return window


def page(window: MainWindow) -> ComparePage:
    window.centre.settle()
    return window.centre.compare


def test_return_runs_the_new_one_as_far_as_the_other_and_undo_takes_that_back(
    two: MainWindow, qtbot: QtBot
) -> None:
    lab, made = two.lab, page(two)
    assert made.run_on.text() == "Run A to step 60" and lab.head == 0
    assert "one thing changed" in made.summary.text() and "A 1.5, B 0.5" in made.summary.text()
    qtbot.keyClick(made, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not lab.running)
    assert lab.head == 60 and page(two).run_on.isHidden()
    lab.document.undo_stack.undo()
    assert lab.head == 0


def test_both_networks_move_with_the_time_line(two: MainWindow, qtbot: QtBot) -> None:
    lab, made = two.lab, page(two)
    made.run_on.click()
    qtbot.waitUntil(lambda: not lab.running)
    undo = lab.document.undo_stack.count()
    one, other = build.trainer(lab.project), build.trainer(lab.branches[1].project)
    for step in range(41):
        frames = one.step(capture=True), other.step(capture=True)
        if step not in (0, 17, 40):
            continue
        lab.show_step(step, 3.5)
        page(two)
        for picture, frame in zip((made.a, made.b), frames, strict=True):
            assert frame is not None and picture.scene is not None
            assert picture.scene.frame.step == step and picture.scene.position == 3.5
            assert np.array_equal(picture.scene.frame.theta, frame.theta)
    assert "step 40" in made.titles[1].text()
    assert lab.document.undo_stack.count() == undo, "looking is no edit"


def test_the_other_run_is_shown_where_it_stands_when_it_is_shorter(two: MainWindow, qtbot: QtBot) -> None:
    lab, made = two.lab, page(two)
    made.swap.click()
    assert lab.branches.current == 1 and lab.compared == 2
    lab.train(until=100)
    qtbot.waitUntil(lambda: not lab.running)
    assert page(two).run_on.text() == "Run B to step 100"
    made.run_on.click()
    qtbot.waitUntil(lambda: not lab.running and lab.branches.current == 1)
    assert lab.branches[2].head == 100 and page(two).titles[1].text().endswith("step 99")


def test_a_press_on_a_unit_selects_its_number_and_marks_it_in_both(two: MainWindow, qtbot: QtBot) -> None:
    made = page(two)
    assert made.b.scene is not None
    place = made.b.scene.geometry.columns[1].centre(2)
    qtbot.mouseClick(made.b, Qt.MouseButton.LeftButton, pos=place.toPoint())
    assert str(two.lab.selected) == "a[1][2]"
    assert made.a.quantity_at(QPointF(place)) == two.lab.selected
    assert made.b.describe(two.lab.selected).startswith("B: ")


def test_without_another_run_it_says_how_one_comes_about(open_window: Callable[[str], MainWindow]) -> None:
    window = open_window("xor")
    window.centre.show_page("compare")
    made = page(window)
    assert "Change one thing" in made.nobody.text() and made.nobody.isVisible() and not made.b.isVisible()
    assert made.start.isEnabled() and made.run_on.isHidden()
