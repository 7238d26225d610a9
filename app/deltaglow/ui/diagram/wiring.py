"""The headings of the layers, connections around layers, and lines of layers that are wired one to one."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPen

from deltaglow.engine import ACTIVATIONS, Architecture
from deltaglow.model import naming
from deltaglow.ui.diagram.geometry import Floats
from deltaglow.ui.diagram.notes import elided
from deltaglow.ui.diagram.scene import DIM, Scene
from deltaglow.ui.diagram.sprites import CENTRE, write

SAMPLED = 40
"""Lines drawn for a layer that is wired one to one and too wide to draw whole."""
TITLE_HEIGHT = 12.0
"""Pixels over the columns for their headings."""
HEAD = 6.0
"""Pixels, the length of an arrow's head."""
LANE, LANES_ROOM = 14.0, 56.0
"""Pixels between arcs that lie above each other, and what all of them may take up."""
CORNER = 14.0
"""Pixels, the radius of an arc's corners."""


def draw(painter: QPainter, scene: Scene) -> None:
    """The heading of every layer, and an arc for every connection around layers."""
    for k in range(1, scene.phases.depth + 1):
        draw_title(painter, scene, k)
    for source, k in arcs(scene.frame.architecture):
        _arc(painter, scene, source, k)


def arcs(architecture: Architecture) -> list[tuple[int, int]]:
    """From where to where the connections around layers go."""
    return [(s.skip.source, k) for k, s in enumerate(architecture.layers, 1) if s.skip is not None]


def headroom(architecture: Architecture) -> float:
    """Pixels above the columns that titles and arcs need; none in networks of plain dense layers."""
    count = _lanes(architecture)[1]
    return TITLE_HEIGHT + (12.0 + count * _pitch(count) if count else 0.0)


def _lanes(architecture: Architecture) -> tuple[dict[tuple[int, int], int], int]:
    """At which height each arc lies, the shortest lowest and none on another, and how many there are."""
    found: dict[tuple[int, int], int] = {}
    for source, layer in sorted(arcs(architecture), key=lambda arc: (arc[1] - arc[0], arc)):
        taken = {lane for (a, b), lane in found.items() if a <= layer and source <= b}
        found[source, layer] = next(lane for lane in range(len(found) + 1) if lane not in taken)
    return found, max(found.values(), default=-1) + 1


def _pitch(count: int) -> float:
    return min(LANE, LANES_ROOM / max(count, 1))


def products(scene: Scene, layer: int) -> Floats:
    """What each connection into a layer carries forward, (units, n_in)."""
    trace, row = scene.trace(layer), scene.sample
    if trace.kind == "batch_norm":
        return np.diag(np.diag(scene.weights(layer)) * trace.extra["x_hat"][row])
    if trace.kind == "dropout":
        return np.diag(trace.extra["keep"][row] * scene.activations(layer - 1))
    carried: Floats = scene.weights(layer) * scene.activations(layer - 1)
    return carried


def returns(scene: Scene, layer: int) -> Floats:
    """What each connection into a layer carries back, (units, n_in)."""
    trace, row = scene.trace(layer), scene.sample
    if trace.kind == "dropout":
        return np.diag(trace.extra["keep"][row] * trace.delta[row])
    if trace.kind == "batch_norm":
        return np.diag(scene.trace(layer - 1).back[row])
    carried: Floats = trace.W * trace.delta[row][:, None]
    return carried


def draw_bundle(painter: QPainter, scene: Scene, layer: int) -> None:
    """A layer wired one to one that is too wide for every line: some of them, and in words how many."""
    before, after = scene.geometry.columns[layer - 1 : layer + 1]
    painter.setPen(QPen(scene.color("zero", 0.85 if scene.lit(layer) else DIM), 1))
    chosen = np.unique(np.linspace(0, after.units - 1, min(SAMPLED, after.units)).round().astype(int))
    left, right = before.x + before.radius + 2, after.x - after.radius - 2
    painter.drawLines([QLineF(left, before.ys[unit], right, after.ys[unit]) for unit in chosen.tolist()])
    middle = (left + right) / 2
    box = QRectF(middle - 60, scene.geometry.net.bottom() - 2, 120, 16)
    write(painter, box, CENTRE, f"{after.units}, one to one", scene.theme.ui_font(10), scene.color("muted"))


