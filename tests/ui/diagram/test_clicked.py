"""A press on a number that is printed explains that number."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from tests.ui.conftest import OpenProject
from tests.ui.diagram.conftest import Hand

from deltaglow.explain.numbers import full
from deltaglow.model import examples
from deltaglow.model.quantity import Quantity
from deltaglow.ui.diagram import softmax_card
from deltaglow.ui.diagram.notes import note_box, symbol_box


@pytest.mark.parametrize("phase", ["forward:1", "delta:2", "delta:1", "update"])
def test_the_number_in_a_unit_its_symbol_and_its_notes(hand: Hand, phase: str) -> None:
    lab = hand.lab
    lab.set_position(lab.phases.position(phase))
    column = hand.geometry.columns[1]
    expected = {
        "number": (column.centre(0), Quantity("a", 1, (0,))),
        "symbol": (symbol_box(column, 0).center(), Quantity("a", 1, (0,))),
        "z": (note_box(column, 0, 0).center(), Quantity("z", 1, (0,))),
        "delta": (note_box(column, 0, 1).center(), Quantity("delta", 1, (0,))),
    }
    for name, (point, quantity) in expected.items():
        hand.press(point)
        hand.release(point)
        assert lab.selected == quantity, name
    out = hand.geometry.columns[2]
    assert hand.view.quantity_at(out.centre(1)) == Quantity("z", 2, (1,)), "as it is called over the unit"
    assert hand.view.quantity_at(hand.geometry.columns[0].centre(2)) == Quantity("x", None, (2,))


def test_where_no_error_is_written_a_unit_has_it_while_errors_travel(open_project: OpenProject) -> None:
    window = open_project(examples.load("iris"))
    lab, view = window.lab, window.diagram
    point: QPointF = view.scene().geometry.columns[1].centre(3)
    assert view.scene().geometry.detail < 2
    lab.select(Quantity("loss"))
    lab.set_position(lab.phases.position("delta:2"))
    assert view.quantity_at(point) == Quantity("a", 1, (3,)), "its δ is not known yet"
    lab.set_position(lab.phases.position("update"))
    assert view.quantity_at(point) == Quantity("delta", 1, (3,))
    lab.select(Quantity("delta", 1, (3,)))
    assert view.quantity_at(point) == Quantity("a", 1, (3,)), "the second press has the number in it"


@pytest.mark.parametrize("name", ["worked-example", "batch-norm", "convolution", "residual", "dropout"])
def test_a_press_on_a_norm_explains_it(open_project: OpenProject, name: str) -> None:
    window = open_project(examples.load(name))
    lab, view = window.lab, window.diagram
    point = view.scene().geometry.strip(1).center()
    lab.set_position(lab.phases.position("forward:1"))
    assert view.quantity_at(point) == Quantity("gradient_norm", 1)
    assert "not computed yet" in view.speech.describe(Quantity("gradient_norm", 1))
    lab.set_position(lab.phases.end)
    for layer, trace in enumerate(lab.frame.layers, start=1):
        found = view.quantity_at(view.scene().geometry.strip(layer).center())
        assert found == Quantity("gradient_norm", layer)
        lab.select(found)
        assert full(float(np.linalg.norm(trace.weight_gradient))) in view.speech.describe(found)
        assert view.editor.selection.layers == {layer}
        QTest.keyClick(view, Qt.Key.Key_Down)
        assert lab.selected.layer == layer and lab.selected.index, "keys go on from its column"


def test_an_output_s_error_explains_itself_as_soon_as_it_is_printed(hand: Hand) -> None:
    lab = hand.lab
    begin = lab.phases.position("loss")
    seen = []
    for part in (0.2, 0.6, 1.0):
        lab.set_position(begin + part)
        (_, row), *_ = softmax_card.rows(hand.view.scene())
        number = hand.view.quantity_at(row.center() + QPointF(0.0, row.height() * 0.3))
        assert number.index == (0,) and number.layer == 2
        assert lab.reached(number) is (part > 0.5)
        seen.append(number.kind)
    assert seen == ["delta", "back", "delta"]
