"""Layers that are not plain dense ones are drawn: their lines, titles and arcs, in every phase."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from deltaglow.model import examples
from deltaglow.model.parts import BatchNorm, Conv1d, Dropout, Skip
from deltaglow.model.project import Layer, NetworkSpec, Project
from deltaglow.model.quantity import Quantity
from deltaglow.session.lab import Lab
from deltaglow.ui.diagram import DiagramView, output_scale, wiring
from deltaglow.ui.diagram.wiring import arc_path
from deltaglow.ui.theme import Theme


def network(width: int) -> Project:
    """Moons through every kind of layer, `width` units wide."""
    layers = (
        Layer(width, "tanh"),
        Layer(width, part=BatchNorm()),
        Layer(width, part=Dropout(0.5)),
        Layer((width - 1) * 2, "tanh", part=Conv1d(2, 2)),
        Layer(width, "tanh", skip=Skip(1)),
        Layer(2, skip=Skip(0, True)),
    )
    project = examples.load("moons")
    return replace(project, network=NetworkSpec(2, layers, project.network.loss))


def image(view: DiagramView) -> np.ndarray:
    grabbed = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    return np.array(grabbed.constBits()).reshape(grabbed.height(), -1).copy()


@pytest.mark.parametrize("width", [4, 40, 300])
def test_every_phase_of_every_kind_is_drawn(qapp: QApplication, width: int) -> None:
    lab = Lab(network(width))
    view = DiagramView(lab, Theme("dark"))
    view.resize(900, 520)
    pictures = []
    for phase in range(len(lab.phases)):
        for alpha in (0.3, 1.0):
            lab.set_position(phase + alpha)
            pictures.append(image(view))
    for kind, k, index in (("P", 6, (1, 1)), ("x_hat", 2, (0,)), ("keep", 3, (1,)), ("W", 2, (0, 0))):
        lab.select(Quantity(kind, k, index))
        pictures.append(image(view))
    assert all(picture.std() > 1 for picture in pictures)
    view.deleteLater()
    lab.close()


def test_dropout_draws_the_lines_of_the_sample_shown(qapp: QApplication) -> None:
    lab = Lab(network(6))
    view = DiagramView(lab, Theme("dark"))
    view.resize(900, 520)
    lab.set_position(lab.phases.end)
    scene = view.scene()
    kept = scene.trace(3).extra["keep"]
    for row in (0, 1):
        present = replace(scene, sample=row).present(3)
        assert present is not None and np.array_equal(np.diag(present) != 0, kept[row] != 0)
    view.deleteLater()
    lab.close()


def test_the_mark_of_the_target_follows_label_smoothing(qapp: QApplication) -> None:
    project = examples.load("moons")
    loss = replace(project.network.loss, label_smoothing=0.4)
    lab = Lab(replace(project, network=replace(project.network, loss=loss)))
    view = DiagramView(lab, Theme("dark"))
    view.resize(900, 520)
    lab.set_position(lab.phases.end)
    scene = view.scene()
    row = scene.frame.y[scene.sample]
    expected = 0.6 * row + 0.2
    assert [output_scale.target(scene, k) for k in range(2)] == pytest.approx(expected.tolist())
    assert scene.frame.y_hat[scene.sample] - expected == pytest.approx(scene.trace(2).delta[scene.sample])
    view.deleteLater()
    lab.close()


@pytest.mark.parametrize(("phase", "token"), [("forward:5", "forward"), ("delta:1", "delta")])
def test_pulses_travel_along_the_arc_of_a_connection_around_layers(
    qapp: QApplication, phase: str, token: str
) -> None:
    lab = Lab(network(4))
    view = DiagramView(lab, Theme("dark"))
    view.resize(900, 520)
    lab.set_position(lab.phases.end)
    seen = []
    for alpha in (0.15, 0.4):
        lab.set_position(lab.phases.position(f"{phase}@{alpha}"))
        scene = view.scene()
        t = 0.04 + 0.92 * scene.travel
        at = arc_path(scene, 1, 5).pointAtPercent(t if token == "forward" else 1.0 - t)
        grabbed = view.grab().toImage()
        wanted = scene.color(token)
        near = [
            grabbed.pixelColor(round(at.x()) + dx, round(at.y()) + dy)
            for dx in range(-6, 7)
            for dy in range(-6, 7)
        ]
        assert sum(abs(c.hue() - wanted.hue()) < 12 and c.value() > 120 for c in near) > 15
        seen.append(at.x())
    assert (seen[1] > seen[0]) == (token == "forward")
    view.deleteLater()
    lab.close()


@pytest.mark.parametrize(("depth", "drawn"), [(5, 6), (40, 0)])
def test_headings_do_not_run_into_each_other(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, depth: int, drawn: int
) -> None:
    project = examples.load("moons")
    layers = (*(Layer(3, "tanh") for _ in range(depth)), Layer(2))
    lab = Lab(replace(project, network=NetworkSpec(2, layers, project.network.loss)))
    view = DiagramView(lab, Theme("dark"))
    view.resize(900, 520)
    written: list[str] = []
    monkeypatch.setattr(wiring, "write", lambda painter, box, how, text, *rest: written.append(text))
    picture = QImage(900, 520, QImage.Format.Format_RGB888)
    painter = QPainter(picture)
    for layer in range(1, depth + 2):
        wiring.draw_title(painter, view.scene(), layer)
    assert len(written) == drawn
    wiring.draw_title(painter, view.scene(), 2, hovered=True)
    assert written[drawn:] == ["Tanh"]
    painter.end()
    view.deleteLater()
    lab.close()
