"""Precision, device and loss scale on the Memory page."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QStandardItemModel
from pytestqt.qtbot import QtBot

from deltaglow.engine import PRECISIONS, LossScale, missing
from deltaglow.session.lab import Lab
from deltaglow.ui.panels.parameters import ParameterPanel
from deltaglow.ui.panels.precision_form import PrecisionForm
from deltaglow.ui.theme import Theme
from deltaglow.ui.widgets.combo import Combo


@pytest.fixture
def panel(qtbot: QtBot, spirals: Lab, theme: Theme) -> ParameterPanel:
    made = ParameterPanel(spirals, theme)
    qtbot.addWidget(made)
    made.resize(made.sizeHint())
    made.show()
    qtbot.mouseClick(made.training.choice.button(3), Qt.MouseButton.LeftButton)
    return made


@pytest.fixture
def form(panel: ParameterPanel) -> PrecisionForm:
    return panel.training.memory.numbers


def choose(combo: Combo, name: str) -> None:
    combo.setCurrentIndex(combo.findData(name))
    combo.activated.emit(combo.currentIndex())


def test_a_precision_is_chosen_undone_and_trains(form: PrecisionForm, spirals: Lab) -> None:
    assert [form.precision.itemData(i) for i in range(form.precision.count())] == list(PRECISIONS)
    assert not form.state.isVisible()
    for name in ("float32", "mixed"):
        choose(form.precision, name)
        assert spirals.project.training.precision == spirals.frame.precision == name
        assert PRECISIONS[name].help in form.precision.toolTip()
    assert form.state.isVisible() and form.state.text() == "Loss scale 32,768"
    spirals.document.undo_stack.undo()
    QCoreApplication.processEvents()  # the panel follows once all is painted
    assert form.precision.name() == "float32" and not form.state.isVisible()


def test_the_loss_scale_of_a_project_goes_with_mixed_alone(form: PrecisionForm, spirals: Lab) -> None:
    training = replace(spirals.project.training, precision="mixed", loss_scale=LossScale(512.0, 7))
    spirals.edit("Precision", replace(spirals.project, training=training))
    assert form.state.text() == "Loss scale 512"
    choose(form.precision, "float64")
    assert spirals.project.training.loss_scale is None


def test_a_step_that_is_left_out_is_said(form: PrecisionForm, spirals: Lab) -> None:
    training = replace(spirals.project.training, precision="mixed", loss_scale=LossScale(2.0**24))
    spirals.edit("Precision", replace(spirals.project, training=training))
    assert spirals.frame.left_out
    assert form.state.text() == "Loss scale 16,777,216: step left out"


def test_a_device_that_is_not_there_cannot_be_chosen_and_says_why(form: PrecisionForm) -> None:
    model = form.device.model()
    assert isinstance(model, QStandardItemModel)
    for place in range(form.device.count()):
        item, reason = model.item(place), missing(form.device.itemData(place))
        assert item.isEnabled() == (not reason)
        assert reason in item.toolTip() and reason in form.device.toolTip()
    assert model.item(0).isEnabled()
