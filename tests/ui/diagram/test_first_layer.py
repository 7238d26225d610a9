"""What somebody sees who has an empty window, and a connection that comes back before any training."""

from __future__ import annotations

from PySide6.QtCore import Qt
from tests.ui.conftest import OpenProject
from tests.ui.diagram.conftest import Hand

from deltaglow.model import edits, examples
from deltaglow.ui.diagram.editing import targets
from deltaglow.ui.diagram.editing.targets import CANVAS


def test_without_hidden_layers_a_plus_is_there_before_the_mouse_is(open_project: OpenProject) -> None:
    made = examples.load("spirals")
    bare = edits.remove_layers(made, range(1, len(made.network.layers)))
    hand = Hand(open_project(bare))
    assert hand.editor.target is CANVAS and "Press +" in hand.editor.overlay().hint
    box = targets.new_layer(hand.view.scene(), 1)
    centre = hand.view.grab().toImage().pixelColor(box.center().toPoint())
    assert centre != hand.view._theme.color("canvas")
    hand.click(box.center())
    assert len(hand.lab.project.network.layers) == 2 and "Press +" not in hand.editor.overlay().hint


def test_before_any_training_a_connection_comes_back_with_the_weight_it_was_drawn_with(
    open_project: OpenProject,
) -> None:
    hand = Hand(open_project(examples.load("spirals")))
    before = hand.lab.frame.layers[1].W.copy()
    hand.click(hand.edge(2, 1, 1))
    hand.key(Qt.Key.Key_Delete)
    assert hand.lab.frame.layers[1].W[1, 1] == 0.0
    hand.drag(hand.unit(1, 1), hand.unit(2, 1))
    assert (before == hand.lab.frame.layers[1].W).all()
