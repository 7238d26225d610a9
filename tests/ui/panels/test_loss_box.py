"""The loss and its options in the window: offered where they suit, taken, refused in words, undone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from deltaglow.engine import LOSSES, LossSpec
from deltaglow.model.quantity import Quantity
from deltaglow.session.lab import Lab
from deltaglow.ui.diagram.view import DiagramView
from deltaglow.ui.panels.loss_box import LossBox
from deltaglow.ui.panels.parameters import ParameterPanel
from deltaglow.ui.phase_strip import PhaseStrip
from deltaglow.ui.plots.loss import LossPlot
from deltaglow.ui.theme import Theme


def choose(box: LossBox, name: str) -> None:
    box.loss.setCurrentIndex(box.loss.findData(name))
    box.loss.activated.emit(box.loss.currentIndex())


@pytest.fixture
def panel(qtbot: QtBot, spirals: Lab, theme: Theme) -> ParameterPanel:
    made = ParameterPanel(spirals, theme)
    qtbot.addWidget(made)
    made.tabs.setCurrentIndex(1)
    made.resize(264, 515)
    made.show()
    return made


def test_every_loss_can_be_chosen_drawn_and_undone(
    qtbot: QtBot, spirals: Lab, theme: Theme, panel: ParameterPanel
) -> None:
    diagram, strip, plot = DiagramView(spirals, theme), PhaseStrip(spirals, theme), LossPlot(spirals, theme)
    for widget in (diagram, strip, plot):
        qtbot.addWidget(widget)
        widget.resize(660, 500)
    box = panel.network.loss
    for name in (*list(LOSSES)[1:], next(iter(LOSSES))):
        choose(box, name)
        assert spirals.project.network.loss == LossSpec(name)
        for position in range(len(spirals.phases) + 1):
            spirals.set_position(position)
            assert not diagram.grab().isNull()
        strip.refresh()
        assert not strip.grab().isNull()
        assert (plot.axis_label() == "loss (nats)") == ("cross_entropy" in name)
        for address in ("y_hat", "delta"):
            layer = None if address == "y_hat" else spirals.phases.depth
            assert diagram.speech.describe(Quantity(address, layer, (0,)))


def test_options_are_taken_and_shown_only_where_there_are_some(spirals: Lab, panel: ParameterPanel) -> None:
    box = panel.network.loss
    box.smoothing.setValue(0.2)
    box.naive.click()
    box.weights.setText("1, 2.5 0.5")
    QTest.keyClick(box.weights, Qt.Key.Key_Return)
    assert spirals.project.network.loss == LossSpec("softmax_cross_entropy", 0.2, (1.0, 2.5, 0.5), True)
    assert box.weights.text() == "1 2.5 0.5"
    choose(box, "sigmoid_cross_entropy")
    assert not box.smoothing.isVisible() and not box.weights.isVisible() and not box.naive.isVisible()
    spirals.document.undo_stack.undo()
    QCoreApplication.processEvents()  # the panel follows once all is painted
    assert box.smoothing.isVisible() and box.weights.text() == "1 2.5 0.5" and box.naive.isChecked()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("1 two 3", "must be numbers"),
        ("1 2", "has 2 numbers, the last layer has 3 units"),
        ("1 0 2", "class_weights[1]: is 0.0, must be a number"),
    ],
)
def test_wrong_weights_are_refused_in_words(
    spirals: Lab, panel: ParameterPanel, typed: str, said: str
) -> None:
    box = panel.network.loss
    box.weights.setText(typed)
    QTest.keyClick(box.weights, Qt.Key.Key_Return)
    assert said in panel.error
    assert spirals.project.network.loss == LossSpec()


def test_data_of_numbers_brings_its_loss_and_classes_bring_theirs_back(
    spirals: Lab, panel: ParameterPanel
) -> None:
    data, box = panel.data.data_set, panel.network.loss
    for name, loss, offered in (
        ("sine", "squared_error", 1),
        ("blobs", "softmax_cross_entropy", len(LOSSES)),
    ):
        data.setCurrentIndex(data.findData(name))
        data.activated.emit(data.currentIndex())
        assert spirals.project.network.loss.name == loss
        assert box.loss.count() == offered
    box.weights.setText("1 2 3")
    box.weights.editingFinished.emit()
    assert spirals.project.network.loss.class_weights == (1.0, 2.0, 3.0)
    panel.data.classes.setValue(4)
    assert spirals.project.network.loss.class_weights is None


def test_it_fits(panel: ParameterPanel) -> None:
    box = panel.network.loss
    assert box.weights.visibleRegion().boundingRect().height() == box.weights.height()
    assert panel.network.minimumSizeHint().width() <= panel.width()
