"""The connections: lines by sign and size, or a heat map where there are too many."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from deltaglow.explain.terms import Line
from deltaglow.model.quantity import AROUND, Quantity
from deltaglow.ui.diagram import alone, fans, notes, strips, wiring
from deltaglow.ui.diagram.heat import kept_image
from deltaglow.ui.diagram.scale import WIDTHS, width_index
from deltaglow.ui.diagram.scene import Scene
from deltaglow.ui.diagram.strips import EdgeLines

MARGIN, LABEL = 5.0, 18.0
"""Pixels around a heat map, and of the words under it, that a unit's own lines pass behind."""


def cache_key(scene: Scene) -> Hashable:
    """Two scenes with the same key have the same lines."""
    depth = scene.phases.depth
    lit = tuple(scene.lit(k) for k in range(1, depth + 1))
    arcs = tuple(wiring.carries(scene, *arc) for arc in wiring.arcs(scene.frame.architecture))
    alpha, lines = scene.alpha("update"), slides(scene)
    moved = (lines, scene.detail and scene.detail.number) if lines else alpha
    return (scene.frame, lit, arcs, moved, scene.theme.name, _fans_of(scene), silenced(scene))


def silenced(scene: Scene) -> Hashable:
    """Which connections dropout has taken away: other ones for another sample, and once it has been drawn."""
    dropouts = [k for k in range(1, scene.phases.depth + 1) if scene.trace(k).kind == "dropout"]
    drawn = tuple(k for k in dropouts if scene.known("keep", k))
    return drawn, scene.sample if drawn else None


def slides(scene: Scene) -> tuple[Line, ...]:
    """The connections that change under the eye, and are drawn over the picture of the others."""
    phase = scene.moment.phase
    return scene.lines if phase is not None and phase.kind == "update" else ()


