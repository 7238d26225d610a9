"""The button that freezes a layer."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from deltaglow.model import freezing
from deltaglow.session.lab import Lab
from deltaglow.ui.panels.network_tab import NetworkTab
from deltaglow.ui.theme import Theme

Left = Qt.MouseButton.LeftButton


@pytest.fixture
def tab(qtbot: QtBot, spirals: Lab, theme: Theme) -> NetworkTab:
    made = NetworkTab(spirals, theme)
    qtbot.addWidget(made)
    made.show()
    return made


def test_a_layer_is_frozen_and_trained_again_and_the_button_follows_undo(
    tab: NetworkTab, spirals: Lab, qtbot: QtBot
) -> None:
    spirals.projectChanged.connect(tab.show_project)
    button = tab.rows[0].freeze
    assert not button.isChecked() and "Freeze" in button.toolTip() and button.accessibleName()
    qtbot.mouseClick(button, Left)
    assert spirals.project.network.layers[0].frozen and button.isChecked()
    assert "are frozen" in button.toolTip()
    before = spirals.frame.architecture.layers[0].W(spirals.frame.layers[0].block).copy()
    for _ in range(3):
        spirals.next_step()
    assert (spirals.frame.architecture.layers[0].W(spirals.frame.layers[0].block_after) == before).all()
    spirals.document.undo_stack.undo()
    assert not button.isChecked() and not spirals.project.network.layers[0].frozen


def test_of_single_frozen_weights_it_tells_and_frees_them(
    tab: NetworkTab, spirals: Lab, qtbot: QtBot
) -> None:
    spirals.projectChanged.connect(tab.show_project)
    spirals.edit("Freeze", freezing.freeze_weights([(1, 0, 1)]))
    button = tab.rows[0].freeze
    assert button.isChecked() and button.toolTip().startswith("Some of its")
    qtbot.mouseClick(button, Left)
    assert not freezing.anything_frozen(spirals.project.network.layers[0]) and not button.isChecked()
