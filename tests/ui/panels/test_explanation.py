"""The explanation panel: right words and numbers, links that lead on, addresses typed, checks, training."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from deltaglow.explain.depths.reading import derive_at
from deltaglow.model import examples
from deltaglow.model.edits import remove_layers, with_units
from deltaglow.model.project import InlineData
from deltaglow.model.quantity import parse
from deltaglow.session.lab import Lab
from deltaglow.ui.panels import edits
from deltaglow.ui.panels.explanation import ExplanationPanel
from deltaglow.ui.theme import Theme
from deltaglow.ui.widgets import Chip


@pytest.fixture
def panel(qtbot: QtBot, lab: Lab, theme: Theme) -> ExplanationPanel:
    made = ExplanationPanel(lab, theme)
    qtbot.addWidget(made)
    made.resize(340, 540)
    made.show()
    qtbot.waitExposed(made)
    return made


def words(panel: QWidget) -> str:
    return "\n".join(label.text() for label in panel.findChildren(QLabel) if label.isVisibleTo(panel))


def chips(panel: QWidget) -> dict[str, Chip]:
    return {chip.text(): chip for chip in panel.findChildren(Chip) if chip.isVisibleTo(panel)}


def explain(lab: Lab, panel: ExplanationPanel, address: str) -> None:
    lab.set_position(lab.phases.end)
    lab.select(parse(address, lab.project))
    panel.settle()


def test_told_in_words_the_numbers_follow_a_run(lab: Lab, panel: ExplanationPanel, qtbot: QtBot) -> None:
    explain(lab, panel, "delta[1][0]")
    panel.set_reading("words")
    panel.settle()
    before = panel._body._sentence.text()
    lab.train()
    qtbot.waitUntil(lambda: lab.history.length > 300 and lab.pull())
    panel.refresh_live()
    frame = lab.frame
    assert lab.running and panel._body._sentence.text() != before
    expected = derive_at("words", lab.project, frame, lab.selected, lab.sample)
    assert panel._body._sentence.text().lower() == f"{expected.sentence}.".lower()
    assert panel._body._note.isVisible() is bool(expected.note)
    lab.pause()


def test_delta_of_the_worked_example(lab: Lab, panel: ExplanationPanel) -> None:
    explain(lab, panel, "delta[1][0]")
    said = words(panel)
    assert "The error of hidden unit 1" in said
    assert "−0.042325742" in said
    assert "comes back" in said and "the unit listens" in said
    assert "✓ nudged z of layer 1" in said
    assert "w₈" in said  # where the text that the example comes from goes wrong
    assert panel._body.formula.typeset_lines == len(panel._body.formula.latex) > 1


def test_looking_ahead_is_not_disturbed_by_another_network(qtbot: QtBot, theme: Theme) -> None:
    lab = Lab(examples.load("batch-norm"))
    panel = ExplanationPanel(lab, theme)
    qtbot.addWidget(panel)
    place = next(k for k, layer in enumerate(lab.project.network.layers, 1) if layer.type == "batch_norm")
    lab.select(parse(f"z[{place}][0]", lab.project))
    coming = panel._coming()
    operands = [str(operand.quantity) for operand in next(coming).operands]
    assert any(address.startswith("x_hat") for address in operands)
    lab.edit("Remove", remove_layers(lab.project, {place}))
    assert len(list(coming)) == len(operands)
    lab.close()


def test_formulas_come_after_the_first_frame(qtbot: QtBot, lab: Lab, theme: Theme) -> None:
    panel = ExplanationPanel(lab, theme)
    qtbot.addWidget(panel)
    panel._update()
    QGuiApplication.processEvents()
    assert panel._body.formula.typeset_lines == 0
    panel.show()
    qtbot.waitUntil(lambda: panel._body.formula.typeset_lines > 0, timeout=5000)


def test_nothing_needs_a_horizontal_scrollbar(qtbot: QtBot, lab: Lab, panel: ExplanationPanel) -> None:
    for address in ("delta[1][0]", "dW[2][1,0]", "y_hat[0]", "z[1][0]", "loss", "W_after[1][0,0]"):
        explain(lab, panel, address)
        qtbot.waitUntil(lambda: panel._body.width() <= panel._scroll.viewport().width(), timeout=1000)
        assert panel._body.minimumSizeHint().width() <= panel._scroll.viewport().width(), address


def test_a_chip_leads_on_and_back_leads_back(qtbot: QtBot, lab: Lab, panel: ExplanationPanel) -> None:
    explain(lab, panel, "delta[1][0]")
    qtbot.mouseClick(chips(panel)["∂L/∂w₂"], Qt.MouseButton.LeftButton)
    assert str(lab.selected) == "dW[1][0,1]"
    panel.settle()
    assert panel._address.field.text() == "dW[1][0,1]"
    chip = chips(panel)["x₂"]
    chip.setFocus()
    qtbot.keyClick(chip, Qt.Key.Key_Return)
    assert str(lab.selected) == "x[1]"
    panel.settle()
    qtbot.mouseClick(panel._address.back_button, Qt.MouseButton.LeftButton)
    assert str(lab.selected) == "dW[1][0,1]"
    panel.settle()
    qtbot.keyClick(panel, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: str(lab.selected) == "delta[1][0]", timeout=1000)
    panel.settle()
    assert not panel._address.back_button.isEnabled()


def test_a_row_leads_on_by_click_and_by_key(qtbot: QtBot, lab: Lab, panel: ExplanationPanel) -> None:
    explain(lab, panel, "delta[1][0]")
    rows = panel._body.groups[0].rows
    qtbot.mouseClick(rows[1], Qt.MouseButton.LeftButton)
    assert str(lab.selected) == "delta[2][1]"
    explain(lab, panel, "z[1][0]")
    row = panel._body.groups[0].rows[0]
    qtbot.keyClick(row, Qt.Key.Key_Return)
    assert str(lab.selected) == "W[1][0,0]"


def test_an_address_can_be_typed(qtbot: QtBot, lab: Lab, panel: ExplanationPanel) -> None:
    panel.settle()
    panel.focus_address()
    field = panel._address.field
    qtbot.waitUntil(field.hasFocus, timeout=1000)
    qtbot.keyClicks(field, "w8")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert str(lab.selected) == "W[2][1,0]"
    panel.settle()
    field.selectAll()
    qtbot.keyClicks(field, "delta[3][0]")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert panel._address.error.isVisible()
    assert panel._address.error.text() == "delta[3][0]: the network has 2 layers; the nearest is delta[2][0]"
    assert str(lab.selected) == "W[2][1,0]"
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == "W[2][1,0]" and not panel._address.error.isVisible()


def test_a_number_that_is_not_computed_yet_is_explained_in_symbols(lab: Lab, panel: ExplanationPanel) -> None:
    lab.set_position(0.0)
    lab.select(parse("delta[1][0]"))
    panel.settle()
    said = words(panel)
    assert "Computed in phase" in said and "press → to get there" in said
    assert "−0.04" not in said and "checked" not in said
    assert "δ⁽²⁾₁" in chips(panel)
    assert len(panel._body.formula.latex) == len(panel.derivation.symbolic)


def test_what_a_number_is_made_of_is_told_as_soon_as_it_is_known(
    qtbot: QtBot, lab: Lab, panel: ExplanationPanel
) -> None:
    lab.set_position(0.0)
    lab.select(parse("delta[2][0]"))
    panel.settle()
    assert not any(chip.value for name, chip in chips(panel).items() if "ŷ" in name)
    lab.set_position(lab.phases.position("loss"))
    qtbot.waitUntil(lambda: any(chip.value == "0.567" for chip in chips(panel).values()))
    assert "Computed in phase" in words(panel)


def test_it_follows_the_position(qtbot: QtBot, lab: Lab, panel: ExplanationPanel) -> None:
    lab.set_position(0.0)
    lab.select(parse("a[1][0]"))
    panel.settle()
    assert "Computed in phase" in words(panel)
    lab.set_position(1.0)
    qtbot.waitUntil(lambda: "0.425557483" in words(panel), timeout=2000)
    qtbot.waitUntil(lambda: "✓ worked out again" in words(panel), timeout=2000)


def test_while_training_numbers_follow_and_formulas_come_bit_by_bit(
    qtbot: QtBot, spirals: Lab, theme: Theme
) -> None:
    panel = ExplanationPanel(spirals, theme)
    qtbot.addWidget(panel)
    panel.show()
    explain(spirals, panel, "loss")
    before = panel._body.result.number
    spirals.train()
    qtbot.waitUntil(lambda: spirals.history.length > 20 and spirals.pull(), timeout=5000)
    panel.refresh_live()
    assert panel._body.result.number != before
    assert "follow when paused" in words(panel)
    spirals.select(parse("a[1][2]"))
    panel._update()
    assert panel._body.formula.text.startswith("a⁽¹⁾₃") and panel._body.formula.typeset_lines == 0
    qtbot.waitUntil(lambda: panel._body.formula.typeset_lines > 0, timeout=5000)
    spirals.select(parse("loss"))
    panel._update()
    spirals.pause()
    qtbot.waitUntil(lambda: "follow when paused" not in words(panel), timeout=2000)
    qtbot.waitUntil(lambda: panel._body.formula.typeset_lines == len(panel._body.formula.latex), timeout=5000)
    assert f"{spirals.frame.loss:.4g}"[:5] in panel._body.result.number


def test_another_network_brings_another_selection(qtbot: QtBot, lab: Lab, panel: ExplanationPanel) -> None:
    explain(lab, panel, "delta[1][1]")
    lab.edit("Units", with_units(lab.project, 1, 1))
    panel.settle()
    assert panel.derivation.quantity == lab.selected


def test_a_step_that_has_overflowed_is_explained_without_a_check(
    qtbot: QtBot, spirals: Lab, theme: Theme
) -> None:
    panel = ExplanationPanel(spirals, theme)
    qtbot.addWidget(panel)
    panel.show()
    huge = InlineData(np.array([[1e150, -1e150], [1e150, 3e150], [2e150, 1e150]]), np.eye(3))
    project = edits.with_learning_rate(replace(spirals.project, data=huge), 1000.0)
    layers = tuple(replace(layer, activation="relu") for layer in project.network.layers)
    spirals.edit("huge", replace(project, network=replace(project.network, layers=layers)))
    with qtbot.waitSignal(spirals.message, timeout=2000):
        for _ in range(6):
            spirals.next_step()
    for address in ("loss", "y_hat[0]", "delta[1][0]", "dW[2][0,0]"):
        spirals.select(parse(address))
        panel.settle()
        assert "✓" not in words(panel) and "overflowed" in words(panel)


def test_copies(qtbot: QtBot, lab: Lab, panel: ExplanationPanel) -> None:
    explain(lab, panel, "dW[2][1,0]")
    buttons = {button.accessibleName(): button for button in panel.findChildren(QPushButton)}
    qtbot.mouseClick(buttons["Copy as LaTeX"], Qt.MouseButton.LeftButton)
    assert r"\frac{\partial L}{\partial w_{8}}" in QGuiApplication.clipboard().text()
    assert "textcolor" not in QGuiApplication.clipboard().text()
    qtbot.mouseClick(buttons["Copy as text"], Qt.MouseButton.LeftButton)
    assert "∂L/∂w₈ = 0.184203557" in QGuiApplication.clipboard().text()


@pytest.mark.parametrize("address", ["delta[1][0]", "delta[1][1]", "y_hat[0]"])
def test_the_worked_example_needs_no_scroll_bar(lab: Lab, panel: ExplanationPanel, address: str) -> None:
    panel.resize(344, 753)  # what a window of 1280 by 800 leaves
    lab.select(parse("W_after[2][0,1]"))
    panel.settle()
    explain(lab, panel, address)
    QGuiApplication.processEvents()
    assert panel._body.formula.typeset_lines and panel._body.made_of.chips and panel._body.verdict.isVisible()
    assert panel._scroll.verticalScrollBar().maximum() == 0


def test_every_control_is_named_and_told(lab: Lab, panel: ExplanationPanel) -> None:
    explain(lab, panel, "delta[1][0]")
    controls = [panel._address.field, panel._address.back_button, *chips(panel).values()]
    for control in controls:
        assert control.accessibleName() and control.toolTip()


def test_the_theme_can_change(lab: Lab, panel: ExplanationPanel, theme: Theme) -> None:
    explain(lab, panel, "delta[1][0]")
    theme.set_choice("light")
    panel.settle()
    assert panel._body.formula.typeset_lines > 1


def test_three_depths_by_click_and_by_key(qtbot: QtBot, lab: Lab, panel: ExplanationPanel) -> None:
    explain(lab, panel, "dW[1][0,0]")
    assert panel.reading == "numbers" and panel._body.formula_box.isVisible()
    qtbot.mouseClick(panel._switch.buttons[0], Qt.MouseButton.LeftButton)
    panel.settle()
    assert "Raising the weight w₁ a little lowers the loss" in words(panel)
    assert not panel._body.formula_box.isVisible() and "✓" in words(panel)
    qtbot.keyClick(panel, Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: panel.reading == "chain", timeout=1000)
    panel.settle()
    assert "From the loss to w₁" in words(panel) and "p₁, the largest path" in words(panel)
    assert "∂L/∂ŷ₁" in chips(panel) and "−0.042325742" in words(panel)
    lab.select(parse("x[0]"))
    panel.settle()
    assert "From the loss to x₁" in words(panel) and "✓" not in words(panel)
    lab.set_position(0.0)
    panel.settle()
    assert "0.00235616" not in words(panel)


def test_words_wait_for_their_numbers(lab: Lab, panel: ExplanationPanel) -> None:
    panel.set_reading("words")
    lab.set_position(0.0)
    lab.select(parse("delta[2][0]"))
    panel.settle()
    assert "Computed in phase" in words(panel) and "57 %" not in words(panel)
    explain(lab, panel, "delta[2][0]")
    assert "Output 1 was given 57 %" in words(panel)


def test_the_depth_is_remembered(qtbot: QtBot, lab: Lab, theme: Theme, tmp_path: Path) -> None:
    settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    for expected, chosen in (("numbers", "words"), ("words", "chain"), ("chain", "chain")):
        panel = ExplanationPanel(lab, theme, settings)
        qtbot.addWidget(panel)
        assert panel.reading == expected
        panel.set_reading(chosen)


def test_crumbs_lead_back_and_forward_again(qtbot: QtBot, lab: Lab, panel: ExplanationPanel) -> None:
    for address in ("delta[1][0]", "dW[1][0,1]", "x[1]"):
        explain(lab, panel, address)
    crumbs = panel._address.crumbs
    assert [button.text() for button in crumbs.buttons][-2:] == ["δ⁽¹⁾₁ ›", "∂L/∂w₂ ›"]
    qtbot.mouseClick(crumbs.buttons[-2], Qt.MouseButton.LeftButton)
    assert str(lab.selected) == "delta[1][0]"
    panel.settle()
    assert "dW[1][0,1]" in panel._address.forward_button.toolTip()
    qtbot.keyClick(panel, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: str(lab.selected) == "dW[1][0,1]", timeout=1000)


def test_the_way_passes_over_what_is_gone(qtbot: QtBot, lab: Lab, panel: ExplanationPanel) -> None:
    for address in ("loss", "delta[1][1]", "y_hat[0]"):
        explain(lab, panel, address)
    lab.edit("Units", with_units(lab.project, 1, 1))
    panel.settle()
    panel._address.back()
    assert str(lab.selected) == "loss"


def test_the_way_forgets_a_layer_that_was_taken_out(lab: Lab, panel: ExplanationPanel) -> None:
    for address in ("loss", "dW[2][0,1]", "y_hat[0]"):
        explain(lab, panel, address)
    lab.edit("Remove", remove_layers(lab.project, [1]))
    explain(lab, panel, "y_hat[1]")
    assert [button.text() for button in panel._address.crumbs.buttons][-2:] == ["L ›", "ŷ₁ ›"]


def test_an_address_is_completed_as_it_is_typed(qtbot: QtBot, lab: Lab, panel: ExplanationPanel) -> None:
    panel.settle()
    panel.focus_address()
    field = panel._address.field
    qtbot.waitUntil(field.hasFocus, timeout=1000)
    qtbot.keyClicks(field, "delta[")
    assert panel._address._proposals.stringList() == ["delta[1][", "delta[2]["]
    qtbot.keyClicks(field, "1][")
    assert panel._address._proposals.stringList() == ["delta[1][0]", "delta[1][1]"]
    panel._address._completer.activated.emit("delta[1][1]")
    field.setText("delta[1][1]")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert str(lab.selected) == "delta[1][1]"


def test_no_way_leads_back_to_another_project(lab: Lab, panel: ExplanationPanel) -> None:
    for address in ("a[1][0]", "delta[1][0]"):
        explain(lab, panel, address)
    assert panel._address.back_button.isEnabled()
    lab.open(examples.load("xor"))
    panel.settle()
    assert not panel._address.back_button.isEnabled()
    assert len(panel._address.trail.lately(9)) == 1