def draw_lit(painter: QPainter, scene: Scene, lines: EdgeLines) -> None:
    """The connections of the move under way, over the picture of the others."""
    if not scene.lines:
        return
    token = phase_token(scene)
    for k in sorted({k for k, _, _ in scene.lines}):
        if scene.geometry.collapsed(k):
            _draw_lit_over_map(painter, scene, k, token)
            continue
        weights, before = scene.weights(k), scene.geometry.sizes[k - 1]
        sizes = width_index(weights)
        for _, j, i in (line for line in scene.lines if line[0] == k):
            size, negative = WIDTHS[sizes[j, i]], bool(weights[j, i] < 0)
            edge = j * before + i
            if scene.term is not None:
                painter.setPen(
                    QPen(scene.color(token, 0.4), size + 6.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
                )
                painter.drawLine(lines.whole[k - 1][edge])
            painter.setPen(
                QPen(scene.signed(weights[j, i]), size, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap)
            )
            painter.drawLines(lines.of(k, edge, negative))
        notes.draw_plates(painter, scene, (k - 1, k))


def draw_marked(painter: QPainter, scene: Scene, lines: EdgeLines, marked: Quantity, strength: float) -> None:
    """The connection that a quantity is of, with a light behind it."""
    if (
        marked.kind in AROUND
        or marked.layer is None
        or len(marked.index) != 2
        or scene.geometry.collapsed(marked.layer)
    ):
        return
    j, i = marked.index
    before = scene.geometry.sizes[marked.layer - 1]
    (line,) = lines.of(marked.layer, j * before + i, negative=False)
    pen = QPen(scene.color("text", 0.35 * strength), 9, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.drawLine(line)
    present = scene.present(marked.layer)
    if present is not None and not present[j, i]:
        return
    negative = bool(scene.weights(marked.layer)[j, i] < 0)
    painter.setPen(QPen(scene.signed(-1.0 if negative else 1.0), 3, Qt.PenStyle.SolidLine))
    painter.drawLines(lines.of(marked.layer, j * before + i, negative))


def _draw_lit_over_map(painter: QPainter, scene: Scene, layer: int, token: str) -> None:
    """The connection of a term, over the heat map of its layer: the others of its unit are drawn there."""
    if scene.term is None or scene.geometry.columns[layer].bar or len(scene.lines) > 1:
        return
    start, stop = scene.geometry.ends[layer - 1]
    weights = scene.weights(layer)
    for _, j, i in scene.lines:
        line = QLineF(*start[j, i].tolist(), *stop[j, i].tolist())
        painter.setPen(_pen(scene.color(token, 0.7), 5.0))
        painter.drawLine(line)
        painter.setPen(_pen(scene.signed(weights[j, i]), 2.0))
        painter.drawLine(line)


def _pen(color: QColor, width: float) -> QPen:
    return QPen(color, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap)


def phase_token(scene: Scene) -> str:
    """The colour token of the phase under way: of what goes forward, of the loss, of what goes back."""
    phase = scene.moment.phase
    if phase is None:
        return "text"
    if phase.kind in ("forward", "softmax", "output"):
        return "forward"
    return "loss" if phase.kind == "loss" else "delta"


def _fans_of(scene: Scene) -> tuple[int, int] | None:
    """The unit whose own lines are there to be seen, over a heat map or a crowd of lines beside it."""
    chosen, depth = alone.unit_of(scene), scene.phases.depth
    if chosen is None:
        return None
    beside = (k for k in (chosen[0], chosen[0] + 1) if 1 <= k <= depth)
    many = (scene.geometry.collapsed(k) or scene.geometry.crowded(k) for k in beside)
    return chosen if any(many) else None


def draw(painter: QPainter, scene: Scene, lines: EdgeLines) -> None:
    """Every connection, opaque, batched by pen: thin and dim first."""
    for part in parts(scene, lines):
        part(painter)


def parts(scene: Scene, lines: EdgeLines) -> list[Callable[[QPainter], None]]:
    """What draws them, one after the other; while training, each takes but a moment."""
    made: list[Callable[[QPainter], None]] = []
    for k in range(1, scene.phases.depth + 1):
        if scene.geometry.collapsed(k) and scene.trace(k).shape.one_to_one:
            made.append(partial(wiring.draw_bundle, scene=scene, layer=k))
        elif scene.geometry.collapsed(k):
            made.append(partial(_draw_heat_map, scene=scene, layer=k))
    apart = slides(scene)
    for k in range(1, scene.phases.depth + 1):
        if not scene.geometry.collapsed(k):
            behind = alone.stands_out(scene, k)
            made += strips.parts(scene, lines, k, {(j, i) for layer, j, i in apart if layer == k}, behind)
            if behind:
                made.append(partial(alone.draw, scene=scene, lines=lines, layer=k))
    made.append(partial(notes.draw_plates, scene=scene, layers=range(scene.phases.depth + 1)))
    made.append(partial(wiring.draw, scene=scene))
    return made


def _draw_heat_map(painter: QPainter, scene: Scene, layer: int) -> None:
    area = scene.geometry.heat_map(layer)
    chosen = alone.unit_of(scene)
    if chosen is not None and chosen[0] in (layer - 1, layer):
        fans.draw(painter, scene, layer, *chosen)
        painter.fillRect(area.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN + LABEL), scene.color("canvas"))
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(area, kept_image(scene, scene.weights(layer)))
    painter.setPen(QPen(scene.color("hairline"), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(area)
    _draw_frame(painter, scene, layer, area)


def _draw_frame(painter: QPainter, scene: Scene, layer: int, area: QRectF) -> None:
    before, after = scene.geometry.columns[layer - 1 : layer + 1]
    middle = area.center().y()
    painter.setPen(QPen(scene.color("hairline"), 1))
    painter.drawLine(QLineF(before.x + before.radius + 4, middle, area.left(), middle))
    painter.drawLine(QLineF(area.right(), middle, after.x - after.radius - 4, middle))
    painter.setPen(scene.color("muted"))
    painter.setFont(scene.theme.ui_font(10))
    label = QRectF(area.left() - 40, area.bottom() + 3, area.width() + 80, 16)
    painter.drawText(label, Qt.AlignmentFlag.AlignCenter, f"W  {after.units} × {before.units}")
