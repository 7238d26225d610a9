"""The data tab: sets that were measured, class balance, scaling and engineered features."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from tests.ui.panels.test_parameters import choose, made, type_into, undo_count

from deltaglow.data import DATASETS
from deltaglow.model.edits import with_kind
from deltaglow.model.project import Preparation
from deltaglow.session.lab import Lab
from deltaglow.ui.theme import Theme


def click(qtbot: QtBot, tab: object, family: str) -> None:
    qtbot.mouseClick(tab.preparation.switches[family], Qt.MouseButton.LeftButton)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["iris", "wine", "penguins", "digits"])
def test_a_measured_set_comes_with_its_scaling(qtbot: QtBot, lab: Lab, theme: Theme, name: str) -> None:
    panel = made(qtbot, lab, theme, 0)
    tab = panel.data
    choose(qtbot, tab.data_set, name)
    kind = DATASETS[name]
    assert lab.project.network.sizes[0] == kind.inputs and lab.project.network.outputs == kind.max_classes
    assert lab.project.preparation.scale == kind.scaling == tab.preparation.scale.name()
    assert kind.source in tab.description.text()
    assert np.abs(lab.dataset.x).max() < 10
    assert not tab.classes.isEnabled() and tab.balance.isEnabled()
    choose(qtbot, tab.data_set, "sine")
    assert lab.project.preparation == Preparation() and not tab.balance.isEnabled()


def test_balance_thins_the_later_classes(qtbot: QtBot, lab: Lab, theme: Theme) -> None:
    panel = made(qtbot, lab, theme, 0)
    tab = panel.data
    choose(qtbot, tab.data_set, "iris")
    edits = undo_count(lab)
    type_into(qtbot, tab.balance, "0.1")
    assert undo_count(lab) == edits + 1
    assert lab.project.data.samples == tab.samples.value() == 70, "no more can be had"
    assert lab.dataset.y.sum(axis=0).tolist() == [49, 16, 5]
    lab.document.undo_stack.undo()
    QCoreApplication.processEvents()  # the panel follows once all is painted
    assert lab.project.data.samples == 150 and tab.balance.value() == 1.0


def test_features_are_switched_and_what_was_learned_stays(qtbot: QtBot, spirals: Lab, theme: Theme) -> None:
    panel = made(qtbot, spirals, theme, 0)
    tab = panel.data
    layer = spirals.project.network.layers[0]
    W = np.arange(2.0 * layer.units).reshape(layer.units, 2)
    network = spirals.project.network
    given = replace(network, layers=(replace(layer, W=W), *network.layers[1:]))
    spirals.edit("weights", replace(spirals.project, network=given))
    click(qtbot, tab, "sine")
    assert spirals.project.preparation.features == ("sine",) and spirals.project.network.inputs == 4
    click(qtbot, tab, "square")
    assert spirals.project.preparation.features == ("square", "sine")
    assert spirals.project.network.inputs == spirals.frame.x.shape[1] == 6
    np.testing.assert_array_equal(spirals.frame.layers[0].W[:, :2], W)
    sines = spirals.frame.layers[0].W[:, 4:].copy()
    click(qtbot, tab, "square")
    np.testing.assert_array_equal(spirals.frame.layers[0].W, np.hstack((W, sines)))
    click(qtbot, tab, "sine")
    assert spirals.project.network.inputs == 2
    np.testing.assert_array_equal(spirals.frame.layers[0].W, W)
    while spirals.document.undo_stack.canUndo():
        spirals.document.undo_stack.undo()
    assert spirals.project.preparation == Preparation()
    assert not any(switch.isChecked() for switch in tab.preparation.switches.values())


def test_scaling_is_chosen(qtbot: QtBot, spirals: Lab, theme: Theme) -> None:
    panel = made(qtbot, spirals, theme, 0)
    tab = panel.data
    choose(qtbot, tab.preparation.scale, "minmax")
    assert spirals.project.preparation.scale == "minmax"
    assert spirals.dataset.x.min() == 0 and spirals.dataset.x.max() == 1
    assert "(x − min)" in tab.preparation.scale.toolTip()


def test_the_tab_fits(qtbot: QtBot, lab: Lab, theme: Theme) -> None:
    panel = made(qtbot, lab, theme, 0)
    panel.resize(256, 515)
    for name in ("digits", "iris", "checkerboard", "worked-example"):
        choose(qtbot, panel.data.data_set, name)
        QApplication.processEvents()
        assert panel.data.minimumSizeHint().height() <= panel.data.height(), name


def test_a_set_that_would_be_refused_is_greyed_with_the_reason(qtbot: QtBot, lab: Lab, theme: Theme) -> None:
    tab = made(qtbot, lab, theme, 0).data
    lab.edit("Another kind", lambda project: with_kind(project, 1, "batch_norm"))
    tab.data_set.ask()
    model, place = tab.data_set.model(), tab.data_set.findData("worked-example")
    assert not model.flags(model.index(place, 0)) & Qt.ItemFlag.ItemIsEnabled
    assert "at least 2 samples" in tab.data_set.itemData(place, Qt.ItemDataRole.ToolTipRole)
    lab.document.undo_stack.undo()
    tab.data_set.ask()
    assert model.flags(model.index(place, 0)) & Qt.ItemFlag.ItemIsEnabled
