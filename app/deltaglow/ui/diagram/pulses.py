"""What moves: products travelling forward along the connections, δ travelling back along the same ones."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPixmap, QRadialGradient

from deltaglow.explain.numbers import show
from deltaglow.ui.diagram.geometry import Floats
from deltaglow.ui.diagram.scale import GLOW_DECADES, glow_radius, glow_step, off_scale
from deltaglow.ui.diagram.scene import Scene

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
            half = sprite.width() / ratio / 2
            x, y = places[edge].tolist()
            painter.drawPixmap(QPointF(x - half, y - half), sprite)
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


@lru_cache(maxsize=256)
def halo(rgb: int, inner: float, reach: float, ratio: float) -> QPixmap:
    """A ring of light around a disc of radius `inner`, fading out `reach` pixels further."""
    outer = inner + reach
    pixmap = QPixmap(round(2 * outer * ratio), round(2 * outer * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    fade = QRadialGradient(QPointF(outer, outer), outer)
    for at, alpha in ((inner / outer, 0.6), ((inner + 0.45 * reach) / outer, 0.2), (1.0, 0.0)):
        shade = QColor.fromRgb(rgb)
        shade.setAlphaF(alpha)
        fade.setColorAt(at, shade)
    with QPainter(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(fade))
        painter.drawEllipse(QPointF(outer, outer), outer, outer)
    return pixmap


@lru_cache(maxsize=256)
def glow(rgb: int, radius: float, ratio: float, hollow: bool = False) -> QPixmap:
    """A pulse. Forward ones are hollow rings, so that direction is not told by hue alone."""
    reach = radius * 1.9 + 1
    pixmap = QPixmap(round(2 * reach * ratio), round(2 * reach * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    color = QColor.fromRgb(rgb)
    with QPainter(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        centre = QPointF(reach, reach)
        painter.setPen(Qt.PenStyle.NoPen)
        fade = QRadialGradient(centre, reach)
        for at, alpha in ((0.0, 0.75), (0.35, 0.4), (0.7, 0.1), (1.0, 0.0)):
            shade = QColor(color)
            shade.setAlphaF(alpha * (0.4 if hollow else 1.0))
            fade.setColorAt(at, shade)
        painter.setBrush(QBrush(fade))
        painter.drawEllipse(centre, reach, reach)
        core = max(radius * 0.42, 1.6)
        if hollow:
            painter.setPen(QPen(color, 1.6))
            painter.setBrush(Qt.BrushStyle.NoBrush)
        else:
            painter.setBrush(color)
        painter.drawEllipse(centre, core, core)
    return pixmap
