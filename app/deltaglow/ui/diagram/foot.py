"""Under the columns: each layer's gradient norm on a fixed log scale, and the legends of all scales."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from deltaglow.explain.numbers import show
from deltaglow.model.quantity import Quantity
from deltaglow.model.sizes import gradient_norm
from deltaglow.ui.diagram import split
from deltaglow.ui.diagram.nodes import Hit
from deltaglow.ui.diagram.scale import (
    NORM_DECADES,
    WIDTHS,
    beyond,
    glow_radius,
    glow_step,
    norm_part,
    smooth,
    width_index,
)
from deltaglow.ui.diagram.scene import Scene
from deltaglow.ui.diagram.sprites import CENTRE, LEFT, glow, place, write

ROOMY, NAMED, UNNAMED, TERSE = 200.0, 110.0, 56.0, 26.0
"""Pixels between two columns from which a norm is written in full, with its layer, alone, or shortened."""
SAID = 80.0
"""Pixels of a track in which there is room to say that a norm is below the scale."""
HINT = 250.0
"""Pixels at the right that the editor's hint takes."""
LEGEND_WEIGHTS = (-0.5, 0.0, 0.5)
LEGEND_GLOWS = (1e-6, 1e-4, 1e-2, 1.0)


def backdrop_key(scene: Scene) -> Hashable:
    """Two scenes with the same key have the same backdrop."""
    geometry = scene.geometry
    tracks = tuple(geometry.strip(k).getRect() for k in range(1, scene.phases.depth + 1) if geometry.shows(k))
    names = None if scene.maps is None else scene.maps.names
    return (geometry.width, geometry.height, geometry.fineness, tracks, scene.split, names, scene.theme.name)


def draw_backdrop(painter: QPainter, scene: Scene) -> None:
    """What does not change with the numbers: titles, tracks and legends."""
    geometry, theme = scene.geometry, scene.theme
    top = geometry.height - geometry.foot_height
    painter.setPen(QPen(theme.color("hairline"), 1))
    painter.drawLine(QLineF(18, top, geometry.width - 18, top))
    painter.setFont(theme.ui_font(11))
    painter.setPen(theme.color("muted"))
    low, high = (f"1e{int(decade)}" for decade in NORM_DECADES)
    title = f"‖∂L/∂W‖ per layer, log scale {low} … {high}".replace("-", "−")
    painter.drawText(QRectF(18, top + 4, geometry.width - 36, 18), LEFT, title)
    if scene.maps is not None:
        x = 18 + painter.fontMetrics().horizontalAdvance(title) + 24.0
        room = geometry.width - HINT - x
        words = scene.maps.legend()
        told = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(room))
        painter.drawText(QRectF(x, top + 4, room, 18), LEFT, told)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("track"))
    for layer in filter(geometry.shows, range(1, scene.phases.depth + 1)):
        painter.drawRoundedRect(geometry.strip(layer), 3, 3)
    _draw_legends(painter, scene, geometry.height - 27)


def moment(scene: Scene) -> Hashable:
    """What of the position the norms depend on."""
    q = scene.selected
    return scene.known("dW"), scene.alpha("gradients"), q.layer if q.kind == "gradient_norm" else None


def draw(painter: QPainter, scene: Scene) -> None:
    """Each layer's norm, as far as it is known."""
    known = scene.known("dW")
    for layer in filter(scene.geometry.shows, range(1, scene.phases.depth + 1)):
        _draw_norm(painter, scene, layer, known)


def hits(scene: Scene) -> list[Hit]:
    """Where a press on a norm leads: to how it is made."""
    layers = filter(scene.geometry.shows, range(1, scene.phases.depth + 1))
    return [(_norm_box(scene, layer), Quantity("gradient_norm", layer)) for layer in layers]


def _norm_box(scene: Scene, layer: int) -> QRectF:
    return scene.geometry.strip(layer).adjusted(0, -3, 0, 18)


def draw_filled(painter: QPainter, scene: Scene, layer: int, norm: float) -> None:
    """As much of a layer's track as its norm reaches, or that it does not reach it."""
    theme, track = scene.theme, scene.geometry.strip(layer)
    grown = 1.0 if scene.still else smooth(scene.alpha("gradients"))
    part = norm_part(norm) * grown
    if part > 0:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.layer_color(layer, scene.phases.depth))
        filled = QRectF(track)
        filled.setWidth(track.width() * part)
        painter.drawRoundedRect(filled, 3, 3)
    elif 0.0 < norm < 10.0 ** NORM_DECADES[0] and grown > 0.0:
        words = "below the scale" if track.width() >= SAID else "below"
        write(painter, track, CENTRE, words, theme.ui_font(9), theme.color("muted"), scene.running)


