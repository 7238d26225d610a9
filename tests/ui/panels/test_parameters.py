"""The set-up panel: every control edits the project once, undoably, and follows it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QCoreApplication, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QLabel, QWidget
from pytestqt.qtbot import QtBot

from deltaglow.engine import OPTIMIZERS, SCHEDULES, Clip, EarlyStopping
from deltaglow.model.project import Optimizer, Schedule, Validation
from deltaglow.model.rules import LEARNING_RATE_BANDS
from deltaglow.session.lab import Lab
from deltaglow.ui.panels.parameters import ParameterPanel
from deltaglow.ui.theme import Theme
from deltaglow.ui.widgets.combo import Combo


def made(qtbot: QtBot, lab: Lab, theme: Theme, tab: int) -> ParameterPanel:
    panel = ParameterPanel(lab, theme)
    qtbot.addWidget(panel)
    panel.resize(270, 540)
    panel.tabs.setCurrentIndex(tab)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def type_into(qtbot: QtBot, box: QAbstractSpinBox, text: str) -> None:
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, text)
    qtbot.keyClick(box, Qt.Key.Key_Return)


def choose(qtbot: QtBot, combo: Combo, name: str) -> None:
    """By keyboard, as a person would: arrow keys on the closed box."""
    combo.setFocus()
    while combo.name() != name:
        target = combo.findData(name)
        assert target >= 0
        qtbot.keyClick(combo, Qt.Key.Key_Down if combo.currentIndex() < target else Qt.Key.Key_Up)


def undo_count(lab: Lab) -> int:
    return lab.document.undo_stack.count()


@pytest.mark.parametrize("tab", [0, 1, 2])
def test_every_control_has_a_name_and_a_tooltip(qtbot: QtBot, lab: Lab, theme: Theme, tab: int) -> None:
    panel = made(qtbot, lab, theme, tab)
    controls = [
        control
        for control in panel.tabs.currentWidget().findChildren(QWidget)
        if control.focusPolicy() & Qt.FocusPolicy.TabFocus
        and control.isVisible()
        and control.objectName() != "qt_spinbox_lineedit"
    ]
    assert len(controls) >= 4
    for control in controls:
        assert control.accessibleName(), control
        assert control.toolTip(), control.accessibleName()


@pytest.mark.parametrize("tab", [0, 1, 2])
def test_the_panel_fits_its_place(qtbot: QtBot, spirals: Lab, theme: Theme, tab: int) -> None:
    panel = made(qtbot, spirals, theme, tab)
    assert panel.minimumSizeHint().width() <= 270
    inside = panel.tabs.currentWidget()
    for child in inside.findChildren(QWidget):
        if child.isVisible() and child.parent() is inside:
            assert child.geometry().right() <= inside.width(), child
            assert child.width() >= min(child.minimumSizeHint().width(), 60)


def test_a_project_with_its_own_sample_greys_what_does_not_apply(
    qtbot: QtBot, lab: Lab, theme: Theme
) -> None:
    panel = made(qtbot, lab, theme, 0)
    tab = panel.data
    for control in (tab.samples, tab.noise, tab.classes, tab.seed):
        assert not control.isEnabled() and "its own sample" in control.toolTip()
    assert tab.data_set.currentText() == "own sample"
    assert not tab._sample_box.isVisible()


def test_choosing_a_data_set_fits_the_network_and_can_be_undone(qtbot: QtBot, lab: Lab, theme: Theme) -> None:
    panel = made(qtbot, lab, theme, 0)
    tab = panel.data
    before = lab.project
    choose(qtbot, tab.data_set, "blobs")
    assert lab.project.data.name == "blobs"
    assert lab.project.network.inputs == 2 and lab.project.network.outputs == 3
    assert tab.samples.isEnabled()
    while lab.document.undo_stack.canUndo():
        lab.document.undo_stack.undo()
    QCoreApplication.processEvents()  # the panel follows once all is painted
    assert lab.project == before
    assert tab.data_set.currentText() == "own sample"


def test_data_numbers_are_typed_and_committed_on_enter(qtbot: QtBot, spirals: Lab, theme: Theme) -> None:
    panel = made(qtbot, spirals, theme, 0)
    tab = panel.data
    edits = undo_count(spirals)
    type_into(qtbot, tab.samples, "120")
    assert spirals.project.data.samples == 120 and len(spirals.dataset.x) == 120
    type_into(qtbot, tab.noise, "0.25")
    assert spirals.project.data.noise == 0.25
    type_into(qtbot, tab.classes, "4")
    assert spirals.project.data.classes == 4 and spirals.project.network.outputs == 4
    type_into(qtbot, tab.seed, "7")
    assert spirals.project.data.seed == 7
    assert undo_count(spirals) == edits + 4
    type_into(qtbot, tab.noise, "nan")
    assert spirals.project.data.noise == 0.25 and tab.noise.text() == "0.25"
    assert undo_count(spirals) == edits + 4


def test_the_shown_sample_is_chosen(qtbot: QtBot, spirals: Lab, theme: Theme) -> None:
    panel = made(qtbot, spirals, theme, 0)
    tab = panel.data
    assert tab._sample_box.isVisible()
    type_into(qtbot, tab.sample, "3")
    assert spirals.sample == 2
    spirals.set_sample(0)
    assert tab.sample.value() == 1


def test_layers_are_added_changed_and_removed(qtbot: QtBot, lab: Lab, theme: Theme) -> None:
    panel = made(qtbot, lab, theme, 1)
    tab = panel.network
    assert [row.units.value() for row in tab.rows] == [2, 2]
    assert not tab.rows[1].units.isEnabled() and not tab.rows[1].remove.isEnabled()
    qtbot.mouseClick(tab.add, Qt.MouseButton.LeftButton)
    assert [layer.units for layer in lab.project.network.layers] == [2, 2, 2]
    assert lab.project.network.layers[0].W is not None  # what did not change its shape is kept
    type_into(qtbot, tab.rows[1].units, "5")
    assert [layer.units for layer in lab.project.network.layers] == [2, 5, 2]
    choose(qtbot, tab.rows[1].activation, "relu")
    assert lab.project.network.layers[1].activation == "relu"
    qtbot.mouseClick(tab.rows[0].remove, Qt.MouseButton.LeftButton)
    assert [layer.units for layer in lab.project.network.layers] == [5, 2]
    assert len(tab.rows) == 2


def test_gain_and_constant_appear_where_they_mean_something(qtbot: QtBot, lab: Lab, theme: Theme) -> None:
    panel = made(qtbot, lab, theme, 1)
    tab = panel.network
    assert not tab.start.isVisible()
    choose(qtbot, tab.initialisation, "orthogonal")
    assert tab.start.gain.isVisible() and not tab.start.constant.isVisible()
    choose(qtbot, tab.start.gain, "auto")
    assert {layer.gain for layer in lab.project.network.layers} == {"auto"}
    choose(qtbot, tab.initialisation, "constant")
    assert tab.start.constant.isVisible() and not tab.start.gain.isVisible()
    assert {layer.gain for layer in lab.project.network.layers} == {1.0}
    type_into(qtbot, tab.start.constant, "-0.25")
    assert {layer.constant for layer in lab.project.network.layers} == {-0.25}
    choose(qtbot, tab.initialisation, "zeros")
    assert not tab.start.isVisible()
    assert {layer.constant for layer in lab.project.network.layers} == {0.1}


def test_changing_an_activation_keeps_the_weights(qtbot: QtBot, lab: Lab, theme: Theme) -> None:
    panel = made(qtbot, lab, theme, 1)
    tab = panel.network
    weights = lab.project.network.layers[0].W
    choose(qtbot, tab.rows[0].activation, "tanh")
    assert lab.project.network.layers[0].activation == "tanh"
    assert (weights == lab.project.network.layers[0].W).all()


def test_initialisation_draws_what_was_given(qtbot: QtBot, lab: Lab, theme: Theme) -> None:
    panel = made(qtbot, lab, theme, 1)
    tab = panel.network
    assert tab.initialisation.currentText() == "as given"
    choose(qtbot, tab.initialisation, "he_normal")
    assert all(layer.W is None and layer.init == "he_normal" for layer in lab.project.network.layers)
    assert tab.initialisation.findData("given") == -1
    assert "√(2 / n_in)" in tab._formula.text()


def test_batch_size_shuffle_and_seed(qtbot: QtBot, spirals: Lab, theme: Theme) -> None:
    panel = made(qtbot, spirals, theme, 2)
    tab = panel.training
    type_into(qtbot, tab.batch_size, "16")
    assert spirals.project.training.batch_size == 16 and spirals.frame.samples == 16
    shuffled = spirals.project.training.shuffle
    tab.shuffle.setFocus()
    qtbot.keyClick(tab.shuffle, Qt.Key.Key_Space)
    assert spirals.project.training.shuffle is not shuffled
    seed = spirals.project.training.seed
    qtbot.mouseClick(tab.new_seed, Qt.MouseButton.LeftButton)
    assert spirals.project.training.seed != seed == int(seed)
    assert tab.seed.value() == spirals.project.training.seed


def test_the_learning_rate_is_typed_stepped_and_slid(qtbot: QtBot, lab: Lab, theme: Theme) -> None:
    panel = made(qtbot, lab, theme, 2)
    tab = panel.training
    type_into(qtbot, tab.rate, "0.0003")
    assert lab.project.training.optimizer.learning_rate == 0.0003
    assert tab.advice.text() == LEARNING_RATE_BANDS[1].brief
    assert tab.slider.number() == pytest.approx(0.0003, rel=0.03)
    qtbot.keyClick(tab.rate, Qt.Key.Key_Up)
    assert lab.project.training.optimizer.learning_rate == pytest.approx(0.0004)
    tab.slider.setFocus()
    edits = undo_count(lab)
    for _ in range(30):
        qtbot.keyClick(tab.slider, Qt.Key.Key_Right)
    value = lab.project.training.optimizer.learning_rate
    assert value == pytest.approx(0.4, rel=0.05)
    assert tab.advice.toolTip() == LEARNING_RATE_BANDS[-1].advice
    assert undo_count(lab) == edits + 1
    assert tab.rate.value() == value


def test_the_learning_rate_does_not_start_the_run_anew(qtbot: QtBot, lab: Lab, theme: Theme) -> None:
    panel = made(qtbot, lab, theme, 2)
    tab = panel.training
    lab.next_step()
    type_into(qtbot, tab.rate, "0.5")
    assert lab.head == 1


def test_a_learning_rate_that_is_not_allowed_is_refused_in_words(
    qtbot: QtBot, lab: Lab, theme: Theme
) -> None:
    panel = made(qtbot, lab, theme, 2)
    type_into(qtbot, panel.training.rate, "-1")
    assert lab.project.training.optimizer.learning_rate == 0.1
    assert panel.training.rate.text() == "0.1"
    assert "above 0" in panel.error
    type_into(qtbot, panel.training.rate, "0.2")
    assert panel.error == ""


def test_what_the_rules_refuse_is_said_and_put_back(qtbot: QtBot, spirals: Lab, theme: Theme) -> None:
    panel = made(qtbot, spirals, theme, 1)
    before = spirals.project
    type_into(qtbot, panel.network.rows[0].units, "4096")
    type_into(qtbot, panel.network.rows[1].units, "4096")
    assert panel.error
    assert spirals.project.network.layers[1].units == before.network.layers[1].units
    assert panel.network.rows[1].units.value() == before.network.layers[1].units


def test_it_follows_the_project_without_editing_it(qtbot: QtBot, spirals: Lab, theme: Theme) -> None:
    panel = made(qtbot, spirals, theme, 2)
    edits = undo_count(spirals)
    training = replace(spirals.project.training, batch_size=7, seed=99)
    spirals.edit("elsewhere", replace(spirals.project, training=training))
    assert (panel.training.batch_size.value(), panel.training.seed.value()) == (7, 99)
    assert undo_count(spirals) == edits + 1
    spirals.document.undo_stack.undo()
    assert panel.training.batch_size.value() == 10
    assert undo_count(spirals) == edits + 1


def test_a_passing_wheel_changes_nothing(qtbot: QtBot, spirals: Lab, theme: Theme) -> None:
    panel = made(qtbot, spirals, theme, 2)
    before = spirals.project
    panel.tabs.setFocus()
    for control in (panel.training.batch_size, panel.training.rate, panel.training.slider):
        at = QPointF(5, 5)
        wheel = QWheelEvent(
            at,
            control.mapToGlobal(at),
            QPoint(),
            QPoint(0, 120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(control, wheel)
    assert spirals.project == before


def test_labels_jump_to_their_controls(qtbot: QtBot, spirals: Lab, theme: Theme) -> None:
    panel = made(qtbot, spirals, theme, 2)
    letters = []
    for label in panel.training.findChildren(QLabel):
        if "&" in label.text():
            assert label.buddy() is not None
            letters.append(label.text()[label.text().index("&") + 1].lower())
    assert len(letters) == len(set(letters)) >= 15


def test_the_optimiser_brings_its_own_settings(qtbot: QtBot, spirals: Lab, theme: Theme) -> None:
    panel = made(qtbot, spirals, theme, 2)
    tab = panel.training
    choose(qtbot, tab.optimiser, "adam")
    assert spirals.project.training.optimizer.name == "adam"
    tab.choice.button(1).click()
    shown = {key for key, control in tab.rule.optimiser.controls.items() if control.isVisible()}
    assert shown == {"beta1", "beta2", "epsilon"}
    type_into(qtbot, tab.rule.optimiser.controls["beta1"], "0.8")
    assert dict(spirals.project.training.optimizer.settings) == {"beta1": 0.8}
    choose(qtbot, tab.rule.schedule, "cosine")
    type_into(qtbot, tab.rule.settings.controls["steps"], "500")
    assert spirals.project.training.schedule == Schedule("cosine", (("steps", 500),))
    while spirals.document.undo_stack.canUndo():
        spirals.document.undo_stack.undo()
    assert spirals.project.training.optimizer.name == "sgd"


def test_limits_are_set_and_taken_back(qtbot: QtBot, spirals: Lab, theme: Theme) -> None:
    panel = made(qtbot, spirals, theme, 2)
    tab = panel.training
    tab.choice.button(2).click()
    type_into(qtbot, tab.limits.l2, "0.01")
    type_into(qtbot, tab.limits.decay, "0.1")
    choose(qtbot, tab.limits.clip, "value")
    type_into(qtbot, tab.limits.clip_limit, "0.5")
    tab.limits.stop.click()
    type_into(qtbot, tab.limits.patience, "7")
    assert not tab.limits.validation_seed.isEnabled()
    type_into(qtbot, tab.limits.validation, "0.25")
    type_into(qtbot, tab.limits.validation_seed, "3")
    type_into(qtbot, tab.limits.min_delta, "0.01")
    tab.limits.restore.click()
    training = spirals.project.training
    assert (training.l2, training.weight_decay) == (0.01, 0.1)
    assert training.clip == Clip("value", 0.5)
    assert training.early_stopping == EarlyStopping(7, 0.01, restore_best=False)
    assert spirals.project.validation == Validation(0.25, 3)
    spirals.next_step()
    tab.limits.stop.click()
    choose(qtbot, tab.limits.clip, "off")
    type_into(qtbot, tab.limits.validation, "0")
    assert spirals.project.training.early_stopping is None and spirals.project.training.clip is None
    assert spirals.project.validation is None


@pytest.mark.parametrize("page", [0, 1, 2])
def test_every_page_of_the_training_fits(qtbot: QtBot, spirals: Lab, theme: Theme, page: int) -> None:
    panel = made(qtbot, spirals, theme, 2)
    panel.resize(256, 515)
    training = replace(
        spirals.project.training, optimizer=Optimizer("adam", 0.1), schedule=Schedule("warmup_cosine")
    )
    spirals.edit("everything", replace(spirals.project, training=training))
    panel.training.choice.button(page).click()
    QApplication.processEvents()
    assert panel.training.minimumSizeHint().height() <= panel.training.height()


def test_combos_offer_every_word_of_the_rules(qtbot: QtBot, spirals: Lab, theme: Theme) -> None:
    from deltaglow.data import DATASETS
    from deltaglow.engine import ACTIVATIONS, INITIALIZERS

    panel = made(qtbot, spirals, theme, 1)
    offered: dict[QComboBox, set[str]] = {
        panel.data.data_set: set(DATASETS),
        panel.network.rows[0].activation: set(ACTIVATIONS),
        panel.training.optimiser: set(OPTIMIZERS),
        panel.training.rule.schedule: set(SCHEDULES),
        panel.network.initialisation: set(INITIALIZERS),
    }
    for combo, names in offered.items():
        assert {combo.itemData(place) for place in range(combo.count())} == names
