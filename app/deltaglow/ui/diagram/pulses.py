"""What moves: products travelling forward along the connections, δ travelling back along the same ones."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from deltaglow.engine.ops import IntArray
from deltaglow.explain.numbers import show
from deltaglow.ui.diagram import split, wiring
from deltaglow.ui.diagram.geometry import Floats, Geometry
from deltaglow.ui.diagram.nodes import signed
from deltaglow.ui.diagram.scale import (
    GLOW_DECADES,
    GLOW_STEPS,
    glow_radius,
    glow_step,
    glow_steps,
    off_scale,
)
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
LEAST_GAP = 88.0
"""Pixels between two columns from which numbers stand on the lines."""
OVER_NOTES = 4.0
"""How much worse it is to cover what stands beside a unit than to cover a line."""
SWEEPS = 6


def draw(painter: QPainter, scene: Scene) -> None:
    """The pulses of the phase under way, if it has any: of a whole layer, or of the unit that is opened."""
    phase = scene.moment.phase
    if phase is None or scene.term is not None or (scene.detail and scene.detail.move.kind == "bend"):
        return
    if phase.kind == "gradients":
        _draw_gradients(painter, scene)
    elif scene.forward_layer is not None:
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
    flat, which = products.ravel(), _under_way(scene, layer)
    t = 0.06 + 0.86 * scene.travel
    _draw_glows(painter, scene, flat[which], (start + (stop - start) * t)[which], backward)
    if len(which) <= LABELLED and _room_for_labels(scene, len(which) < len(flat)):
        token = "delta" if backward else "forward"
        places = label_places(scene.geometry, layer, tuple(which.tolist())).tolist()
        for value, (x, y) in zip(flat[which].tolist(), places, strict=True):
            _label(painter, scene, value, QPointF(x, y), token)


def _draw_gradients(painter: QPainter, scene: Scene) -> None:
    """On every connection what δ and the activation make of its weight: a glow that grows half-way."""
    alone = scene.unit
    for layer in range(1, scene.phases.depth + 1):
        if scene.geometry.collapsed(layer) or (alone is not None and alone[0] != layer):
            continue
        which = _under_way(scene, layer)
        start, stop = (ends.reshape(-1, 2)[which] for ends in scene.geometry.ends[layer - 1])
        values = scene.trace(layer).dW.ravel()[which]
        _draw_glows(painter, scene, values, (start + stop) / 2, True, scene.grown)
        if len(which) <= LABELLED and _room_for_labels(scene, alone is not None) and scene.grown > 0.5:
            places = label_places(scene.geometry, layer, tuple(which.tolist())).tolist()
            for value, (x, y) in zip(values.tolist(), places, strict=True):
                _label(painter, scene, value, QPointF(x, y), "delta")


def _room_for_labels(scene: Scene, alone: bool) -> bool:
    """Whether numbers fit between two columns."""
    return scene.geometry.detail >= (1 if alone else 2) and scene.geometry.gap >= LEAST_GAP


def _under_way(scene: Scene, layer: int) -> IntArray:
    """Which connections of a layer, counted row by row, take part: those of the opened unit, or all."""
    before = scene.geometry.sizes[layer - 1]
    if scene.unit is not None:
        own = [j * before + i for k, j, i in scene.lines if k == layer]
        return np.array(own, dtype=np.intp)
    mask = scene.trace(layer).mask
    count = before * scene.geometry.sizes[layer]
    return np.arange(count) if mask is None else np.flatnonzero(mask)


def _draw_glows(
    painter: QPainter, scene: Scene, values: Floats, places: Floats, backward: bool, grown: float = 1.0
) -> None:
    """A glow for each value, the larger over the smaller; of many only the largest."""
    if grown <= 0.0:
        return
    sizes = np.abs(values)
    sizes[np.isnan(sizes)] = np.inf
    order = np.argsort(-sizes, kind="stable")[:MOST][::-1]
    full = glow_steps(values[order])
    seen, steps = full >= 0, np.rint(full * grown).astype(np.intp)
    ratio, fine = painter.device().devicePixelRatioF(), scene.geometry.fineness
    rgb = scene.color("delta" if backward else "forward").rgb()
    sprites = [glow(rgb, glow_radius(n) * fine, ratio, hollow=not backward) for n in range(GLOW_STEPS)]
    halves = np.array([sprite.width() / ratio / 2 for sprite in sprites])
    corners = np.rint(places[order] - halves[steps, None]).astype(np.intp)[seen].tolist()
    # Whole pixels: between them nothing of a hundred glows can be told, and a point costs more than its glow.
    for step, (x, y) in zip(steps[seen].tolist(), corners, strict=True):
        painter.drawPixmap(x, y, sprites[step])


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


@lru_cache(maxsize=64)
def label_places(geometry: Geometry, layer: int, which: tuple[int, ...]) -> Floats:
    """Where on its line each number of some connections of a layer stands, (len(which), 2): apart from the
    other numbers, off their lines, so that it is plain which line it belongs to, and rather half-way than
    near a unit.

    Each in turn takes the place that is best beside where the others are, until none wants to move.
    """
    start, stop = (ends.reshape(-1, 2)[list(which)] / LABEL_ROOM for ends in geometry.ends[layer - 1])
    along, every = stop - start, np.arange(len(start))
    spots = start[:, None] + along[:, None] * PLACES[:, None]
    edges = range(len(start))
    alone: Floats = np.zeros(spots.shape[:2])  # of a layer all of whose connections are deleted, nothing
    for e in edges:
        alone[e] = _on_others(spots[e], start, along, e)
    alone += 0.5 * np.abs(PLACES - 0.5) + OVER_NOTES * _on_notes(spots * LABEL_ROOM, geometry, layer)
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
    """How much a number at each of the `spots` would cover what is written over and under the units or drawn
    on the left of them, 0 to 1.
    """
    centres = np.array([(c.x, y) for c in geometry.columns[layer - 1 : layer + 1] for y in c.ys])
    radius, rows = geometry.columns[layer].radius, geometry.detail - 1
    away, half = spots[..., None, :] - centres, LABEL_ROOM[0] / 2
    notes = NOTE_WIDTH / 2 + half - 4
    bars = max(split.reach(geometry.columns[layer]) + half, notes)
    reach = np.where(away[..., 0] < 0, bars, notes)
    beside = (away[..., 1] > -radius - 27) & (away[..., 1] < radius + 14 + 14 * rows)
    covered = np.clip((reach - np.abs(away[..., 0])) / half, 0.0, 1.0) * beside
    most: Floats = covered.max(axis=-1)
    return most


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
    font = scene.theme.mono_font(11)
    painter.setFont(font)
    box = QRectF(at.x() - 30, at.y() - 8, 60, 16)
    width = QFontMetricsF(font).horizontalAdvance(text) + 6
    bounds = QRectF(at.x() - width / 2, at.y() - 8, width, 16)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(scene.color("canvas"))
    painter.drawRoundedRect(bounds, 4, 4)
    painter.setPen(scene.theme.text_color(token))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
