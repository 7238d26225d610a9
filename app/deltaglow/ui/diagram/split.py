"""δ split: before each unit two bars, what came back to it and how much it listens; δ is the product."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from deltaglow.engine import ACTIVATIONS
from deltaglow.ui.diagram.geometry import Column
from deltaglow.ui.diagram.scale import GLOW_DECADES, glow_part, off_scale
from deltaglow.ui.diagram.scene import Scene
from deltaglow.ui.diagram.sprites import CENTRE, write

GAP = 2.0
LEAST_RADIUS = 9.0
"""Pixels of a unit's radius from which there is room for bars beside it."""


def draw(painter: QPainter, scene: Scene) -> None:
    """The bars of every unit that an error has come back to, while errors travel."""
    if not shown(scene):
        return
    for column in scene.geometry.columns[1:]:
        if column.bar is not None or column.radius < LEAST_RADIUS:
            continue
        if scene.alpha(f"delta:{column.layer}") == 0.0:
            continue
        for unit in range(column.units):
            if scene.known("slope", column.layer, unit if scene.opened else None):
                _draw_unit(painter, scene, column, unit)


def shown(scene: Scene) -> bool:
    """Whether errors travel, and bars are wanted."""
    phase = scene.moment.phase
    return scene.split and phase is not None and phase.kind == "delta" and scene.position < scene.phases.end


def reach(column: Column) -> float:
    """Pixels to the left of the middle of a column within which its bars stand."""
    return column.radius + 9.0 + 2 * _width(column) + GAP


def draw_sample(painter: QPainter, scene: Scene, x: float, y: float) -> float:
    """The two bars as a legend shows them, left at x; gives where they end."""
    _bars(painter, scene, QRectF(x, y - 8, 4, 16), 0.7, 0.4)
    return x + 8 + GAP


def _draw_unit(painter: QPainter, scene: Scene, column: Column, unit: int) -> None:
    trace, row = scene.trace(column.layer), scene.sample
    back, slope = float(trace.back[row, unit]), float(trace.slope[row, unit])
    width = _width(column)
    height = min(max(1.7 * column.radius, 14.0), 46.0)
    centre = column.centre(unit)
    left = centre.x() - reach(column) + 2.0
    first = QRectF(left, centre.y() - height / 2, width, height)
    steepest = ACTIVATIONS[trace.activation].steepest
    _bars(painter, scene, first, glow_part(back), min(abs(slope) / steepest, 1.0))
    if off_scale(back, GLOW_DECADES):
        painter.setPen(QPen(scene.color("loss"), 2))
        painter.drawLine(first.topLeft() + QPointF(-1, -2), first.topRight() + QPointF(1, -2))
    if column.radius >= 16 and back == back and back != 0.0:
        box = QRectF(first.center().x() - 6, first.bottom(), 12, 11)
        write(
            painter,
            box,
            CENTRE,
            "−" if back < 0 else "+",
            scene.theme.mono_font(9),
            scene.theme.text_color("delta"),
        )


def _width(column: Column) -> float:
    """Pixels of a bar."""
    return 4.0 if column.radius >= 16 else 3.0


def _bars(painter: QPainter, scene: Scene, first: QRectF, back: float, slope: float) -> None:
    second = first.translated(first.width() + GAP, 0)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(scene.color("canvas"))
    painter.drawRoundedRect(first.united(second).adjusted(-2, -2, 2, 2), 3, 3)
    for track, part, token in ((first, back, "delta"), (second, slope, "forward")):
        painter.setBrush(scene.color("track"))
        painter.drawRect(track)
        filled = QRectF(track)
        filled.setTop(track.bottom() - part * track.height())
        painter.setBrush(scene.color(token))
        painter.drawRect(filled)
