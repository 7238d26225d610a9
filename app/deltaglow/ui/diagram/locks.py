"""Small locks on what training leaves as it is: layers, biases at their units, weights on their lines."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from deltaglow.model import freezing
from deltaglow.model.project import Project
from deltaglow.model.quantity import Quantity
from deltaglow.ui.diagram import wiring
from deltaglow.ui.diagram.scene import Scene
from deltaglow.ui.diagram.sprites import RIGHT, write

MOST = 200
"""Locks on the lines of one layer; more would cover them."""
ALONG = 0.26
"""How far along its line a lock stands: clear of the name and the value of one that is selected."""
_WEIGHTS = ("W", "dW", "W_after")
_BIASES = ("b", "db", "b_after", "a", "z", "delta")


def draw(painter: QPainter, scene: Scene) -> None:
    """Every lock, and in the last line what they mean."""
    found = list(_places(scene))
    for centre, size in found:
        _lock(painter, scene, centre, size)
    if found:
        top = scene.geometry.height - scene.geometry.foot_height + 26
        legend = QRectF(scene.geometry.width - 78, top, 60, 18)
        font = scene.theme.mono_font(10)
        write(painter, legend, RIGHT, "frozen", font, scene.theme.color("muted"))
        _lock(painter, scene, QPointF(legend.right() - 48, legend.center().y()), 4.5)


def describe(project: Project, quantity: Quantity) -> str:
    """What is frozen of a unit or a connection, in words; "" for nothing."""
    if not quantity.layer or quantity.kind not in _WEIGHTS + _BIASES:
        return ""
    layer = project.network.layers[quantity.layer - 1]
    if layer.frozen:
        return "The layer is frozen: training leaves its parameters as they are"
    weight = quantity.kind in _WEIGHTS
    if layer.part is not None or not freezing.is_frozen(layer, "W" if weight else "b", quantity.index):
        return ""
    return f"The {'weight' if weight else 'bias'} is frozen: training leaves it as it is"


def _places(scene: Scene) -> Iterator[tuple[QPointF, float]]:
    """Middle and half width of each lock."""
    geometry = scene.geometry
    for k, layer in enumerate(scene.project.network.layers, start=1):
        column = geometry.columns[k]
        if layer.frozen:
            box = wiring.title_box(scene, k)
            yield QPointF(max(box.left() + 6, column.x - 36), box.center().y()), 4.0
        if layer.frozen_b is not None and column.bar is None and geometry.detail:
            reach = 0.75 * column.radius
            for unit in np.flatnonzero(layer.frozen_b).tolist():
                yield column.centre(unit) + QPointF(reach, -reach), 4.5
        if layer.frozen_W is None or not layer.frozen_W.any():
            continue
        if geometry.collapsed(k):
            yield geometry.heat_map(k).topRight() + QPointF(-8, 9), 5.0
            continue
        start, stop = geometry.ends[k - 1]
        for j, i in np.argwhere(layer.frozen_W)[:MOST].tolist():
            middle = start[j, i] + ALONG * (stop[j, i] - start[j, i])
            yield QPointF(*middle.tolist()), 3.5


def _lock(painter: QPainter, scene: Scene, centre: QPointF, size: float) -> None:
    """A body and a bow, on a plate of the canvas."""
    ink = scene.theme.color("text")
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(scene.theme.color("canvas"))
    painter.drawEllipse(centre, 1.9 * size, 1.9 * size)
    painter.setPen(QPen(ink, 1.3))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    bow = QRectF(centre.x() - 0.6 * size, centre.y() - 1.3 * size, 1.2 * size, 1.8 * size)
    painter.drawArc(bow, 0, 180 * 16)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    painter.drawRoundedRect(QRectF(centre.x() - size, centre.y() - 0.4 * size, 2 * size, 1.5 * size), 1, 1)
