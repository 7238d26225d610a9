"""A press on a number that is printed explains that number."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from tests.ui.conftest import OpenProject
from tests.ui.diagram.conftest import Hand

from deltaglow.explain.numbers import full
from deltaglow.model import examples
from deltaglow.model.quantity import Quantity, value
from deltaglow.ui.diagram import foot
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
def test_a_norm_says_what_it_is_and_leads_to_its_largest_gradient(
    open_project: OpenProject, name: str
) -> None:
    window = open_project(examples.load(name))
    lab, view = window.lab, window.diagram
    point = view.scene().geometry.strip(1).center()
    lab.set_position(lab.phases.position("forward:1"))
    assert view.quantity_at(point) is None
    assert "once the gradients are" in foot.words(view.scene(), point)
    lab.set_position(lab.phases.end)
    pressed = 0
    for layer, trace in enumerate(lab.frame.layers, start=1):
        point = view.scene().geometry.strip(layer).center()
        found = view.quantity_at(point)
        if found is None:
            assert not trace.weight_gradient.size, "a layer without weights has none"
            continue
        lab.select(found)
        assert found.kind == "dW" and abs(value(found, lab.frame)) == abs(trace.dW).max()
        said = foot.words(view.scene(), point)
        assert full(float(np.linalg.norm(trace.weight_gradient))) in said
        pressed += 1
    assert pressed
    assert foot.words(view.scene(), QPointF(5.0, 5.0)) == ""
