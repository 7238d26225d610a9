"""The maps in the units, by looking at pixels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from deltaglow.model import examples
from deltaglow.model.project import Project
from deltaglow.session.lab import Lab
from deltaglow.ui.diagram import DiagramView
from deltaglow.ui.diagram.responses import strip
from deltaglow.ui.theme import Theme


class Picture:
    """A diagram with maps in its units, and the picture of it."""

    def __init__(self, project: Project, name: str) -> None:
        self.theme = Theme(name)
        self.lab = Lab(project)
        self.view = DiagramView(self.lab, self.theme)
        self.view.resize(760, 560)
        self.view.show_responses(True)

    def image(self) -> QImage:
        return self.view.grab().toImage()

    def probe(self, image: QImage, layer: int, unit: int, across: float, up: float) -> QColor:
        """The colour in a unit, so many radii to the right of its middle and above it."""
        column = self.view.scene().geometry.columns[layer]
        place = column.centre(unit) + QPointF(across, -up) * column.radius
        return image.pixelColor(place.toPoint())

    def tends(self, color: QColor) -> str:
        """Whether a colour is nearer to that of positive or of negative numbers, or to neither."""
        distances = {token: apart(color, self.theme.color(token)) for token in ("positive", "negative")}
        best = min(distances, key=lambda token: distances[token])
        return best if apart(color, self.theme.color("raised")) > 30 else "neither"

    def close(self) -> None:
        self.view.deleteLater()
        self.lab.close()


def apart(one: QColor, other: QColor) -> float:
    return float(np.abs(np.array(one.getRgb()) - np.array(other.getRgb())).sum())


def first_unit(w: list[float], b: float) -> Project:
    """@moons with a first unit of known weights."""
    project = examples.open_project("@moons")
    units = project.network.sizes[1]
    W, bias = np.zeros((units, 2)), np.zeros(units)
    W[0], bias[0] = w, b
    first = replace(project.network.layers[0], W=W, b=bias)
    layers = (first, *project.network.layers[1:])
    return replace(project, network=replace(project.network, layers=layers))


@pytest.fixture(params=["dark", "light"])
def picture(qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[Picture]:
    del qapp
    made = Picture(first_unit([40.0, 0.0], 0.0), request.param)
    yield made
    made.close()


def test_a_map_has_the_sign_of_the_activation_at_each_place(picture: Picture) -> None:
    image = picture.image()
    assert picture.tends(picture.probe(image, 1, 0, -0.6, 0.3)) == "negative"
    assert picture.tends(picture.probe(image, 1, 0, 0.6, 0.3)) == "positive"
    assert picture.tends(picture.probe(image, 1, 1, 0.6, 0.3)) == "neither", "its weights are zero"
    assert picture.tends(picture.probe(image, 0, 1, 0.0, 0.75)) == "positive", "x₂ is large at the top"
    assert picture.tends(picture.probe(image, 0, 0, -0.75, 0.0)) == "negative", "x₁ is small at the left"


def test_maps_come_and_go_with_the_switch(picture: Picture) -> None:
    with_maps = picture.image()
    picture.view.show_responses(False)
    without = picture.image()
    assert picture.tends(picture.probe(without, 1, 0, -0.6, 0.3)) == picture.tends(
        picture.probe(without, 1, 0, 0.6, 0.3)
    )
    picture.view.show_responses(True)
    assert picture.image() == with_maps


def test_maps_follow_the_step_that_is_shown(picture: Picture) -> None:
    lab = picture.lab
    before = picture.image()
    for _ in range(40):
        lab.next_step()
    picture.image()
    late = picture.view.responses.maps
    lab.show_step(0)
    assert picture.image() == before
    lab.show_step(39, lab.phases.end)
    picture.image()
    again = picture.view.responses.maps
    assert late is not None and again is not None and late is not again
    for one, other in zip(late.strips, again.strips, strict=True):
        assert one is not None and other is not None and one.toImage() == other.toImage()


def test_the_value_is_readable_on_its_map(picture: Picture) -> None:
    """In the rim around the figure is the ground that the figure's colour was chosen for."""
    lab = picture.lab
    lab.set_position(lab.phases.end)
    image = picture.image()
    column = picture.view.scene().geometry.columns[1]
    box = QRectF(column.x - 14, column.places[0] + 0.4 * column.radius, 28, 0.6 * column.radius)
    text, ground = picture.theme.color("text"), picture.theme.color("raised")
    colours = [
        image.pixelColor(x, y)
        for x in range(int(box.left()), int(box.right()))
        for y in range(int(box.top()), int(box.bottom()))
    ]
    assert sum(apart(color, text) < 90 for color in colours) > 8
    assert sum(apart(color, ground) < 60 for color in colours) > 40


@pytest.mark.parametrize("name", ["dark", "light"])
def test_of_one_feature_a_map_is_a_curve(qapp: QApplication, name: str) -> None:
    del qapp
    theme = Theme(name)
    rising = np.broadcast_to(np.linspace(-1.0, 1.0, 20), (1, 20, 20))
    image = strip(theme, rising, 40, single=True).toImage()
    up, down = theme.color("positive"), theme.color("negative")

    def near(x: int, y: int, color: QColor) -> bool:
        return apart(image.pixelColor(x, y), color) < 110

    assert near(33, 15, up) and not near(33, 25, up), "above zero, up to the curve"
    assert near(6, 24, down) and not near(6, 15, down)
    assert image.pixelColor(0, 0).alpha() == 0


def test_numbers_that_are_not_finite_are_drawn(qapp: QApplication) -> None:
    del qapp
    broken = np.full((2, 20, 20), np.nan)
    broken[1] = -np.inf
    theme = Theme("dark")
    image = strip(theme, broken, 30).toImage()
    assert apart(image.pixelColor(15, 15), theme.color("raised")) < 12
    assert apart(image.pixelColor(15, 45), theme.color("negative")) < 120


def test_where_units_are_too_small_the_reason_is_told(qapp: QApplication) -> None:
    del qapp
    picture = Picture(examples.open_project("@digits"), "dark")
    picture.view.resize(520, 380)
    assert picture.view.responses.why_not(picture.view.scene().geometry).startswith("The units are too small")
    picture.image()
    picture.close()
