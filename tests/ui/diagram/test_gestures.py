"""Everything the mouse does on the diagram: start, update, commit, and Esc."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtTest import QTest
from tests.ui.diagram.conftest import Hand

from deltaglow.model import edits
from deltaglow.model.quantity import Quantity
from deltaglow.ui.diagram.editing import targets
from deltaglow.ui.diagram.editing.selection import Selection
from deltaglow.ui.diagram.editing.targets import Kind
from deltaglow.ui.diagram.notes import note_box

Key = Qt.Key
CONTROL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


def sizes(hand: Hand) -> tuple[int, ...]:
    return hand.lab.project.network.sizes


def weight(hand: Hand, k: int, j: int, i: int) -> float:
    return float(hand.lab.frame.layers[k - 1].W[j, i])


def test_plus_and_minus_under_a_column_change_its_units(hand: Hand) -> None:
    first = hand.lab.project
    hand.click(hand.more(1))
    hand.click(hand.more(1))
    assert sizes(hand) == (3, 4, 2)
    assert (hand.lab.project.network.layers[0].W[:2] == first.network.layers[0].W).all()
    hand.click(hand.fewer(1))
    assert sizes(hand) == (3, 3, 2) and hand.steps == 3
    for _ in range(3):
        hand.undo()
    assert hand.lab.project == first


@pytest.mark.parametrize("units", [2, 3, 4, 5, 9, 40, 120])
def test_plus_and_minus_are_on_no_number_and_within_the_network(hand: Hand, units: int) -> None:
    assert hand.editor.apply("Units", lambda p: edits.with_units(p, 1, units))
    scene = hand.view.scene()
    geometry = scene.geometry
    for column in geometry.columns:
        layer, last = column.layer, column.units - 1
        one, two = targets.more(scene, layer), targets.fewer(scene, layer)
        assert two.center().x() < one.center().x() and not one.intersects(two)
        assert geometry.viewport.contains(one) and geometry.viewport.contains(two)
        for box in (one, two):
            assert targets.target_at(scene, box.center()).kind in (Kind.MORE, Kind.FEWER)
            if column.bar is not None:
                assert not box.intersects(column.bar)
                continue
            middle = column.centre(last)
            reach = QRectF(middle.x() - column.radius, middle.y() - column.radius, 2 * column.radius, 0)
            assert not box.intersects(reach.adjusted(0, 0, 0, 2 * column.radius))
            for row in range(geometry.detail - 1 if layer else 0):
                note = note_box(column, last, row)
                assert not box.intersects(note.adjusted(15, 0, -15, 0))


def test_what_cannot_be_done_says_why_before_it_is_tried(hand: Hand) -> None:
    hand.move(hand.more(2))
    assert "one unit for each class" in hand.view.toolTip()
    assert hand.view.cursor().shape() == Qt.CursorShape.ForbiddenCursor
    hand.click(hand.more(2))
    hand.click(hand.more(0))
    assert sizes(hand) == (3, 2, 2) and hand.steps == 0
    assert "features of the data" in hand.editor.overlay().hint and hand.editor.overlay().warns
    hand.click(hand.fewer(1))
    hand.move(hand.fewer(1))
    assert "needs a unit at least" in hand.view.toolTip()


def test_plus_between_two_columns_adds_a_layer(hand: Hand) -> None:
    hand.click(hand.new_layer(2))
    assert sizes(hand) == (3, 2, 2, 2)
    assert hand.editor.selection == Selection(layers=frozenset([2]))
    hand.key(Key.Key_Delete)
    assert sizes(hand) == (3, 2, 2)


def test_a_unit_dragged_to_another_connects_the_two_again(hand: Hand) -> None:
    hand.click(hand.edge(1, 0, 2))
    hand.key(Key.Key_Delete)
    assert hand.lab.project.network.layers[0].mask.tolist() == [[True, True, False], [True, True, True]]
    assert weight(hand, 1, 0, 2) == 0.0
    hand.drag(hand.unit(0, 2), hand.unit(1, 0))
    assert hand.lab.project.network.layers[0].mask is None and weight(hand, 1, 0, 2) == 0.4
    assert hand.editor.selection.connections == {(1, 0, 2)} and hand.lab.selected == Quantity("W", 1, (0, 2))
    assert hand.steps == 2


def test_a_connection_can_be_drawn_backwards_too(hand: Hand) -> None:
    hand.lab.edit("Delete", lambda p: edits.connect(p, [(2, 1, 0)], there=False))
    hand.drag(hand.unit(2, 1), hand.unit(1, 0))
    assert hand.lab.project.network.layers[1].mask is None


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ((0, 0), (1, 0), "connected already"),
        ((0, 0), (2, 0), "neighbouring columns"),
    ],
)
def test_connecting_says_why_not_while_the_button_is_down(
    hand: Hand, one: tuple[int, int], other: tuple[int, int], reason: str
) -> None:
    hand.press(hand.unit(*one))
    for part in (0.3, 1.0):
        hand.move(hand.unit(*one) + (hand.unit(*other) - hand.unit(*one)) * part, Qt.MouseButton.LeftButton)
    assert reason in hand.editor.overlay().hint and hand.editor.overlay().warns
    assert hand.view.cursor().shape() == Qt.CursorShape.ForbiddenCursor
    assert not hand.view.grab().isNull()
    hand.release(hand.unit(*other))
    assert hand.steps == 0


def test_a_unit_dragged_along_its_column_moves_there(spirals: Hand) -> None:
    hand = spirals
    hand.lab.next_step()
    before = hand.lab.trained_project
    hand.drag(hand.unit(1, 0), hand.unit(1, 3) + QPointF(2, 0))
    after = hand.lab.trained_project
    W, moved = before.network.layers[0].W, after.network.layers[0].W
    assert (moved[3] == W[0]).all() and (moved[:3] == W[1:4]).all()
    assert hand.editor.selection.units == {(1, 3)} and hand.steps == 1
    assert (after.network.layers[1].W[:, 3] == before.network.layers[1].W[:, 0]).all()


def test_inputs_and_outputs_stay_in_their_order(hand: Hand) -> None:
    for layer, reason in ((0, "features"), (2, "classes")):
        hand.press(hand.unit(layer, 0))
        hand.move(hand.unit(layer, 1), Qt.MouseButton.LeftButton)
        assert reason in hand.editor.overlay().hint
        hand.release(hand.unit(layer, 1))
    assert hand.steps == 0


def test_a_layer_is_dragged_by_its_heading(hand: Hand) -> None:
    hand.lab.edit("Add", lambda p: edits.with_units(edits.add_layer(p, 2), 2, 5))
    hand.drag(hand.heading(2), hand.heading(1))
    assert sizes(hand) == (3, 5, 2, 2) and hand.editor.selection.layers == {1}
    hand.press(hand.heading(3))
    hand.move(hand.heading(1), Qt.MouseButton.LeftButton)
    assert "output comes last" in hand.editor.overlay().hint
    hand.release(hand.heading(1))
    assert sizes(hand) == (3, 5, 2, 2)


@pytest.mark.parametrize(("modifiers", "change"), [(None, 0.4), (SHIFT, 0.04), (ALT, 4.0)])
def test_a_connection_dragged_up_grows(hand: Hand, modifiers: Qt.KeyboardModifier, change: float) -> None:
    start = hand.edge(1, 0, 0)
    loss = hand.lab.frame.loss
    hand.drag(start, start - QPointF(0, 40), modifiers or Qt.KeyboardModifier.NoModifier)
    assert weight(hand, 1, 0, 0) == pytest.approx(0.2 + change)
    assert hand.lab.project.network.layers[0].W[0, 0] == pytest.approx(0.2 + change)
    assert hand.lab.frame.loss != loss and hand.steps == 1
    hand.undo()
    assert weight(hand, 1, 0, 0) == 0.2


def test_each_drag_is_a_step_of_its_own(hand: Hand) -> None:
    for _ in range(2):
        start = hand.edge(1, 0, 0)
        hand.drag(start, start - QPointF(0, 20))
    assert hand.steps == 2 and weight(hand, 1, 0, 0) == pytest.approx(0.6)
    hand.undo()
    assert weight(hand, 1, 0, 0) == pytest.approx(0.4)


def test_esc_gives_a_drag_up_and_leaves_nothing(hand: Hand) -> None:
    first, start = hand.lab.project, hand.edge(1, 0, 0)
    hand.press(start)
    hand.move(start - QPointF(0, 30), Qt.MouseButton.LeftButton)
    assert weight(hand, 1, 0, 0) == pytest.approx(0.5)
    hand.key(Key.Key_Escape)
    assert hand.lab.project is first and hand.steps == 0 and hand.editor.gesture is None
    hand.release(start - QPointF(0, 30))
    assert hand.steps == 0


@pytest.mark.parametrize("name", ["unit", "connect", "heading", "band"])
def test_esc_gives_every_other_gesture_up(hand: Hand, name: str) -> None:
    hand.lab.edit("Add", lambda p: edits.add_layer(p, 2))
    ways = {
        "unit": (hand.unit(1, 0), hand.unit(1, 1)),
        "connect": (hand.unit(1, 0), hand.unit(2, 0)),
        "heading": (hand.heading(1), hand.heading(2)),
        "band": (hand.canvas(), hand.canvas() - QPointF(-200, 200)),
    }
    before, steps, chosen = hand.lab.project, hand.steps, hand.editor.selection
    start, stop = ways[name]
    hand.press(start)
    chosen = hand.editor.selection
    hand.move(start + (stop - start) * 0.5, Qt.MouseButton.LeftButton)
    hand.move(stop, Qt.MouseButton.LeftButton)
    assert hand.editor.gesture is not None and not hand.view.grab().isNull()
    hand.key(Key.Key_Escape)
    hand.release(stop)
    assert hand.lab.project is before and hand.steps == steps and hand.editor.selection == chosen


def test_the_wheel_changes_a_weight_or_a_bias(hand: Hand) -> None:
    hand.wheel(hand.edge(1, 0, 0), 2)
    assert weight(hand, 1, 0, 0) == pytest.approx(0.3)
    hand.wheel(hand.edge(1, 0, 0), -1, SHIFT)
    assert weight(hand, 1, 0, 0) == pytest.approx(0.295)
    assert hand.steps == 1
    hand.wheel(hand.unit(1, 1), 1, ALT)
    assert hand.lab.frame.layers[0].b[1] == pytest.approx(1.0) and hand.steps == 2
    hand.wheel(hand.edge(1, 0, 0), 1)
    assert hand.steps == 3
    hand.wheel(hand.unit(0, 0), 1)
    assert hand.steps == 3, "an input has no bias"


def test_a_rubber_band_selects_what_is_in_it(hand: Hand) -> None:
    net = hand.geometry.net
    column = hand.geometry.columns[1]
    hand.drag(QPointF(column.x - 60, net.top() + 2), QPointF(column.x + 50, net.bottom() - 2))
    assert hand.editor.selection.units == {(1, 0), (1, 1)}
    hand.click(hand.unit(2, 0), CONTROL)
    assert hand.editor.selection.units == {(1, 0), (1, 1), (2, 0)}
    hand.click(hand.unit(1, 0), CONTROL)
    assert hand.editor.selection.units == {(1, 1), (2, 0)}
    hand.click(hand.canvas())
    assert not hand.editor.selection


def test_zoom_keeps_what_is_under_the_mouse_and_clicks_find_it(hand: Hand) -> None:
    point = hand.unit(1, 1)
    hand.wheel(point, 4, CONTROL)
    assert hand.editor.viewpoint.zoom > 1.5
    assert (hand.unit(1, 1) - point).manhattanLength() < 8.0
    hand.click(hand.unit(1, 1))
    assert hand.lab.selected == Quantity("a", 1, (1,))
    hand.drag(hand.unit(1, 1), hand.unit(1, 1) + QPointF(30, 40), button=Qt.MouseButton.MiddleButton)
    assert (hand.unit(1, 1) - point - QPointF(30, 40)).manhattanLength() < 12.0
    assert hand.steps == 0 and not hand.view.grab().isNull()
    hand.key(Key.Key_0, CONTROL)
    assert hand.unit(1, 1) == point


def test_the_space_bar_and_a_drag_move_what_is_shown(hand: Hand) -> None:
    hand.wheel(hand.unit(1, 1), 3, CONTROL)
    before = hand.unit(1, 1)
    QTest.keyPress(hand.view, Key.Key_Space)
    hand.drag(before, before + QPointF(25, 15))
    QTest.keyRelease(hand.view, Key.Key_Space)
    assert hand.unit(1, 1) == before + QPointF(25, 15)
    assert not hand.lab.playing and hand.steps == 0


def test_editing_while_training_goes_on_training(spirals: Hand) -> None:
    hand = spirals
    hand.lab.train()
    start = hand.edge(1, 0, 0)
    hand.drag(start, start - QPointF(0, 30))
    assert hand.lab.running
    hand.click(hand.more(1))
    assert hand.lab.running and sizes(hand) == (2, 9, 8, 3)
    hand.click(hand.edge(3, 0, 0))
    hand.key(Key.Key_Delete)
    assert hand.lab.running and not hand.lab.project.network.layers[2].mask[0, 0]
    hand.lab.pause()
    assert hand.lab.frame.layers[2].W[0, 0] == 0.0
    while hand.lab.document.undo_stack.canUndo():
        hand.undo()
    assert sizes(hand) == (2, 8, 8, 3) and np.isfinite(hand.lab.frame.loss)
