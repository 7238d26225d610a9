"""The units: a disc with the value in it, its symbol above, z and δ below."""

from __future__ import annotations

from math import tanh

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from deltaglow.explain import symbols
from deltaglow.explain.numbers import fixed, plain, show
from deltaglow.model.quantity import Quantity
from deltaglow.ui.diagram.edges import heat_image
from deltaglow.ui.diagram.geometry import Column
from deltaglow.ui.diagram.pulses import halo
from deltaglow.ui.diagram.scale import glow_radius, glow_step
from deltaglow.ui.diagram.scene import Scene
from deltaglow.ui.theme.tokens import blend

CENTRE = Qt.AlignmentFlag.AlignCenter
Hit = tuple[QRectF, Quantity]


def draw(painter: QPainter, scene: Scene) -> None:
    """Every column of units."""
    for column in scene.geometry.columns:
        if column.bar is not None:
            _draw_bar(painter, scene, column, column.bar)
        else:
            for unit in range(column.units):
                _draw_unit(painter, scene, column, unit)


def hits(scene: Scene) -> list[Hit]:
    """The numbers written beside the units, and where they stand."""
    found: list[Hit] = []
    detail = scene.geometry.detail
    if detail < 2:
        return found
    for column in scene.geometry.columns[1:]:
        for unit in range(column.units):
            lines = [kind for kind, _ in _notes(scene, column.layer, unit)]
            for row, kind in enumerate(lines):
                found.append((_note_box(column, unit, row), Quantity(kind, column.layer, (unit,))))
    return found


def unit_quantity(scene: Scene, layer: int, unit: int) -> Quantity:
    """What a click on a unit means now: its x, its activation, or while errors travel its δ."""
    if layer == 0:
        return Quantity("x", None, (unit,))
    phase = scene.moment.phase
    backward = phase is not None and phase.kind in ("delta", "gradients", "update")
    return Quantity("delta" if backward else "a", layer, (unit,))


def _draw_unit(painter: QPainter, scene: Scene, column: Column, unit: int) -> None:
    layer, centre, radius = column.layer, column.centre(unit), column.radius
    known = layer == 0 or scene.known("a", layer)
    strength = 1.0 if scene.active_column(layer) else 0.45
    value = float(scene.activations(layer)[unit])
    if layer and scene.known("delta", layer):
        _glow(painter, scene, centre, float(scene.trace(layer).delta[scene.sample, unit]), radius)
    fill = scene.theme.color("raised")
    if known:
        fill = blend(fill, scene.signed(value), 0.42 * abs(tanh(value)) if np.isfinite(value) else 1.0)
    canvas = scene.theme.color("canvas")
    painter.setBrush(blend(canvas, fill, strength))
    painter.setPen(QPen(blend(canvas, _ring(scene, layer), max(strength, 0.6)), 2.0 if radius > 8 else 1.2))
    painter.drawEllipse(centre, radius, radius)
    if _chosen(scene, layer, unit):
        _draw_selection(painter, scene, centre, radius)
    if scene.geometry.detail >= 1:
        _draw_value(painter, scene, column, unit, value if known else None, strength)
    if scene.geometry.detail >= 2:
        _draw_notes(painter, scene, column, unit, strength)


def _glow(painter: QPainter, scene: Scene, centre: QPointF, delta: float, radius: float) -> None:
    step = glow_step(delta)
    if step < 0:
        return
    ratio = painter.device().devicePixelRatioF()
    reach = glow_radius(step) * (0.5 + 0.7 * scene.geometry.fineness)
    sprite = halo(scene.color("delta").rgb(), radius, reach, ratio)
    half = radius + reach
    painter.drawPixmap(QPointF(centre.x() - half, centre.y() - half), sprite)


def _ring(scene: Scene, layer: int) -> QColor:
    phase = scene.moment.phase
    if layer and phase is not None and scene.known("delta", layer):
        return scene.theme.color("delta")
    if phase is not None and phase.kind == "delta" and layer == phase.layer:
        return scene.theme.color("delta")
    if phase is not None and phase.kind == "forward" and layer == phase.layer:
        return scene.theme.color("forward")
    if layer and scene.known("a", layer):
        return scene.theme.color("forward")
    return scene.theme.color("zero")


