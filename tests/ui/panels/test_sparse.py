"""Sparse gradients and sparse inputs in the training tab."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from pytestqt.qtbot import QtBot
from tests.ui.panels.test_parameters import choose, made, type_into, undo_count

from deltaglow.session.lab import Lab
from deltaglow.ui.theme import Theme


def test_the_share_is_typed_and_all_of_it_is_none(qtbot: QtBot, spirals: Lab, theme: Theme) -> None:
    panel = made(qtbot, spirals, theme, 2)
    page, edits = panel.training.batches, undo_count(spirals)
    assert page.top_k.value() == 1.0 and spirals.project.training.top_k is None
    type_into(qtbot, page.top_k, "0.1")
    assert spirals.project.training.top_k == 0.1 and undo_count(spirals) == edits + 1
    assert spirals.frame.update.sent == len(spirals.frame.theta) // 10 + 1
    type_into(qtbot, page.top_k, "0")
    assert spirals.project.training.top_k == 0.1 and page.top_k.value() == 0.1
    type_into(qtbot, page.top_k, "1")
    assert spirals.project.training.top_k is None
    spirals.document.undo_stack.undo()
    QCoreApplication.processEvents()  # the panel follows once all is painted
    assert page.top_k.value() == 0.1


def test_sparse_inputs_are_switched_and_refused_with_what_needs_all_weights(
    qtbot: QtBot, spirals: Lab, theme: Theme
) -> None:
    panel = made(qtbot, spirals, theme, 2)
    page = panel.training.batches
    page.sparse_inputs.click()
    assert spirals.project.training.sparse_inputs
    panel.training.optimiser.setFocus()
    qtbot.keyClick(panel.training.optimiser, Qt.Key.Key_Down)
    assert "moves weights of inputs that are zero too" in panel.error
    assert spirals.project.training.optimizer.name == "sgd" == panel.training.optimiser.name()
    page.sparse_inputs.click()
    choose(qtbot, panel.training.optimiser, "momentum")
    assert spirals.project.training.optimizer.name == "momentum" and not panel.error
    page.sparse_inputs.click()
    assert not spirals.project.training.sparse_inputs and not page.sparse_inputs.isChecked() and panel.error
