"""Units while the network trains: their colours follow every frame, their figures the readings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from deltaglow.model import examples
from deltaglow.session.lab import Lab
from deltaglow.ui.diagram import DiagramView, nodes
from deltaglow.ui.diagram.scene import Scene
from deltaglow.ui.theme import Theme


@pytest.fixture
def scenes(qapp: QApplication) -> Iterator[tuple[Scene, Scene]]:
    """Two steps of a run, far enough apart for units to have other values."""
    lab = Lab(examples.load("spirals"))
    view = DiagramView(lab, Theme("dark"))
    view.resize(660, 492)
    lab.next_step()
    first = replace(view.scene(), running=True)
    for _ in range(3):
        lab.next_step()
    yield first, replace(view.scene(), running=True)
    view.deleteLater()
    lab.close()


def drawn(scene: Scene, read: Scene | None) -> QImage:
    image = QImage(660, 492, QImage.Format.Format_RGB32)
    image.fill(0)
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        nodes.draw(painter, scene, read)
    return image


def test_figures_stay_and_colours_follow_between_readings(scenes: tuple[Scene, Scene]) -> None:
    before, now = scenes
    stale = drawn(now, before)
    assert stale != drawn(before, before)
    assert stale != drawn(now, now)
