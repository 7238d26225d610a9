"""The card of the outputs and the norms under the columns: kept as pictures as long as they stay the same."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap

from deltaglow.ui.diagram import foot, softmax_card
from deltaglow.ui.diagram.scene import Scene

AROUND = 3.0
"""Pixels by which the lines around the card reach over it."""


@dataclass
class _Kept:
    """A part of the readings."""

    draw: Callable[[QPainter, Scene], None]
    moment: Callable[[Scene], Hashable]
    """What it shows of the position: two scenes of one frame that agree in it look alike."""
    key: Hashable = None
    picture: QPixmap | None = None


class Readings:
    """While one drags, points at things or selects, and while something else moves, the numbers stay: drawing
    them anew would take as long as all the rest. While the network trains they are never the same twice, and
    are only drawn.
    """

    def __init__(self) -> None:
        self._card = _Kept(softmax_card.draw, softmax_card.moment)
        self._foot = _Kept(foot.draw, foot.moment)

    parts = (softmax_card.draw, foot.draw)
    """What draws them anew, one after the other."""

    def draw(self, painter: QPainter, scene: Scene) -> None:
        """Over the network."""
        geometry = scene.geometry
        card = geometry.softmax.adjusted(-AROUND, -AROUND, AROUND, AROUND)
        top = geometry.height - geometry.foot_height
        _draw(painter, scene, self._card, card)
        _draw(painter, scene, self._foot, QRectF(0.0, top, geometry.width, geometry.foot_height))

    def forget(self) -> None:
        """Colours or letters are others."""
        self._card.key = self._foot.key = None


def _draw(painter: QPainter, scene: Scene, kept: _Kept, area: QRectF) -> None:
    ratio = painter.device().devicePixelRatioF()
    whole: QRect = area.toAlignedRect()
    key = (scene.frame, scene.opening, kept.moment(scene), scene.sample, scene.still, scene.geometry, ratio)
    if kept.picture is None or kept.key != key:
        if kept.picture is None or kept.picture.size() != whole.size() * ratio:
            kept.picture = QPixmap(whole.size() * ratio)
            kept.picture.setDevicePixelRatio(ratio)
        kept.picture.fill(Qt.GlobalColor.transparent)
        with QPainter(kept.picture) as into:
            into.setRenderHint(QPainter.RenderHint.Antialiasing)
            into.translate(-whole.x(), -whole.y())
            kept.draw(into, scene)
        kept.key = key
    painter.drawPixmap(whole.topLeft(), kept.picture)