def draw_title(painter: QPainter, scene: Scene, layer: int, hovered: bool = False) -> None:
    """What a layer does: its activation, or what kind it is if it is not dense. Where columns stand so close
    that headings would run into each other, only the one under the pointer is drawn.
    """
    box, shape = title_box(scene, layer), scene.trace(layer).shape
    if hovered:
        painter.setPen(QPen(scene.theme.color("zero"), 1))
        painter.setBrush(scene.theme.color("hover"))
        painter.drawRoundedRect(box, 5, 5)
    name = ACTIVATIONS[shape.activation].label if shape.kind == "dense" else shape.label
    color = scene.theme.color("text") if hovered else scene.color("muted")
    font = scene.theme.ui_font(10)
    called = naming.layer_name(scene.project, layer)
    if called:
        name = elided(called, font, scene.geometry.gap - 8.0)
    if hovered or QFontMetricsF(font).horizontalAdvance(name) <= scene.geometry.gap - 2.0:
        write(painter, box, CENTRE, name, font, color)


def title_box(scene: Scene, layer: int) -> QRectF:
    """Where the heading of a layer stands, over its first unit."""
    width = min(100.0, scene.geometry.gap - 6.0)
    column = scene.geometry.columns[layer]
    return QRectF(column.x - width / 2, _top(scene, layer) - 16, width, 16)


def _arc(painter: QPainter, scene: Scene, source: int, layer: int) -> None:
    """With an arrow's head, dash-dotted if it has a matrix."""
    path = arc_path(scene, source, layer)
    b = path.pointAtPercent(1.0)
    skip = scene.trace(layer).shape.skip
    projected = skip is not None and skip.projection
    style = Qt.PenStyle.DashDotLine if projected else Qt.PenStyle.DashLine
    active = scene.lit(layer)
    token = carries(scene, source, layer)
    color = scene.color(token, 0.9 if active or token == "delta" else 0.5)
    painter.setPen(QPen(color, 1.4, style))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)
    painter.setPen(QPen(color, 1.4))
    painter.drawLine(QLineF(b.x(), b.y(), b.x() - HEAD / 2, b.y() - HEAD))
    painter.drawLine(QLineF(b.x(), b.y(), b.x() + HEAD / 2, b.y() - HEAD))
    middle = (scene.geometry.columns[source].x + b.x()) / 2
    box = QRectF(middle - 19, _level(scene, source, layer) - 7, 38, 14)
    painter.fillRect(box, scene.color("canvas"))
    write(painter, box, CENTRE, "+ P a" if projected else "+ a", scene.theme.ui_font(10), color)


def carries(scene: Scene, source: int, layer: int) -> str:
    """What travels along a connection around layers now: "forward", "delta" or, for nothing, "muted"."""
    if scene.forward_layer == layer:
        return "forward"
    return "delta" if scene.back_layer == source else "muted"


def arc_path(scene: Scene, source: int, layer: int) -> QPainterPath:
    """The way of a connection around layers: up from one column, over all headings, down to another."""
    start, stop = scene.geometry.columns[source].x, scene.geometry.columns[layer].x
    level, corner = _level(scene, source, layer), min(CORNER, (stop - start) / 3)
    begin, end = _top(scene, source) - 18, _top(scene, layer) - 18
    path = QPainterPath(QPointF(start, begin))
    path.lineTo(start, min(level + corner, begin))
    path.quadTo(start, level, start + corner, level)
    path.lineTo(stop - corner, level)
    path.quadTo(stop, level, stop, min(level + corner, end))
    path.lineTo(stop, end)
    return path


def _level(scene: Scene, source: int, layer: int) -> float:
    """How high an arc lies."""
    lanes, count = _lanes(scene.frame.architecture)
    crown = min(_top(scene, k) for k in range(len(scene.geometry.columns))) - 18
    lowest = crown - 8.0 - _pitch(count) * lanes[source, layer]
    return max(lowest, scene.geometry.caption_height + 2.0)


def carried_around(scene: Scene, layer: int, backward: bool) -> Floats:
    """What the connection around layers that ends in `layer` brings: S a to its units, or Sᵀ δ back."""
    trace, row = scene.trace(layer), scene.sample
    skip = trace.shape.skip
    assert skip is not None
    sent = trace.delta[row] if backward else scene.activations(skip.source)
    if not skip.projection:
        return sent
    P = trace.own(trace.block)["P"]
    brought: Floats = (P.T if backward else P) @ sent
    return brought


def _top(scene: Scene, layer: int) -> float:
    """Above a column and the symbol over its first unit."""
    column = scene.geometry.columns[layer]
    if column.bar is not None:
        return column.bar.top() - 18
    symbol = 25.0 if scene.geometry.detail >= 2 else 4.0
    return max(float(column.ys[0]) - column.radius - symbol, scene.geometry.caption_height + 8)
