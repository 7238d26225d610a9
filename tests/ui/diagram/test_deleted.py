"""What is left of a layer when its connections are deleted, drawn in every phase."""

from __future__ import annotations

from functools import partial

import pytest
from tests.ui.diagram.conftest import Hand

from deltaglow.explain.opening import DEPTHS
from deltaglow.model import edits


@pytest.mark.parametrize("layer", [1, 2])
@pytest.mark.parametrize("depth", DEPTHS)
def test_a_layer_without_any_connection_is_drawn_in_every_phase(hand: Hand, layer: int, depth: str) -> None:
    lab = hand.lab
    before, units = lab.project.network.sizes[layer - 1 : layer + 1]
    every = [(layer, j, i) for j in range(units) for i in range(before)]
    assert hand.editor.apply("Delete", partial(edits.connect, connections=every, there=False))
    lab.set_depth(depth)
    for n in range(4 * int(lab.phases.end) + 1):
        lab.set_position(n / 4)
        assert not hand.view.grab().isNull()
    assert not lab.frame.layers[layer - 1].W.any()
