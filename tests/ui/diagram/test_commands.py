"""What keys, menus, fields and the card of a layer do."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QAction, QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot
from tests.ui.conftest import OpenProject
from tests.ui.diagram.conftest import Hand

from deltaglow.explain import symbols
from deltaglow.model import edits, examples
from deltaglow.model.parts import Dropout
from deltaglow.model.quantity import Quantity
from deltaglow.ui.diagram import softmax_card
from deltaglow.ui.diagram.editing import chip, clipboard
from deltaglow.ui.diagram.editing.commands import for_selection
from deltaglow.ui.diagram.editing.selection import Selection
from deltaglow.ui.diagram.notes import note_box

# Off screen, menus cannot be raised nor grab the keyboard; the platform says so of each.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)

Key = Qt.Key
CONTROL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


def layer(hand: Hand, k: int) -> edits.Layer:
    return hand.lab.project.network.layers[k - 1]


def sizes(hand: Hand) -> tuple[int, ...]:
    return hand.lab.project.network.sizes


def actions(menu: QMenu) -> dict[str, QAction]:
    return {a.text().split("\t")[0]: a for a in menu.actions() if a.text()}


def below(menu: QMenu, title: str) -> QMenu:
    return next(found for found in menu.findChildren(QMenu) if found.title() == title)


def open_menu(hand: Hand, point: QPointF | None = None) -> QMenu:
    """By the right button, or by the menu key where no point is given."""
    reason = QContextMenuEvent.Reason
    if point is None:
        spot = hand.view.rect().center()
        event = QContextMenuEvent(reason.Keyboard, spot, hand.view.mapToGlobal(spot))
    else:
        spot = point.toPoint()
        event = QContextMenuEvent(reason.Mouse, spot, hand.view.mapToGlobal(spot))
    QApplication.sendEvent(hand.view, event)
    assert hand.editor.menu is not None
    return hand.editor.menu


def test_a_number_typed_on_a_connection_is_its_weight(hand: Hand) -> None:
    hand.click(hand.edge(1, 1, 0))
    hand.key(Key.Key_Minus)
    hand.type("0.75")
    QTest.keyClick(hand.editor.field, Key.Key_Return)
    assert hand.lab.frame.layers[0].W[1, 0] == -0.75 and hand.steps == 1
    assert hand.editor.field is None and hand.view.hasFocus()


def test_a_number_typed_on_a_unit_is_its_bias(hand: Hand) -> None:
    hand.click(hand.unit(1, 1))
    hand.key(Key.Key_3)
    QTest.keyClick(hand.editor.field, Key.Key_Return)
    assert layer(hand, 1).b.tolist() == [0.5, 3.0]
    hand.click(hand.unit(0, 0))
    hand.key(Key.Key_3)
    assert hand.editor.field is None


def test_what_is_no_number_is_said_while_it_is_typed_and_not_taken(hand: Hand) -> None:
    hand.double_click(hand.edge(1, 0, 0))
    field = hand.editor.field
    QTest.keyClicks(field, "1e999")
    assert field.property("invalid") == "true" and "must be" in hand.editor.overlay().hint
    QTest.keyClick(field, Key.Key_Return)
    assert hand.editor.field is field and hand.steps == 0
    QTest.keyClick(field, Key.Key_Escape)
    assert hand.editor.field is None and hand.steps == 0


def test_a_click_elsewhere_takes_what_was_typed(hand: Hand) -> None:
    hand.double_click(hand.edge(1, 0, 0))
    QTest.keyClicks(hand.editor.field, "0.9")
    hand.window.transport.step.setFocus()
    assert layer(hand, 1).W[0, 0] == 0.9


def test_esc_in_a_field_leaves_the_banner_and_the_selection(hand: Hand) -> None:
    hand.lab.message.emit("something")
    hand.click(hand.edge(1, 0, 0))
    hand.key(Key.Key_Return)
    QTest.keyClick(hand.editor.field, Key.Key_Escape)
    assert hand.window.banner.isVisible() and hand.editor.selection.connections


def test_a_weight_is_renamed_by_a_double_click_on_its_name(hand: Hand) -> None:
    hand.click(hand.edge(1, 0, 0))
    name, _ = chip.boxes(hand.view.scene(), (1, 0, 0))
    hand.double_click(name.center())
    QTest.keyClicks(hand.editor.field, "w2")
    assert "is called already" in hand.editor.overlay().hint
    hand.editor.field.selectAll()
    QTest.keyClicks(hand.editor.field, "v1")
    QTest.keyClick(hand.editor.field, Key.Key_Return)
    assert layer(hand, 1).names_W[0] == ("v1", "w2", "w3") and hand.steps == 1


def test_shift_f2_names_a_bias(hand: Hand) -> None:
    hand.click(hand.unit(2, 0))
    hand.key(Key.Key_F2, SHIFT)
    hand.editor.field.selectAll()
    QTest.keyClicks(hand.editor.field, "beta")
    QTest.keyClick(hand.editor.field, Key.Key_Return)
    assert layer(hand, 2).names_b[0] == "beta"


def test_keys_add_and_remove_units_and_layers(hand: Hand) -> None:
    hand.click(hand.unit(1, 0))
    hand.key(Key.Key_Plus)
    hand.key(Key.Key_Plus, SHIFT)
    assert sizes(hand) == (3, 4, 2)
    hand.key(Key.Key_Minus)
    assert sizes(hand) == (3, 3, 2)
    hand.key(Key.Key_L)
    assert sizes(hand) == (3, 3, 3, 2)
    hand.key(Key.Key_Delete, CONTROL)
    assert sizes(hand) == (3, 3, 2)
    hand.click(hand.unit(1, 2))
    hand.key(Key.Key_Delete)
    assert sizes(hand) == (3, 2, 2) and hand.steps == 6
    hand.click(hand.unit(2, 0))
    hand.key(Key.Key_Delete)
    assert sizes(hand) == (3, 2, 2) and "one unit for each class" in hand.editor.overlay().hint


def test_deleted_connections_are_shown_and_brought_back_by_keys_alone(hand: Hand) -> None:
    hand.click(hand.unit(1, 1))
    hand.key(Key.Key_W)
    hand.key(Key.Key_W)
    assert hand.editor.selection.connections == {(1, 1, 1)}
    hand.key(Key.Key_Delete)
    assert not layer(hand, 1).mask[1, 1]
    plain = hand.view.grab().toImage()
    hand.key(Key.Key_Escape)
    hand.key(Key.Key_Insert, SHIFT)
    assert hand.editor.shows_deleted and hand.view.grab().toImage() != plain
    hand.click(hand.unit(1, 1))
    hand.key(Key.Key_Insert)
    assert layer(hand, 1).mask is None and hand.lab.frame.layers[0].W[1, 1] == 0.1


def test_keys_move_units_and_layers(hand: Hand) -> None:
    hand.click(hand.unit(1, 0))
    hand.key(Key.Key_Down, ALT)
    assert layer(hand, 1).names_W[1] == ("w1", "w2", "w3") and hand.editor.selection.units == {(1, 1)}
    hand.key(Key.Key_L)
    hand.key(Key.Key_Plus)
    assert sizes(hand) == (3, 2, 3, 2)
    hand.key(Key.Key_Left, ALT | SHIFT)
    assert sizes(hand) == (3, 3, 2, 2)
    hand.key(Key.Key_Left, ALT | SHIFT)
    assert sizes(hand) == (3, 3, 2, 2) and "It is the first" in hand.editor.overlay().hint


def test_ctrl_arrows_change_a_weight_in_one_step(hand: Hand) -> None:
    hand.click(hand.edge(1, 0, 0))
    for _ in range(4):
        hand.key(Key.Key_Up, CONTROL)
    hand.key(Key.Key_Down, CONTROL | SHIFT)
    assert layer(hand, 1).W[0, 0] == pytest.approx(0.395) and hand.steps == 1


def test_selection_by_keys(hand: Hand) -> None:
    hand.click(hand.unit(1, 0))
    hand.key(Key.Key_Down, SHIFT)
    assert hand.editor.selection.units == {(1, 0), (1, 1)}
    hand.key(Key.Key_Escape)
    assert not hand.editor.selection
    hand.key(Key.Key_A, CONTROL)
    assert len(hand.editor.selection) == 2 and "2 units" in hand.view.accessibleDescription()


def test_units_are_copied_cut_and_pasted(hand: Hand) -> None:
    hand.click(hand.unit(1, 1))
    hand.key(Key.Key_C, CONTROL)
    assert "deltaglow" in QGuiApplication.clipboard().text()
    hand.key(Key.Key_V, CONTROL)
    assert sizes(hand) == (3, 3, 2) and (layer(hand, 1).W[2] == layer(hand, 1).W[1]).all()
    assert hand.editor.selection.units == {(1, 2)}
    hand.key(Key.Key_X, CONTROL)
    assert sizes(hand) == (3, 2, 2)
    hand.key(Key.Key_D, CONTROL)
    assert hand.steps == 2, "nothing is selected now"


def test_layers_are_copied_between_windows(hand: Hand, open_project: OpenProject) -> None:
    hand.editor.choose(Selection(layers=frozenset([1])))
    hand.key(Key.Key_C, CONTROL)
    other = Hand(open_project(examples.load("spirals")))
    other.editor.choose(Selection(layers=frozenset([1])))
    other.key(Key.Key_V, CONTROL)
    assert sizes(other) == (2, 8, 2, 8, 3)
    assert other.lab.project.network.layers[1].activation == "sigmoid"


def test_a_foreign_clipboard_is_left_alone(hand: Hand) -> None:
    QGuiApplication.clipboard().setText("hello")
    hand.key(Key.Key_V, CONTROL)
    assert hand.steps == 0 and "Nothing was copied" in hand.editor.overlay().hint
    assert clipboard.get() is None


def test_the_context_menu_greys_what_cannot_be_done_and_says_why(hand: Hand) -> None:
    menu = open_menu(hand, hand.unit(2, 0))
    found = actions(menu)
    remove = found["Remove unit 1 of layer 2"]
    assert not remove.isEnabled() and "one unit for each class" in remove.toolTip()
    assert found["Set the bias…"].isEnabled()
    left = actions(below(menu, "Layer 2"))["Move left"]
    assert not left.isEnabled() and "output comes last" in left.toolTip()
    menu.close()
    menu = open_menu(hand, hand.edge(1, 0, 0))
    assert actions(menu)["Delete connection w₁"].isEnabled()
    assert not actions(menu)["Bring back connection w₁"].isEnabled()
    actions(menu)["Delete connection w₁"].trigger()
    menu.close()
    assert not layer(hand, 1).mask[0, 0]


@pytest.mark.parametrize("kind", ["dropout", "conv1d"])
def test_units_that_follow_from_the_layer_before_can_be_neither_copied_nor_named(
    hand: Hand, kind: str
) -> None:
    assert hand.editor.apply("Add", partial(edits.add_layer, at=2, kind=kind))
    hand.editor.choose(Selection(units=frozenset([(2, 0)])))
    found = {command.text: command for command in for_selection(hand.editor) if command is not None}
    for text in ("Copy", "Cut", "Name the unit…", "Remove unit 1 of layer 2", "Set the bias…"):
        assert "ayer 2" in found[text].why_not()
    hand.editor.choose(Selection(layers=frozenset([2])))
    found = {command.text: command for command in for_selection(hand.editor) if command is not None}
    assert not found["Copy"].why_not() and not found["Name layer 2…"].why_not()


def test_the_menu_copies_the_number_under_the_mouse(hand: Hand) -> None:
    lab = hand.lab
    lab.set_position(lab.phases.end)
    lab.select(Quantity("W", 1, (0, 0)))
    row = dict(softmax_card.rows(hand.view.scene()))[1]
    column = hand.geometry.columns[1]
    points = [row.center(), note_box(column, 0, 1).center(), column.centre(1), hand.edge(1, 0, 2)]
    seen = set()
    for point in points:
        number = hand.view.quantity_at(point)
        menu = open_menu(hand, point)
        assert lab.selected == number
        assert f"Copy {symbols.text(lab.project, number)} and its derivation" in actions(menu)
        seen.add(number.kind)
        menu.close()
    assert len(seen) == len(points) and "delta" in seen


@pytest.mark.parametrize("place", ["canvas", "gap", "column", "keyboard"])
def test_there_is_a_context_menu_everywhere(hand: Hand, place: str) -> None:
    net, geometry = hand.geometry.net, hand.geometry
    points = {
        "canvas": hand.canvas(),
        "gap": hand.new_layer(1),
        "column": hand.heading(1),
        "keyboard": None,
    }
    if place == "keyboard":
        hand.click(hand.unit(1, 0))
    menu = open_menu(hand, points[place])
    wanted = {
        "canvas": "Select all",
        "gap": "Add a layer here",
        "column": "Activation",
        "keyboard": "Set the bias…",
    }
    assert wanted[place] in actions(menu) and net.isValid() and geometry.columns
    menu.close()


def test_activation_and_kind_from_the_menu(hand: Hand) -> None:
    menu = open_menu(hand, hand.heading(1))
    actions(below(menu, "Activation"))["Tanh"].trigger()
    menu.close()
    assert layer(hand, 1).activation == "tanh"
    menu = open_menu(hand, hand.heading(1))
    actions(below(menu, "Kind"))["Dropout"].trigger()
    menu.close()
    assert isinstance(layer(hand, 1).part, Dropout) and sizes(hand) == (3, 3, 2)


def test_the_card_of_a_layer_opens_at_its_heading_and_follows_the_project(hand: Hand, qtbot: QtBot) -> None:
    hand.click(hand.heading(1))
    card = hand.editor.popover
    assert card is not None and card.isVisible()
    assert hand.view.rect().contains(card.geometry())
    card.units.setValue(4)
    assert sizes(hand) == (3, 4, 2)
    card.activation.setCurrentIndex(card.activation.findData("relu"))
    card.activation.activated.emit(card.activation.currentIndex())
    assert layer(hand, 1).activation == "relu"
    card.kind.setCurrentIndex(card.kind.findData("dropout"))
    card.kind.activated.emit(card.kind.currentIndex())
    assert not card.units.isEnabled() and card.units.toolTip()
    card.numbers["rate"].setValue(0.25)
    assert layer(hand, 1).part == Dropout(0.25)
    hand.undo()
    assert card.numbers["rate"].value() == 0.5
    QTest.keyClick(card, Key.Key_Escape)
    assert hand.editor.popover is None
    qtbot.waitUntil(hand.view.hasFocus)


def test_the_card_of_a_layer_closes_when_something_else_in_the_window_is_used(hand: Hand) -> None:
    hand.click(hand.heading(1))
    card = hand.editor.popover
    assert card is not None and card.isVisible()
    card.activation.setFocus()
    assert hand.editor.popover is card, "it is itself used"
    train = hand.window.transport.train
    train.setFocus(Qt.FocusReason.MouseFocusReason)
    assert hand.editor.popover is None and not card.isVisible() and train.hasFocus()


def test_the_card_of_the_output_says_what_is_fixed(hand: Hand) -> None:
    hand.editor.open_layer(2)
    card = hand.editor.popover
    assert not card.units.isEnabled() and "one unit for each class" in card.units.toolTip()
    assert not card.kind.isEnabled() and not card.remove.isEnabled()
    hand.click(hand.canvas())
    assert hand.editor.popover is None


def test_every_control_of_the_card_has_a_name_and_a_tooltip(hand: Hand) -> None:
    hand.editor.open_layer(1)
    for control in hand.editor.popover.findChildren(QWidget):
        if (
            control.focusPolicy() & Qt.FocusPolicy.TabFocus
            and control.isVisible()
            and control.objectName() == ""
        ):
            assert control.accessibleName() and control.toolTip(), control


def test_initialisation_of_one_layer(hand: Hand) -> None:
    hand.click(hand.heading(1))
    card = hand.editor.popover
    assert card.init.currentText() == "as given"
    card.init.setCurrentIndex(card.init.findData("constant"))
    card.init.activated.emit(card.init.currentIndex())
    assert layer(hand, 1).W is None and layer(hand, 2).W is not None
    assert np.allclose(hand.lab.frame.layers[0].W, 0.1)


def test_arranging_uncrosses_lines(hand: Hand) -> None:
    swap = partial(edits.set_weights, values=[((1, 0, 0), 0.0), ((1, 0, 2), 3.0), ((1, 1, 0), 3.0)])
    hand.lab.edit("Weights", swap)
    names = layer(hand, 1).names_W
    hand.key(Key.Key_A, CONTROL | SHIFT)
    assert layer(hand, 1).names_W == names[::-1]


def test_the_numbers_of_a_unit_are_explained_as_before(hand: Hand) -> None:
    hand.click(hand.unit(1, 0))
    hand.key(Key.Key_Q)
    assert hand.lab.selected == Quantity("z", 1, (0,)) and hand.editor.selection.units == {(1, 0)}


def test_f_freezes_what_is_selected_and_frees_it_again(hand: Hand) -> None:
    hand.click(hand.edge(1, 0, 0))
    hand.key(Key.Key_F)
    assert layer(hand, 1).frozen_W.tolist() == [[True, False, False], [False, False, False]]
    assert hand.lab.document.undo_stack.undoText() == "Freeze the weight w₁"
    hand.lab.next_step()
    assert hand.lab.frame.layers[0].W_after[0, 0] == 0.2 != hand.lab.frame.layers[0].W_after[0, 1]
    hand.key(Key.Key_F)
    assert layer(hand, 1).frozen_W is None
    hand.editor.choose(Selection(layers=frozenset([2])))
    hand.key(Key.Key_F)
    assert layer(hand, 2).frozen
    hand.click(hand.unit(0, 0))
    hand.key(Key.Key_F)
    assert "no bias" in hand.editor.overlay().hint


def test_the_edit_menu_has_what_the_context_menu_has(hand: Hand) -> None:
    hand.click(hand.edge(1, 0, 0))
    menu = next(found for found in hand.window.findChildren(QMenu) if found.title() == "On the &diagram")
    menu.aboutToShow.emit()
    actions(menu)["Delete connection w₁"].trigger()
    assert not layer(hand, 1).mask[0, 0]
    menu.aboutToShow.emit()
    assert not actions(menu)["Delete connection w₁"].isEnabled()
