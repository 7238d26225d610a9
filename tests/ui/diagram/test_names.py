"""Naming on the diagram, and where names are shown."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from tests.ui.diagram.conftest import Hand

from deltaglow.model import naming
from deltaglow.model.quantity import Quantity
from deltaglow.ui.diagram import wiring
from deltaglow.ui.diagram.notes import label_of, labelled_at, symbol_box
from deltaglow.ui.network_table import NetworkTree

Key = Qt.Key
SHIFT = Qt.KeyboardModifier.ShiftModifier
LONG = "a detector of long horizontal edges"


def typed(hand: Hand, name: str) -> None:
    field = hand.editor.field
    assert field is not None
    field.selectAll()
    QTest.keyClick(field, Key.Key_Delete)
    QTest.keyClicks(field, name)
    QTest.keyClick(field, Key.Key_Return)


def over(hand: Hand, k: int, j: int):
    return symbol_box(hand.view.scene().geometry.columns[k], j).center()


@pytest.mark.parametrize(("k", "j"), [(0, 2), (1, 0), (2, 1)])
def test_a_double_click_on_a_units_symbol_names_it(hand: Hand, k: int, j: int) -> None:
    hand.double_click(over(hand, k, j))
    typed(hand, " edges ")
    assert naming.unit_name(hand.lab.project, k, j) == "edges" and hand.steps == 1
    assert label_of(hand.view.scene(), k, j) == "edges"
    assert labelled_at(hand.view.scene(), over(hand, k, j)) == (k, j)
    hand.double_click(over(hand, k, j))
    typed(hand, "")
    assert naming.unit_name(hand.lab.project, k, j) == "" and hand.steps == 2
    hand.lab.document.undo_stack.undo()
    assert naming.unit_name(hand.lab.project, k, j) == "edges"


def test_a_double_click_on_a_title_names_the_layer(hand: Hand) -> None:
    title = wiring.title_box(hand.view.scene(), 1).center()
    hand.double_click(title)
    typed(hand, "Features")
    assert hand.lab.project.network.layers[0].name == "Features" and hand.steps == 1
    assert hand.editor.popover is None


def test_f2_names_what_is_selected(hand: Hand) -> None:
    hand.click(hand.unit(1, 1))
    hand.key(Key.Key_F2)
    typed(hand, LONG)
    scene = hand.view.scene()
    assert label_of(scene, 1, 1).endswith("…"), "as much as there is room for"
    for q in (Quantity("delta", 1, (1,)), Quantity("W", 2, (0, 1)), Quantity("W", 1, (1, 2))):
        assert LONG in hand.view.speech.describe(q), "the tooltip has the whole"
    assert f"unit 2 ‘{LONG}’" in hand.view.speech.describe(Quantity("z", 1, (1,)))


def test_what_cannot_be_a_name_is_said_and_not_taken(hand: Hand) -> None:
    hand.click(hand.unit(1, 0))
    hand.key(Key.Key_F2)
    QTest.keyClicks(hand.editor.field, "x" * 41)
    assert "40 characters at most" in hand.editor.overlay().hint
    QTest.keyClick(hand.editor.field, Key.Key_Return)
    assert hand.editor.field is not None and hand.steps == 0
    QTest.keyClick(hand.editor.field, Key.Key_Escape)
    assert hand.editor.field is None and hand.steps == 0


def test_a_run_goes_on_under_another_name(hand: Hand) -> None:
    for _ in range(3):
        hand.lab.next_step()
    theta, head = hand.lab.frame.theta_after.tobytes(), hand.lab.head
    hand.lab.edit("Name", lambda p: naming.rename_unit(naming.rename_layer(p, 1, "A"), 0, 1, "b"))
    assert hand.lab.head == head and hand.lab.frame.theta_after.tobytes() == theta
    assert hand.lab.first_step == 0
    tree = NetworkTree(hand.lab)
    assert "Layer 1 ‘A’" in [tree.topLevelItem(i).text(0) for i in range(tree.topLevelItemCount())]
    tree.deleteLater()


def test_with_nothing_selected_a_key_says_what_to_select(hand: Hand) -> None:
    assert not hand.editor.selection
    sizes = hand.lab.project.network.sizes
    for key in (Key.Key_L, Key.Key_E, Key.Key_F2, Key.Key_Delete):
        hand.key(key)
        assert "click a unit" in hand.editor.overlay().hint
    assert hand.lab.project.network.sizes == sizes and not hand.editor.selection and hand.steps == 0
    hand.key(Key.Key_J)
    assert "click a unit" not in hand.editor.overlay().hint
