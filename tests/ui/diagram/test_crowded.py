"""Where lines are too many to be followed, those of the unit chosen stand out."""

from __future__ import annotations

from PySide6.QtGui import QImage, QPainter
from tests.ui.conftest import OpenProject

from deltaglow.model import examples
from deltaglow.model.quantity import Quantity
from deltaglow.ui.diagram import alone, foot
from deltaglow.ui.main_window import MainWindow

CROWDED = 2
"""The layer of the digits' network that is drawn as 320 lines."""


def seen(window: MainWindow, unit: int) -> QImage:
    """The lines with a hidden unit chosen."""
    window.lab.select(Quantity("a", 1, (unit,)))
    return window.diagram.grab().toImage()


def test_the_lines_of_the_unit_chosen_are_there_to_be_seen(open_project: OpenProject) -> None:
    window = open_project(examples.load("digits"))
    first, last = seen(window, 0), seen(window, 31)
    scene = window.diagram.scene()
    assert scene.geometry.crowded(CROWDED) and alone.stands_out(scene, CROWDED)
    assert not alone.stands_out(scene, 1), "a heat map has a fan"
    before, after = scene.geometry.columns[CROWDED - 1 : CROWDED + 1]
    ratio = first.devicePixelRatio()

    def strong(picture: QImage, top: int, bottom: int) -> int:
        """Pixels of nearly the full colour of a weight, near the column that the lines come from."""
        full = [scene.color(token) for token in ("positive", "negative")]
        counted = 0
        for x in range(int((before.x + 12) * ratio), int((before.x + (after.x - before.x) / 3) * ratio)):
            for y in range(int(top * ratio), int(bottom * ratio)):
                color = picture.pixelColor(x, y)
                counted += any(
                    abs(color.red() - c.red()) + abs(color.green() - c.green()) + abs(color.blue() - c.blue())
                    < 24
                    for c in full
                )
        return counted

    top, middle, bottom = int(before.ys[0]), int(before.ys[15]), int(before.ys[31])
    assert strong(first, top, middle) > 3 * strong(first, middle, bottom)
    assert strong(last, middle, bottom) > 3 * strong(last, top, middle)


def test_a_layer_with_few_lines_is_drawn_as_ever(open_project: OpenProject) -> None:
    scene = open_project(examples.load("worked-example")).diagram.scene()
    assert not any(alone.stands_out(scene, k) for k in (1, 2))


def test_a_norm_below_the_scale_says_so(open_project: OpenProject) -> None:
    window = open_project(examples.load("naive-softmax"))
    window.lab.set_position(window.lab.phases.end)
    scene = window.diagram.scene()
    track = scene.geometry.strip(1).toAlignedRect()

    def drawn(norm: float) -> QImage:
        image = QImage(track.size(), QImage.Format.Format_RGB32)
        image.fill(scene.theme.color("track"))
        with QPainter(image) as painter:
            painter.translate(-track.x(), -track.y())
            foot.draw_filled(painter, scene, 1, norm)
        return image

    empty = drawn(0.0)
    assert drawn(1e-9) != empty and drawn(1e-2) != empty
    plain = {empty.pixel(x, y) for x in range(empty.width()) for y in range(empty.height())}
    assert len(plain) == 1, "nothing is said of a norm of zero"
