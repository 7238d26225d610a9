"""What moves: products travelling forward along the connections, δ travelling back along the same ones."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from deltaglow.explain.numbers import show
from deltaglow.ui.diagram.geometry import Floats
from deltaglow.ui.diagram.scale import GLOW_DECADES, glow_radius, glow_step, off_scale
from deltaglow.ui.diagram.scene import Scene
from deltaglow.ui.diagram.sprites import glow, place

MOST = 160
"""Pulses drawn at once; where there are more, the largest are."""
LABELLED = 9
"""Pulses up to which each carries its number."""


def draw(painter: QPainter, scene: Scene) -> None:
    """The pulses of the phase under way, if it has any."""
    if scene.forward_layer is not None:
        layer = scene.forward_layer
        products = scene.weights(layer) * scene.activations(layer - 1)
        _draw(painter, scene, layer, products, backward=False)
    elif scene.back_layer is not None:
        layer = scene.back_layer + 1
        products = scene.trace(layer).W * scene.trace(layer).delta[scene.sample][:, None]
        _draw(painter, scene, layer, products, backward=True)


def _draw(painter: QPainter, scene: Scene, layer: int, products: Floats, backward: bool) -> None:
    if scene.geometry.collapsed(layer):
        return
    start, stop = (ends.reshape(-1, 2) for ends in scene.geometry.ends[layer - 1])
    if backward:
        start, stop = stop, start
    flat = products.ravel()
    order = np.argsort(-np.abs(np.nan_to_num(flat, nan=np.inf)), kind="stable")[:MOST]
    t = 0.06 + 0.86 * scene.travel
    places = start + (stop - start) * t
    token = "delta" if backward else "forward"
    ratio, fine, rgb = painter.device().devicePixelRatioF(), scene.geometry.fineness, scene.color(token).rgb()
    for edge in order[::-1].tolist():
        step = glow_step(float(flat[edge]))
        if step >= 0:
            sprite = glow(rgb, glow_radius(step) * fine, ratio, hollow=not backward)
            place(painter, QPointF(*places[edge].tolist()), sprite)
    if len(flat) <= LABELLED and scene.geometry.detail >= 2:
        # Labels wait half-way, where the lines are apart, and do not crowd the units at either end.
        rest = (
            start + (stop - start) * _label_place(len(scene.geometry.columns[layer].ys), len(flat))[:, None]
        )
        for value, (x, y) in zip(flat.tolist(), rest.tolist(), strict=True):
            _label(painter, scene, value, QPointF(x, y), token)


def _label_place(units: int, edges: int) -> Floats:
    """How far along each line its label stands: staggered, so that labels of crossing lines stay apart."""
    inputs = edges // units
    j, i = np.divmod(np.arange(edges), inputs)
    return 0.36 + 0.26 * ((i + j) % 2) + 0.04 * (j % 2)


def _label(painter: QPainter, scene: Scene, value: float, at: QPointF, token: str) -> None:
    text = show(value, 3).text
    text = text if text.startswith("−") else f"+{text}"
    if off_scale(value, GLOW_DECADES):
        text += "!"
    painter.setFont(scene.theme.mono_font(11))
    box = QRectF(at.x() - 30, at.y() - 8, 60, 16)
    bounds = painter.boundingRect(box, Qt.AlignmentFlag.AlignCenter, text).adjusted(-3, 0, 3, 0)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(scene.color("canvas"))
    painter.drawRoundedRect(bounds, 4, 4)
    painter.setPen(scene.theme.text_color(token))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
