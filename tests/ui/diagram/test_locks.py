"""What is frozen bears a lock on the diagram, and its description says so."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QImage
from tests.ui.conftest import OpenProject
from tests.ui.diagram.conftest import Hand

from deltaglow.model import examples, freezing
from deltaglow.model.project import Change
from deltaglow.model.quantity import Quantity

CHANGES = {
    "weight": (
        freezing.freeze_weights([(1, 0, 1)], True),
        Quantity("W", 1, (0, 1)),
        Quantity("W", 1, (1, 0)),
    ),
    "bias": (freezing.freeze_biases([(1, 1)], True), Quantity("b", 1, (1,)), Quantity("b", 1, (0,))),
    "layer": (freezing.freeze_layer(2), Quantity("W", 2, (0, 1)), Quantity("W", 1, (0, 1))),
}


def pixels(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    flat = np.frombuffer(image.constBits(), np.uint8)
    return flat.reshape(image.height(), -1, 4)[:, :, :3].astype(int)


@pytest.mark.parametrize("what", CHANGES)
def test_a_lock_appears_with_freezing_and_goes_with_undo(open_project: OpenProject, what: str) -> None:
    change: Change = CHANGES[what][0]
    frozen, free = CHANGES[what][1:]
    hand = Hand(open_project(examples.load("worked-example")))
    before = pixels(hand.view.grab().toImage())
    hand.lab.edit("Freeze", change)
    after = pixels(hand.view.grab().toImage())
    changed = np.abs(after - before).max(axis=2) > 40
    assert 30 < changed.sum() < 2500
    assert "frozen" in hand.view.speech.describe(frozen) and "frozen" not in hand.view.speech.describe(free)
    hand.undo()
    assert (pixels(hand.view.grab().toImage()) == before).all()
    assert "frozen" not in hand.view.speech.describe(frozen)
