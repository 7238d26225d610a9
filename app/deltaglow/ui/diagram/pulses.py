"""What moves: products travelling forward along the connections, δ travelling back along the same ones."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from deltaglow.explain.numbers import show
from deltaglow.ui.diagram import wiring
from deltaglow.ui.diagram.geometry import Floats, Geometry
from deltaglow.ui.diagram.nodes import signed
from deltaglow.ui.diagram.scale import GLOW_DECADES, glow_radius, glow_step, off_scale
from deltaglow.ui.diagram.scene import Scene
from deltaglow.ui.diagram.sprites import glow, place

MOST = 160
"""Pulses drawn at once; where there are more, the largest are."""
LABELLED = 9
"""Pulses up to which each carries its number."""
PLACES = np.linspace(0.2, 0.8, 25)
"""How far along its line a number may stand."""
LABEL_ROOM = np.array([60.0, 20.0])
"""Width and height, in pixels, that a number keeps to itself."""
NOTE_WIDTH = 64.0
"""Pixels that the lines written under a unit take."""
SWEEPS = 6


def draw(painter: QPainter, scene: Scene) -> None:
    """The pulses of the phase under way, if it has any."""
    if scene.forward_layer is not None:
        layer = scene.forward_layer
        if not scene.geometry.collapsed(layer):
            _draw(painter, scene, layer, wiring.products(scene, layer), backward=False)
        _draw_around(painter, scene, layer, backward=False)
    elif scene.back_layer is not None:
        layer = scene.back_layer + 1
        if not scene.geometry.collapsed(layer):
            _draw(painter, scene, layer, wiring.returns(scene, layer), backward=True)
        for source, m in wiring.arcs(scene.frame.architecture):
            if source == scene.back_layer:
                _draw_around(painter, scene, m, backward=True)


def _draw(painter: QPainter, scene: Scene, layer: int, products: Floats, backward: bool) -> None:
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
        mask = scene.trace(layer).mask
        there = [True] * len(flat) if mask is None else (mask != 0).ravel().tolist()
        places_of = label_places(scene.geometry, layer).tolist()
        for value, (x, y), drawn in zip(flat.tolist(), places_of, there, strict=True):
            if drawn:
                _label(painter, scene, value, QPointF(x, y), token)


def _draw_around(painter: QPainter, scene: Scene, layer: int, backward: bool) -> None:
    """On the arc of a connection around layers that ends in `layer`: one pulse for all, as strong as the
    strongest of them would be.
    """
    skip = scene.trace(layer).shape.skip
    if skip is None:
        return
    carried = np.abs(np.nan_to_num(wiring.carried_around(scene, layer, backward), nan=np.inf))
    step = glow_step(float(carried.max()))
    if step < 0:
        return
    t = 0.04 + 0.92 * scene.travel
    at = wiring.arc_path(scene, skip.source, layer).pointAtPercent(1.0 - t if backward else t)
    ratio, rgb = painter.device().devicePixelRatioF(), scene.color("delta" if backward else "forward").rgb()
    place(painter, at, glow(rgb, glow_radius(step) * scene.geometry.fineness, ratio, hollow=not backward))


@lru_cache(maxsize=16)
def label_places(geometry: Geometry, layer: int) -> Floats:
    """Where on its line each number of a layer stands, (edges, 2): apart from the other numbers, off the
    other lines, so that it is plain which line it belongs to, and rather half-way than near a unit.

    Each in turn takes the place that is best beside where the others are, until none wants to move.
    """
    start, stop = (ends.reshape(-1, 2) / LABEL_ROOM for ends in geometry.ends[layer - 1])
    along, every = stop - start, np.arange(len(start))
    spots = start[:, None] + along[:, None] * PLACES[:, None]
    edges = range(len(start))
    alone: Floats = np.array([_on_others(spots[e], start, along, e) for e in edges])
    alone += 0.5 * np.abs(PLACES - 0.5) + _on_notes(spots * LABEL_ROOM, geometry, layer)
    chosen = alone.argmin(axis=1)
    for _ in range(SWEEPS):
        before = chosen.copy()
        for e in edges:
            others = np.delete(spots[every, chosen], e, 0)
            apart = np.abs(spots[e][:, None] - others).max(axis=-1)
            chosen[e] = int((alone[e] + 4.0 * np.clip(1.0 - apart, 0.0, 1.0).sum(axis=-1)).argmin())
        if np.array_equal(before, chosen):
            break
    found: Floats = spots[every, chosen] * LABEL_ROOM
    return found


def _on_notes(spots: Floats, geometry: Geometry, layer: int) -> Floats:
    """1 for each of the `spots` where a number would touch what is written over and under the units."""
    centres = np.array([(c.x, y) for c in geometry.columns[layer - 1 : layer + 1] for y in c.ys])
    radius, rows = geometry.columns[layer].radius, geometry.detail - 1
    away = spots[..., None, :] - centres
    aside = np.abs(away[..., 0]) < NOTE_WIDTH / 2 + LABEL_ROOM[0] / 2 - 4
    beside = aside & (away[..., 1] > -radius - 24) & (away[..., 1] < radius + 14 + 14 * rows)
    touched: Floats = beside.any(axis=-1).astype(np.float64)
    return touched


def _on_others(spots: Floats, start: Floats, along: Floats, own: int) -> Floats:
    """How much a number at each of the `spots` of its own line would cover other lines."""
    start, along = np.delete(start, own, 0), np.delete(along, own, 0)
    away = spots[:, None] - start
    t = np.clip((away * along).sum(-1) / (along * along).sum(-1), 0.0, 1.0)
    distance = np.linalg.norm(away - t[..., None] * along, axis=-1)
    covered: Floats = np.clip(1.0 - distance / 0.7, 0.0, 1.0).sum(axis=-1)
    return covered


def _label(painter: QPainter, scene: Scene, value: float, at: QPointF, token: str) -> None:
    text = show(value, 3).text
    text = signed(text)
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
