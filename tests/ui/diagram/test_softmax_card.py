"""What the card at the outputs writes has room in it."""

from __future__ import annotations

from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication
from tests.ui.conftest import OpenProject

from deltaglow.explain.numbers import MINUS
from deltaglow.model import examples
from deltaglow.model.quantity import Quantity, value
from deltaglow.ui.diagram import output_scale, softmax_card
from deltaglow.ui.diagram.softmax_card import losses
from deltaglow.ui.theme import Theme


def test_the_losses_are_told_in_as_many_words_as_there_is_room_for(qapp: QApplication) -> None:
    font = Theme("dark").mono_font(10)
    for words in ("L of the batch", "batch L", "batch"):
        text = f"{words} 0.0918 → 0.0876"
        width = QFontMetricsF(font).horizontalAdvance(text)
        assert losses("0.0918", "0.0876", True, font, width) == text
        assert len(losses("0.0918", "0.0876", True, font, width - 1)) < len(text) or words == "batch"
    assert losses("0.567", "0.514", False, font, 1000.0) == "L 0.567 → 0.514"
    assert losses("0.567", "", False, font, 1000.0) == "L 0.567 before the step"
    short = "batch L 1.10 before"
    assert losses("1.10", "", True, font, QFontMetricsF(font).horizontalAdvance(short)) == short


def test_the_loss_on_the_card_is_explained_as_the_sample_it_is_of(open_project: OpenProject) -> None:
    window = open_project(examples.load("iris"))
    scene = window.diagram.scene()
    head = softmax_card.hits(scene)[0][1]
    assert head == Quantity("loss", sample=scene.sample)
    assert value(head, scene.frame) == scene.frame.losses[scene.sample] != scene.frame.loss
    window.lab.open(examples.load("worked-example"))
    assert softmax_card.hits(window.diagram.scene())[0][1] == Quantity("loss")


def test_a_small_error_is_no_zero(open_project: OpenProject) -> None:
    scene = open_project(examples.load("iris")).diagram.scene()
    for roomy in (True, False):
        small = output_scale.number(scene, -9.1e-5, roomy)
        assert small.startswith(MINUS) and float(small.replace(MINUS, "-")) < 0.0
    assert output_scale.number(scene, -9.1e-5, True) == f"{MINUS}9.1e{MINUS}5"
    assert output_scale.number(scene, 0.0, True) == "0.000"
    assert output_scale.number(scene, 0.267, True) == "0.267"