def _chosen(scene: Scene, layer: int, unit: int) -> bool:
    q = scene.selected
    if q.kind in ("x", "y", "y_hat", "shifted", "exp"):
        return q.index == (unit,) and layer == (0 if q.kind == "x" else scene.phases.depth)
    return q.layer == layer and len(q.index) == 1 and q.index == (unit,)


def _draw_selection(painter: QPainter, scene: Scene, centre: QPointF, radius: float) -> None:
    pen = QPen(scene.theme.color("text"), 1.4, Qt.PenStyle.DotLine)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(centre, radius + 4.5, radius + 4.5)


def _draw_value(
    painter: QPainter, scene: Scene, column: Column, unit: int, value: float | None, strength: float
) -> None:
    radius = column.radius
    size = 13 if radius >= 24 else 11 if radius >= 18 else 9
    if value is None:
        text = "·"
    elif column.layer == 0:
        text = plain(value, 3).text if radius >= 18 else plain(value, 2).text
    else:
        text = fixed(value, 3 if radius >= 22 else 2).text
        if len(text) > 6:
            text = show(value, 2).text
    painter.setFont(scene.theme.mono_font(size))
    painter.setPen(scene.color("text", max(strength, 0.55)))
    centre = column.centre(unit)
    painter.drawText(QRectF(centre.x() - 40, centre.y() - 12, 80, 24), CENTRE, text)


def _notes(scene: Scene, layer: int, unit: int) -> list[tuple[str, str]]:
    """The lines under a unit: kind and text."""
    trace, row = scene.trace(layer), scene.sample
    z = fixed(float(trace.z[row, unit]), 3).text if scene.known("z", layer) else "·"
    delta = show(float(trace.delta[row, unit]), 3).text if scene.known("delta", layer) else "·"
    notes = [("z", f"z {z}"), ("delta", f"δ {delta}")]
    return notes if scene.geometry.detail == 3 else notes[1:]


def _note_box(column: Column, unit: int, row: int) -> QRectF:
    centre = column.centre(unit)
    return QRectF(centre.x() - 45, centre.y() + column.radius + 4 + 14 * row, 90, 14)


def _draw_notes(painter: QPainter, scene: Scene, column: Column, unit: int, strength: float) -> None:
    centre, layer = column.centre(unit), column.layer
    kind = (
        "x"
        if layer == 0
        else "z"
        if scene.project.network.layers[layer - 1].activation == "identity"
        else "a"
    )
    symbol = symbols.text(scene.project, Quantity(kind, layer or None, (unit,)))
    painter.setFont(scene.theme.math_font(15))
    painter.setPen(scene.color("text" if _chosen(scene, layer, unit) else "muted", max(strength, 0.7)))
    painter.drawText(QRectF(centre.x() - 45, centre.y() - column.radius - 22, 90, 19), CENTRE, symbol)
    if layer == 0:
        return
    painter.setFont(scene.theme.mono_font(11))
    for row, (note, text) in enumerate(_notes(scene, layer, unit)):
        color = scene.theme.text_color("delta") if note == "delta" else scene.theme.color("muted")
        known = scene.known(note, layer)
        painter.setPen(blend(scene.theme.color("canvas"), color, strength if known else 0.5))
        painter.drawText(_note_box(column, unit, row), CENTRE, text)


def _draw_bar(painter: QPainter, scene: Scene, column: Column, bar: QRectF) -> None:
    """A column too tall to draw unit by unit: its activations as one bar of colours."""
    known = column.layer == 0 or scene.known("a", column.layer)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    if known:
        painter.drawImage(bar, heat_image(scene, scene.activations(column.layer)[:, None]))
    painter.setPen(QPen(_ring(scene, column.layer), 1.2))
    painter.setBrush(Qt.BrushStyle.NoBrush if known else scene.color("raised"))
    painter.drawRect(bar)
    for unit in range(column.units):
        if _chosen(scene, column.layer, unit):
            painter.setPen(QPen(scene.theme.color("text"), 1.4))
            y = float(column.ys[unit])
            painter.drawLine(QPointF(bar.left() - 6, y), QPointF(bar.right() + 6, y))
    painter.setFont(scene.theme.ui_font(10))
    painter.setPen(scene.color("muted"))
    painter.drawText(QRectF(bar.center().x() - 40, bar.top() - 18, 80, 16), CENTRE, f"{column.units} units")