def _draw_norm(painter: QPainter, scene: Scene, layer: int, known: bool) -> None:
    theme, track = scene.theme, scene.geometry.strip(layer)
    if scene.selected == Quantity("gradient_norm", layer):
        painter.setPen(QPen(theme.color("delta"), 1, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(_norm_box(scene, layer).adjusted(-4, 0, 4, 1), 4, 4)
    text = "·"
    if known:
        norm = gradient_norm(scene.trace(layer))
        draw_filled(painter, scene, layer, norm)
        text = _reading(norm, scene.geometry.gap)
    gap = scene.geometry.gap
    box = QRectF(track.center().x() - 80, track.bottom() + 2, 160, 16)
    if gap >= NAMED:
        text = f"layer {layer}  {text}"
    elif not known:
        text = f"layer {layer}" if gap >= UNNAMED else str(layer)
    if gap >= TERSE:
        font = theme.mono_font(11 if gap >= UNNAMED else 9)
        if known and gap < NAMED:
            for size in (11, 9):
                smaller = theme.mono_font(size)
                if QFontMetricsF(smaller).horizontalAdvance(f"{layer}: {text}") <= gap - 2.0:
                    text, font = f"{layer}: {text}", smaller
                    break
        color = theme.color("text" if known else "muted")
        write(painter, box, CENTRE, text, font, color, scene.running)


def _reading(norm: float, gap: float) -> str:
    """A norm in the room there is under a track, and whether it is beyond the scale."""
    times = beyond(norm, NORM_DECADES)
    text = show(norm, 3 if gap >= UNNAMED else 1).text
    if not times:
        return text
    if gap < NAMED:
        return f"{text}!"
    return f"{text}  {times} off the scale" if gap >= ROOMY else f"{text} {times}"


def _draw_legends(painter: QPainter, scene: Scene, y: float) -> None:
    theme, fine = scene.theme, scene.geometry.fineness
    x = 18.0
    painter.setFont(theme.mono_font(10))
    x = _label(painter, scene, "w", x, y, "text")
    for weight in LEGEND_WEIGHTS:
        size = WIDTHS[int(width_index(np.array([weight]))[0])]
        pen = QPen(scene.signed(weight), size, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap)
        if weight < 0:
            pen.setDashPattern([5 / size, 3 / size])
        painter.setPen(pen)
        painter.drawLine(QLineF(x, y, x + 26, y))
        name = f"{weight:+.1f}".replace("-", "−") if weight else "0"
        x = _label(painter, scene, name, x + 31, y, "muted") + 4
    x += 16
    x = _label(painter, scene, "δ", x, y, "delta_text")
    ratio = painter.device().devicePixelRatioF()
    for value in LEGEND_GLOWS:
        step = glow_step(value)
        sprite = glow(scene.color("delta").rgb(), glow_radius(step) * fine, ratio)
        x += glow_radius(step) * fine + 2
        place(painter, QPointF(x, y), sprite)
        name = "1" if value == 1.0 else f"1e−{abs(int(np.log10(value)))}"
        x = _label(painter, scene, name, x + glow_radius(step) * fine + 5, y, "muted") + 2
    x += 16
    x = _label(painter, scene, "signal", x, y, "forward_text")
    sprite = glow(scene.color("forward").rgb(), glow_radius(glow_step(1e-2)) * fine, ratio, hollow=True)
    place(painter, QPointF(x + 8, y), sprite)
    if scene.split:
        _draw_split_legend(painter, scene, x + 30, y)


def _draw_split_legend(painter: QPainter, scene: Scene, x: float, y: float) -> None:
    """What the two bars beside a unit stand for, if there is room to say so."""
    painter.setFont(scene.theme.mono_font(10))
    width = painter.fontMetrics().horizontalAdvance
    for back, listens in (("came back", "listens φ′"), ("back", "φ′")):
        if x + 24 + width(back) + width(listens) <= scene.geometry.width - 8:
            split.draw_sample(painter, scene, x, y)
            x = _label(painter, scene, back, x + 16, y, "delta_text")
            _label(painter, scene, listens, x, y, "forward_text")
            return


def _label(painter: QPainter, scene: Scene, text: str, x: float, y: float, token: str) -> float:
    """Write a legend's text; gives where the next thing may begin."""
    painter.setPen(scene.theme.color(token))
    width = painter.fontMetrics().horizontalAdvance(text)
    painter.drawText(QRectF(x, y - 9, width + 2, 18), LEFT, text)
    return x + width + 6
