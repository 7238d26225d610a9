"""Units while the network trains: figure and colour are of one step, and colours alone follow every frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from deltaglow.model import edits, examples
from deltaglow.session.lab import Lab
from deltaglow.ui.diagram import DiagramView, nodes
from deltaglow.ui.diagram.scene import Scene
from deltaglow.ui.theme import Theme

Scenes = Callable[[int], tuple[Scene, Scene]]


@pytest.fixture
def scenes(qapp: QApplication) -> Iterator[Scenes]:
    """Of a network with so many hidden units two steps of a run, far enough apart for other values."""
    made: list[tuple[DiagramView, Lab]] = []

    def two(units: int) -> tuple[Scene, Scene]:
        lab = Lab(edits.with_units(examples.load("spirals"), 1, units))
        view = DiagramView(lab, Theme("dark"))
        made.append((view, lab))
        view.resize(660, 492)
        lab.next_step()
        first = replace(view.scene(), running=True)
        for _ in range(3):
            lab.next_step()
        return first, replace(view.scene(), running=True)

    yield two
    for view, lab in made:
        view.deleteLater()
        lab.close()


def drawn(scene: Scene, read: Scene | None) -> QImage:
    image = QImage(660, 492, QImage.Format.Format_RGB32)
    image.fill(0)
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        nodes.draw(painter, scene, read)
    return image


def test_a_figure_stands_on_its_own_colour(scenes: Scenes) -> None:
    before, now = scenes(8)
    assert now.geometry.detail and drawn(before, before) != drawn(now, now)
    assert drawn(now, before) == drawn(before, before)


def test_colours_without_figures_follow_every_frame(scenes: Scenes) -> None:
    before, now = scenes(40)
    assert not now.geometry.detail and drawn(before, before) != drawn(now, now)
    assert drawn(now, before) == drawn(now, now)
