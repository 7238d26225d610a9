"""Phases opened into units and terms, by looking at pixels; and that they are reached without a mouse."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from tests.rendering.test_diagram import Picture, around, count, edge_point
from tests.rendering.test_layers import network

from deltaglow.explain.opening import DEPTHS
from deltaglow.model import examples
from deltaglow.model.project import Layer, NetworkSpec, Project
from deltaglow.session.lab import Lab
from deltaglow.ui.diagram import softmax_card
from deltaglow.ui.diagram.scale import GLOW_DECADES, beyond
from deltaglow.ui.theme import Theme


@pytest.fixture(params=["dark", "light"])
def picture(qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[Picture]:
    made = Picture(Lab(examples.load("worked-example")), Theme(request.param))
    yield made
    made.close()


def at(picture: Picture, depth: str, address: str) -> QImage:
    picture.lab.set_depth(depth)
    return picture.at(address)


def test_a_term_lights_its_own_connection_and_no_other(picture: Picture) -> None:
    own, other = (around(edge_point(picture, 2, 1, i, 0.6), 5) for i in (0, 1))
    image = at(picture, "term", "delta:1@0.3")  # w₈ δ₂ on its way to hidden unit 1
    assert picture.near(image, own, "negative", 110) > 10
    assert picture.near(image, other, "positive", 60) == 0
    later = at(picture, "term", "delta:1@0.8")  # w₁₀ δ₂ on its way to hidden unit 2
    assert picture.near(later, own, "negative", 60) == 0


def test_the_number_of_a_term_travels_towards_its_sum(picture: Picture) -> None:
    left = around(QPointF(edge_point(picture, 2, 0, 0, 0.12)), 12)
    early, late = (at(picture, "term", f"delta:1@{place}") for place in (0.03, 0.15))
    assert picture.near(late, left, "delta", 90) > picture.near(early, left, "delta", 90)


def test_a_unit_opened_shows_its_sum_while_it_grows(picture: Picture) -> None:
    view = picture.view
    column = view.scene().geometry.columns[1]
    texts = []
    for place in ("forward:1@0.05", "forward:1@0.17", "forward:1@0.3", "forward:1@0.5"):
        grabbed = at(picture, "term", place).copy(around(column.centre(0), 18).toRect())
        texts.append(grabbed)
    assert all(a != b for a, b in pairwise(texts))
    assert all(picture.near(text, QRectF(text.rect()), "forward", 160) > 15 for text in texts)


def test_units_come_one_after_the_other(picture: Picture) -> None:
    half = at(picture, "unit", "forward:1@0.5")
    known, unknown = (
        half.copy(around(picture.view.scene().geometry.columns[1].centre(j), 18).toRect()) for j in (0, 1)
    )
    text = picture.theme.color("text")
    assert (
        count(known, QRectF(known.rect()), text, 150) > 20 > count(unknown, QRectF(unknown.rect()), text, 60)
    )


def test_weights_slide_one_after_the_other_and_the_loss_after_is_shown(picture: Picture) -> None:
    lab, frame = picture.lab, picture.lab.frame
    lab.set_depth("term")
    lab.set_position(lab.phases.position("update@0.27"))
    weights = picture.view.scene().weights(1)
    moved = weights != frame.layers[0].W
    done = weights == frame.layers[0].W_after
    assert done[0].all() and not moved[1].any()
    assert np.array_equal(picture.view.scene().weights(2), frame.layers[1].W)
    foot = picture.view.scene().geometry.softmax
    line = QRectF(foot.left() + 6, foot.bottom() - 54, foot.width() - 12, 18)
    assert picture.near(picture.at("update"), line, "loss", 200) > 60


@pytest.mark.parametrize("depth", ["unit", "term"])
def test_what_an_output_costs_flies_from_its_row_into_the_loss(picture: Picture, depth: str) -> None:
    card = picture.view.scene().geometry.softmax
    rows = dict(softmax_card.rows(picture.view.scene()))
    plate = QRectF(card.left() + 8, rows[1].center().y() + 8, card.width() - 16, 20)
    leaving, arriving = (at(picture, depth, f"loss@{place}") for place in (0.40, 0.56))
    edge = card.right() - 10
    low, high = (QRectF(edge, rows[1].top() - 10, 10, 40), QRectF(edge, card.top() + 10, 10, 60))
    for here, gone, place in ((leaving, arriving, low), (arriving, leaving, high)):
        assert picture.near(here, plate, "loss", 200) > 60
        assert picture.near(here, place, "loss", 120) > picture.near(gone, place, "loss", 120)
    number = QRectF(card.right() - 62, rows[0].top(), 50, rows[0].height())
    assert leaving.copy(number.toRect()) == arriving.copy(number.toRect())  # nothing flies over another row
    loss = QRectF(card.right() - 70, card.top() + 8, 58, 20)
    before, after = (at(picture, depth, f"loss@{place}").copy(loss.toRect()) for place in (0.1, 0.33))
    assert before != after


def test_two_bars_beside_a_unit_show_what_came_back_and_how_much_it_listens(picture: Picture) -> None:
    def bars(image: QImage, token: str) -> int:
        centre, radius = picture.view.scene().geometry.columns[1].centre(0), 27
        area = QRectF(centre.x() - radius - 20, centre.y() - 24, 16, 48)
        return picture.near(image, area, token, 30)

    before, after = picture.at("delta:1@0.3"), picture.at("delta:1@0.8")
    assert bars(before, "forward") == 0 and bars(after, "forward") > 60 and bars(after, "delta") > 60
    picture.view.set_split(False)
    hidden = picture.at("delta:1@0.81")
    assert bars(hidden, "forward") == 0


def test_an_error_off_the_scale_says_by_how_much(qapp: QApplication) -> None:
    assert beyond(0.5, GLOW_DECADES) == "" and beyond(40.0, GLOW_DECADES) == "×40"
    assert beyond(1.7, GLOW_DECADES) == "×1.7" and beyond(float("inf"), GLOW_DECADES) == "∞"
    assert beyond(3e7, GLOW_DECADES) == "×3e7"
    project = examples.load("worked-example")
    spec = NetworkSpec(
        3, (Layer(2, W=np.full((2, 3), 0.1)), Layer(2, W=np.array([[-90.0, 1.0], [90.0, 2.0]])))
    )
    picture = Picture(Lab(Project(spec, project.data, project.training)), Theme("dark"))
    column = picture.view.scene().geometry.columns[1]
    over = QRectF(column.x - 60, 50, 120, column.places[0] - column.radius - 72)
    assert picture.near(picture.at("delta:1@0.1"), over, "delta", 90) == 0
    assert picture.near(picture.at("delta:1"), over, "delta", 90) > 60
    picture.close()


@pytest.mark.parametrize("width", [4, 40])
def test_every_depth_of_every_kind_of_layer_is_drawn(qapp: QApplication, width: int) -> None:
    picture = Picture(Lab(network(width)), Theme("light"), 900, 520)
    for depth in DEPTHS[1:]:
        for n in range(len(picture.lab.phases)):
            for alpha in (0.03, 0.52):
                picture.lab.set_depth(depth)
                picture.lab.set_position(n + alpha)
                assert not picture.view.grab().isNull()
    picture.close()


def test_what_is_under_way_is_told_to_who_cannot_see_it(picture: Picture) -> None:
    at(picture, "term", "delta:1@0.1")
    told = picture.view.accessibleDescription()
    assert "w₇ δ⁽²⁾₁ = 0.300·(−0.433) = −0.130 flies back to hidden unit 1" in told
    assert "Selected: loss" in told


def test_reduced_motion_shows_the_term_without_travel(picture: Picture) -> None:
    picture.view.still = True
    a, b = (at(picture, "term", f"delta:1@{place}") for place in (0.03, 0.15))
    assert a == b


def test_of_a_column_only_what_the_unit_under_way_hears_is_lit(qapp: QApplication) -> None:
    picture = Picture(Lab(examples.load("residual")), Theme("dark"), 900, 520)
    picture.lab.set_depth("unit")
    for address, before in (("forward:2@0.1", 1), ("forward:3@0.1", 2), ("delta:2@0.1", 3)):
        picture.lab.set_position(picture.lab.phases.position(address))
        strengths = picture.view.scene().strengths(before)
        assert strengths is not None and [strength == 1.0 for strength in strengths] == [True] + [False] * 5
    picture.lab.set_position(picture.lab.phases.position("forward:4@0.1"))
    assert set(picture.view.scene().strengths(3) or ()) == {1.0}
    picture.close()
