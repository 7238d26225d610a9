"""What is drawn, by looking at pixels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from deltaglow.model import examples
from deltaglow.model.project import BuiltinData, Layer, NetworkSpec, Optimizer, Project, Training
from deltaglow.model.quantity import Quantity
from deltaglow.session.lab import Lab
from deltaglow.ui.diagram import DiagramView
from deltaglow.ui.diagram.scale import norm_part
from deltaglow.ui.theme import Theme


class Picture:
    """A diagram and the picture of it."""

    def __init__(self, lab: Lab, theme: Theme, width: int = 660, height: int = 492) -> None:
        self.lab, self.theme = lab, theme
        self.view = DiagramView(lab, theme)
        self.view.resize(width, height)
        lab.select(Quantity("loss"))

    def at(self, address: str) -> QImage:
        self.lab.set_position(self.lab.phases.position(address))
        return self.view.grab().toImage()

    def close(self) -> None:
        self.view.deleteLater()
        self.lab.close()

    def near(self, image: QImage, area: QRectF, token: str, within: int = 60) -> int:
        """How many pixels of an area have about the colour of a token."""
        return count(image, area, self.theme.color(token), within)


def count(image: QImage, area: QRectF, color: QColor, within: int) -> int:
    rows = range(max(int(area.top()), 0), min(int(area.bottom()), image.height()))
    columns = range(max(int(area.left()), 0), min(int(area.right()), image.width()))
    found = 0
    for y in rows:
        for x in columns:
            pixel = image.pixelColor(x, y)
            distance = (
                abs(pixel.red() - color.red())
                + abs(pixel.green() - color.green())
                + abs(pixel.blue() - color.blue())
            )
            found += distance <= within
    return found


def around(point: QPointF, reach: float) -> QRectF:
    return QRectF(point.x() - reach, point.y() - reach, 2 * reach, 2 * reach)


@pytest.fixture(params=["dark", "light"])
def picture(qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[Picture]:
    lab = Lab(examples.load("worked-example"))
    made = Picture(lab, Theme(request.param))
    yield made
    made.close()


def edge_point(picture: Picture, layer: int, j: int, i: int, t: float) -> QPointF:
    start, stop = picture.view.scene().geometry.ends[layer - 1]
    return QPointF(*(start[j, i] + t * (stop[j, i] - start[j, i])).tolist())


def test_delta_pulses_travel_from_the_output_to_the_hidden_layer(picture: Picture) -> None:
    early, late = picture.at("delta:1@0.12"), picture.at("delta:1@0.48")
    near_output = around(edge_point(picture, 2, 0, 0, 0.85), 9)
    near_hidden = around(edge_point(picture, 2, 0, 0, 0.16), 9)
    assert picture.near(early, near_output, "delta") > picture.near(late, near_output, "delta")
    assert picture.near(late, near_hidden, "delta") > picture.near(early, near_hidden, "delta")


def test_forward_pulses_travel_the_other_way_in_the_other_hue(picture: Picture) -> None:
    early, late = picture.at("forward:1@0.12"), picture.at("forward:1@0.45")
    near_input = around(edge_point(picture, 1, 0, 0, 0.15), 10)
    near_hidden = around(edge_point(picture, 1, 0, 0, 0.85), 10)
    assert picture.near(early, near_input, "forward") > picture.near(late, near_input, "forward")
    assert picture.near(late, near_hidden, "forward") > picture.near(early, near_hidden, "forward")
    assert picture.near(late, near_hidden, "delta") == 0


def test_a_connection_has_the_colour_of_its_sign(picture: Picture) -> None:
    image = picture.at("update")
    positive = around(edge_point(picture, 1, 0, 0, 0.25), 5)  # w1 = +0.2
    negative = around(edge_point(picture, 1, 1, 0, 0.25), 5)  # w4 = −0.5
    assert picture.near(image, positive, "positive", 110) > picture.near(image, positive, "negative", 110)
    assert picture.near(image, negative, "negative", 110) > picture.near(image, negative, "positive", 110)


def test_what_is_not_active_is_dimmed(picture: Picture) -> None:
    lit, dim = picture.at("update"), picture.at("delta:1")
    place = around(edge_point(picture, 1, 0, 0, 0.25), 5)
    assert picture.near(lit, place, "positive", 110) > picture.near(dim, place, "positive", 110)


def test_probabilities_appear_with_the_softmax_and_delta_after_it(picture: Picture) -> None:
    card = picture.view.scene().geometry.softmax.adjusted(14, 40, -70, -60)
    before, softmax, delta = picture.at("forward:2"), picture.at("softmax"), picture.at("delta:2")
    assert picture.near(before, card, "y_hat") == 0
    assert picture.near(softmax, card, "y_hat") > 200
    assert picture.near(softmax, card, "delta") == 0
    assert picture.near(delta, card, "delta") > 50


def test_the_strip_fills_when_the_gradients_are_known(picture: Picture) -> None:
    scene = picture.view.scene()
    track = scene.geometry.strip(1)
    layer = picture.theme.layer_color(1, 2)
    assert count(picture.at("delta:1"), track, layer, 30) == 0
    filled = count(picture.at("gradients"), track, layer, 30)
    part = norm_part(float(np.linalg.norm(scene.frame.layers[0].dW)))
    assert filled == pytest.approx(track.width() * track.height() * part, rel=0.15)


def test_the_norm_strip_does_not_renormalise() -> None:
    assert norm_part(1e-3) == pytest.approx(3 / 7)
    assert norm_part(0.0) == 0.0 and norm_part(1e-9) == 0.0
    assert norm_part(1e4) == 1.0 and norm_part(float("nan")) == 1.0


def test_a_vanishing_delta_is_drawn_smaller_through_the_layers(qapp: QApplication) -> None:
    deep = NetworkSpec(2, (*(Layer(3, "sigmoid", "small_normal") for _ in range(4)), Layer(2)))
    project = Project(deep, BuiltinData("xor", 8, 0.1), Training(Optimizer(), 4))
    lab = Lab(project)
    picture = Picture(lab, Theme("dark"), 900, 492)
    image = picture.at("update")
    columns = picture.view.scene().geometry.columns
    glow = [
        sum(
            image.pixelColor(round(column.x + column.radius + 5), round(y)).red()
            for y in column.ys.tolist()
        ) / len(column.ys)
        for column in columns[1:]
    ]  # fmt: skip
    picture.close()
    assert glow[0] < glow[-1]


@pytest.mark.parametrize(("width", "height"), [(520, 380), (660, 492), (1150, 740)])
@pytest.mark.parametrize(
    "sizes", [(3, 2, 2), (2, 8, 8, 3), (1, 1, 2), (4, 40, 10), (784, 64, 10), (5, 5, 5, 5, 5, 5)]
)
def test_any_network_fits_in_any_size(
    qapp: QApplication, sizes: tuple[int, ...], width: int, height: int
) -> None:
    from deltaglow.model.project import InlineData

    rng = np.random.default_rng(0)
    data = InlineData(rng.normal(size=(4, sizes[0])), np.eye(sizes[-1])[rng.integers(0, sizes[-1], 4)])
    layers = tuple(Layer(n, "tanh") for n in sizes[1:])
    lab = Lab(Project(NetworkSpec(sizes[0], layers), data, Training(Optimizer(), 2)))
    picture = Picture(lab, Theme("dark"), width, height)
    for address in ("start", "forward:1@0.5", "softmax@0.5", "delta:1@0.5", "update@0.5", "update"):
        assert not picture.at(address).isNull()
    scene = picture.view.scene()
    inside = QRectF(0, scene.geometry.caption_height, width, height - scene.geometry.caption_height)
    for column in scene.geometry.columns:
        for unit in (0, column.units - 1):
            assert inside.contains(column.centre(unit))
            found = scene.geometry.unit_at(column.centre(unit))
            assert found is not None and found[0] == column.layer
    assert inside.contains(scene.geometry.softmax)
    picture.close()


@pytest.mark.parametrize("bias", [0.3, 3.0, 6.0, 8.8, 9.3, 12.0])
def test_the_sum_of_the_errors_stays_inside_its_card(qapp: QApplication, bias: float) -> None:
    project = examples.load("worked-example")
    hidden, out = project.network.layers
    layers = (hidden, replace(out, b=np.array([bias, 0.0])))
    lab = Lab(replace(project, network=replace(project.network, layers=layers)))
    picture = Picture(lab, Theme("dark"), 646)
    image, card = picture.at("delta:2"), picture.view.scene().geometry.softmax
    text = QRectF(card.left() + 6, card.bottom() - 20, card.width() - 12, 16)
    assert picture.near(image, text, "delta", 200) > 30
    for margin in (text.left() - 4, text.right()):
        assert picture.near(image, QRectF(margin, text.top(), 4, 14), "delta", 200) == 0
    picture.close()


def test_the_sum_of_the_losses_stays_inside_its_card(qapp: QApplication) -> None:
    project = examples.load("gates")
    hidden, out = project.network.layers
    layers = (hidden, replace(out, W=np.zeros((3, 4)), b=np.array([-8.3, -12.32, -6.972])))
    lab = Lab(replace(project, network=replace(project.network, layers=layers)))
    picture = Picture(lab, Theme("dark"), 1106, 740)
    image, card = picture.at("update"), picture.view.scene().geometry.softmax
    text = QRectF(card.left() + 6, card.bottom() - 32, card.width() - 12, 16)
    assert picture.near(image, text, "loss", 200) > 30
    for margin in (text.left() - 4, text.right()):
        assert picture.near(image, QRectF(margin, text.top(), 4, 14), "loss", 200) == 0
    picture.close()


def test_a_frame_that_is_not_finite_is_drawn_too(qapp: QApplication) -> None:
    project = examples.load("worked-example")
    first = replace(project.network.layers[0], activation="identity", W=np.full((2, 3), 1e308))
    lab = Lab(replace(project, network=replace(project.network, layers=(first, *project.network.layers[1:]))))
    picture = Picture(lab, Theme("light"))
    for address in ("forward:1@0.5", "forward:2", "softmax", "delta:1@0.4", "gradients", "update@0.5"):
        assert not picture.at(address).isNull()
    picture.close()


def test_reduced_motion_shows_the_same_numbers_without_travel(picture: Picture) -> None:
    picture.view.still = True
    a, b = picture.at("delta:1@0.1"), picture.at("delta:1@0.5")
    assert a == b


@pytest.mark.parametrize(
    ("before", "after", "token"), [("softmax@0.4", "loss", "y_hat"), ("delta:2@0.4", "delta:1", "delta")]
)
def test_with_reduced_motion_a_bar_comes_with_its_number(
    picture: Picture, before: str, after: str, token: str
) -> None:
    picture.view.still = True
    card = picture.view.scene().geometry.softmax.adjusted(4, 24, -4, -60)
    assert picture.near(picture.at(before), card, token, 40) == 0
    assert picture.near(picture.at(after), card, token, 40) > 100
