"""The plates of flying terms stay within the network's part of the diagram."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QApplication
from tests.rendering.test_diagram import Picture

from deltaglow.model.parts import Skip
from deltaglow.model.project import InlineData, Layer, NetworkSpec, Project
from deltaglow.session.lab import Lab
from deltaglow.ui.diagram import plates
from deltaglow.ui.diagram.plates import Plate
from deltaglow.ui.diagram.scene import Scene
from deltaglow.ui.theme import Theme


def test_what_comes_around_layers_stays_off_the_card(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    layers = (*(Layer(2, "tanh") for _ in range(5)), Layer(2, skip=Skip(0, projection=True)))
    data = InlineData(np.array([[-0.7123, 0.1017, 0.3]]), np.array([[1.0, 0.0]]))
    seen: list[tuple[QRectF, Scene]] = []
    drawn = plates.draw

    def note(painter: QPainter, scene: Scene, box: QRectF, plate: Plate, token: str) -> None:
        seen.append((box, scene))
        drawn(painter, scene, box, plate, token)

    monkeypatch.setattr(plates, "draw", note)
    picture = Picture(Lab(Project(NetworkSpec(3, layers), data)), Theme("light"))
    picture.lab.set_depth("term")
    for place in np.arange(0.0, 1.0, 0.02):
        picture.at(f"forward:6@{place}")
    edges = [(box.left(), scene.geometry.viewport.right() - box.right()) for box, scene in seen]
    assert len(edges) > 20 and min(min(pair) for pair in edges) >= 0.0
    picture.close()
