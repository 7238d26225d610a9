"""Aligning units by menu and by keys: where they stand, what stays, and what says why not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from deltaglow.model import build, examples, fileformat
from deltaglow.model.arranging import Line, arranging, in_line, level
from deltaglow.model.project import Project
from deltaglow.session.lab import Lab
from deltaglow.ui.diagram import DiagramView
from deltaglow.ui.diagram.editing.aligning import BY_THEMSELVES, align_command
from deltaglow.ui.diagram.editing.selection import Selection
from deltaglow.ui.main_window import MainWindow

Keys = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def view(open_project: Callable[[Project], MainWindow]) -> DiagramView:
    return open_project(examples.load("xor")).diagram


def chosen(*units: tuple[int, int]) -> Selection:
    return Selection(units=frozenset(units))


def outputs(lab: Lab) -> np.ndarray:
    return build.trainer(lab.trained_project).preview().y_hat


@pytest.mark.parametrize(
    ("line", "order"), [(Line.TOP, [1, 3, 0, 2]), (Line.MIDDLE, [0, 1, 3, 2]), (Line.BOTTOM, [0, 2, 1, 3])]
)
def test_units_stand_together_in_their_order(line: Line, order: list[int]) -> None:
    assert in_line((2, 4, 2), {(1, 3), (1, 1)}, line) == {1: order}


def test_level_puts_a_unit_beside_what_it_listens_to_and_leaves_the_rest() -> None:
    project = examples.load("xor")
    trained = build.with_parameters(project, np.full(project.network.parameter_count, 0.1))
    layer = trained.network.layers[0]
    W = np.full((4, 2), 0.1)
    W[0] = (0.0, 2.0)  # listens to the lower input only
    spec = replace(trained.network, layers=(replace(layer, W=W), trained.network.layers[1]))
    made = replace(trained, network=spec)
    assert level(made, {(1, 0)}) == {1: [1, 2, 0, 3]}
    assert arranging(level(made, {(1, 0)}))(made).network.layers[0].W.tolist()[2] == [0.0, 2.0]


@pytest.mark.parametrize(("key", "at"), [(Qt.Key.Key_Up, 0), (Qt.Key.Key_Down, 3), (Qt.Key.Key_M, 2)])
def test_a_key_aligns_and_undo_takes_it_back(view: DiagramView, qtbot: QtBot, key: Qt.Key, at: int) -> None:
    lab, start = view.editor.lab, 1
    before, said = fileformat.dumps(lab.project), outputs(lab)
    view.editor.choose(chosen((1, start)))
    qtbot.keyClick(view, key, Keys)
    assert lab.document.undo_stack.count() == 1 and lab.document.undo_stack.text(0) == "Align units"
    assert view.editor.selection == chosen((1, at)), "it stays selected where it stands"
    assert np.allclose(outputs(lab), said, rtol=0, atol=1e-15), "the network computes the same"
    lab.document.undo_stack.undo()
    assert fileformat.dumps(lab.project) == before


def test_why_not(view: DiagramView, qtbot: QtBot) -> None:
    editor = view.editor
    assert align_command(editor).why_not() == BY_THEMSELVES
    qtbot.keyClick(view, Qt.Key.Key_Up, Keys)
    assert editor._said == BY_THEMSELVES
    for unit, word in (((0, 0), "inputs"), ((2, 0), "outputs")):
        editor.choose(chosen(unit, (1, 0)))
        assert word in align_command(editor).why_not()
    editor.choose(chosen((1, 0), (1, 1)))
    top, *others = align_command(editor).below
    assert top is not None and top.why_not() == "They stand there already"
    assert all(each is not None and not each.why_not() for each in others[:2])
