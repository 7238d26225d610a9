"""The units: a disc with the value in it, its symbol above, z and δ below."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from deltaglow.explain import symbols
from deltaglow.explain.numbers import fixed, plain, show, with_minus
from deltaglow.model.quantity import Quantity
from deltaglow.ui.diagram import moves
from deltaglow.ui.diagram.edges import phase_token
from deltaglow.ui.diagram.geometry import Column
from deltaglow.ui.diagram.heat import heat_image
from deltaglow.ui.diagram.looks import Looks, figure_size, looks_of, room
from deltaglow.ui.diagram.notes import (
    NAME_PIXELS,
    SYMBOL_PLATE,
    data_label_of,
    label_of,
    note_box,
    symbol_box,
)
from deltaglow.ui.diagram.scale import GLOW_DECADES, beyond, glow_radius, glow_step
from deltaglow.ui.diagram.scene import FAINT, Scene
from deltaglow.ui.diagram.sprites import CENTRE, LEFT, RIGHT, dotted_ring, halo, place, write
from deltaglow.ui.diagram.wiring import title_box
from deltaglow.ui.theme.tokens import blend

Hit = tuple[QRectF, Quantity]

NOTES_REACH = 36
"""Pixels around a unit within which its symbol and its notes stand."""
UNKNOWN = (0.0, "·")
"""The face of a unit whose value is not known yet."""


def draw(painter: QPainter, scene: Scene, read: Scene | None = None) -> None:
    """Every column of units.

    read: while training, the scene whose figures stand in the units: nobody reads what changes with every
    frame. A unit's colour is its figure's then, and changes with every frame only where there is none. The
    lines under the units are not drawn then.
    """
    for column in scene.geometry.columns:
        if column.bar is not None:
            _draw_bar(painter, scene, column, column.bar)
        else:
            _draw_column(painter, scene, column, read)


def draw_notes(painter: QPainter, scene: Scene) -> None:
    """What stands above and below the units."""
    if scene.geometry.detail < 2:
        return
    for column in scene.geometry.columns:
        strength = 1.0 if scene.active_column(column.layer) else FAINT
        for unit in range(0 if column.bar else column.units):
            _draw_notes(painter, scene, column, unit, strength)


def hits(scene: Scene) -> list[Hit]:
    """The numbers written beside the units, and their symbols, and where they stand."""
    found: list[Hit] = []
    detail = scene.geometry.detail
    if detail < 2:
        return found
    for column in scene.geometry.columns:
        for unit in range(0 if column.bar else column.units):
            over = symbol_box(column, unit)
            over = over.adjusted((over.width() - SYMBOL_PLATE) / 2, 0, (SYMBOL_PLATE - over.width()) / 2, 0)
            found.append((over, _said(scene, column.layer, unit)))
            lines = [kind for kind, _ in _notes(scene, column.layer, unit)] if column.layer else []
            for row, kind in enumerate(lines):
                found.append((note_box(column, unit, row), Quantity(kind, column.layer, (unit,))))
    return found


def unit_quantity(scene: Scene, layer: int, unit: int) -> Quantity:
    """What a click on a unit means now: the number in it. Where its δ is not written beside it, that while
    errors travel, and the number in it once δ is selected.
    """
    phase, delta = scene.moment.phase, Quantity("delta", layer, (unit,))
    backward = layer > 0 and phase is not None and phase.kind in ("delta", "gradients", "update")
    aside = scene.geometry.detail >= 2 or scene.selected == delta
    one = unit if scene.opened else None
    if backward and not aside and scene.known("delta", layer, one):
        return delta
    return _said(scene, layer, unit)


def signed(text: str, space: str = "") -> str:
    """A printed number with its sign before it, plus or minus; what is no number has none."""
    if text == "nan":
        return text
    return f"−{space}{text[1:]}" if text.startswith("−") else f"+{space}{text}"


def _draw_column(painter: QPainter, scene: Scene, column: Column, read: Scene | None) -> None:
    layer = column.layer
    strength = 1.0 if scene.active_column(layer) else FAINT
    strengths = scene.strengths(layer)
    ratio = painter.device().devicePixelRatioF()
    theme = scene.theme
    if scene.opened:
        _draw_opened(painter, scene, column, strengths or [strength] * column.units)
    else:
        looks = looks_of(theme, theme.name, column.radius, strength, _ring(scene, layer), ratio)
        _draw_faces(painter, scene, column, looks, read)
    chosen = _chosen_unit(scene, layer)
    if chosen is not None:
        mark = dotted_ring(theme.color("text").rgb(), column.radius + 4.5, ratio)
        place(painter, column.centre(chosen), mark)
    if scene.geometry.detail >= 2 and read is None:
        for unit in range(column.units):
            _draw_notes(painter, scene, column, unit, strengths[unit] if strengths else strength)


def _draw_faces(painter: QPainter, scene: Scene, column: Column, looks: Looks, read: Scene | None) -> None:
    """The units of a column that are all known, or none of them."""
    layer, draw, half = column.layer, painter.drawPixmap, looks.reach
    mapped = scene.map_of(layer)
    known = layer == 0 or scene.known("a", layer)
    if mapped is not None:
        faces = _faces(read or scene, column) if known else [UNKNOWN] * column.units
        for unit, (_, text) in enumerate(faces):
            looks.draw_mapped(painter, column.centre(unit), mapped, unit, text)
        return
    left = column.x - half
    if read is not None:
        colored = read if scene.geometry.detail else scene
        pictures = list(map(looks.blank, colored.activations(layer).tolist()))
    elif known:
        pictures = [looks.picture(*face) for face in _faces(scene, column)]
    else:
        pictures = [looks.picture(*UNKNOWN)] * column.units
    for y, picture in zip(column.places, pictures, strict=True):
        draw(QPointF(left, y - half), picture)
    if read is not None and scene.geometry.detail:
        for y, (_, text) in zip(column.places, _faces(read, column), strict=True):
            picture, wide, high = looks.figure(text)
            draw(QPointF(column.x - wide, y - high), picture)


def _draw_opened(painter: QPainter, scene: Scene, column: Column, strengths: list[float]) -> None:
    """The units of a column one by one, each as far as it is known."""
    layer, theme, ratio = column.layer, scene.theme, painter.device().devicePixelRatioF()
    under_way = scene.unit[1] if scene.unit is not None and scene.unit[0] == layer else None
    mapped = scene.map_of(layer)
    for unit, (face, strength) in enumerate(zip(_faces(scene, column), strengths, strict=True)):
        known = layer == 0 or scene.known("a", layer, unit)
        value, text = face if known else UNKNOWN
        if unit == under_way and moves.running(scene, layer, unit) is not None:
            text = ""
        looks = looks_of(theme, theme.name, column.radius, strength, _ring(scene, layer, unit), ratio)
        if mapped is not None:
            looks.draw_mapped(painter, column.centre(unit), mapped, unit, text)
        else:
            place(painter, column.centre(unit), looks.picture(value, text))
    if under_way is not None:
        _draw_running(painter, scene, column, under_way)


def _draw_running(painter: QPainter, scene: Scene, column: Column, unit: int) -> None:
    """In the unit under way: its sum so far, in the colour of the phase, and a second ring."""
    total = moves.running(scene, column.layer, unit)
    token = phase_token(scene)
    centre = column.centre(unit)
    mark = scene.theme.color(token)
    painter.setPen(QPen(mark, 2.0))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(centre, column.radius + 2.5, column.radius + 2.5)
    if total is None or scene.geometry.detail == 0:
        return
    size = figure_size(column.radius)
    text = brief(total, 3 if column.radius >= 22 else 2, room(column.radius))
    box = QRectF(centre.x() - 30, centre.y() - 10, 60, 20)
    write(painter, box, CENTRE, text, scene.theme.mono_font(size), scene.theme.text_color(token))


def draw_halos(painter: QPainter, scene: Scene) -> None:
    """The light around the units whose δ is known, by its size."""
    ratio, rgb = painter.device().devicePixelRatioF(), scene.color("delta").rgb()
    faint = scene.color("delta", FAINT).rgb()
    spread = 0.5 + 0.7 * scene.geometry.fineness
    for column in scene.geometry.columns[1:]:
        layer, opened = column.layer, scene.opened
        if column.bar is not None or scene.alpha(f"delta:{layer}") == 0.0:
            continue
        if not opened and not scene.known("delta", layer):
            continue
        strengths = scene.strengths(layer)
        aside = scene.unit is not None and not scene.active_column(layer)
        for unit, delta in enumerate(scene.trace(layer).delta[scene.sample].tolist()):
            step = glow_step(delta)
            if step >= 0 and (not opened or scene.known("delta", layer, unit)):
                dim = aside or (strengths is not None and strengths[unit] < 1.0)
                picture = halo(faint if dim else rgb, column.radius, glow_radius(step) * spread, ratio)
                place(painter, column.centre(unit), picture)


def draw_beyond(painter: QPainter, scene: Scene) -> None:
    """Over each column whose largest δ is above the scale of the glows: by how much."""
    for column in scene.geometry.columns[1:]:
        layer = column.layer
        if not scene.known("delta", layer):
            continue
        size = np.abs(scene.trace(layer).delta[scene.sample]).max()
        times = beyond(float(size), GLOW_DECADES)
        if not times or not scene.geometry.shows(layer):
            continue
        font = scene.theme.ui_font(10, 600)
        words = (f"δ {times} off the scale", f"δ {times}", times)
        room = scene.geometry.gap - 4.0
        metrics = QFontMetricsF(font)
        text = next((word for word in words if metrics.horizontalAdvance(word) + 8 <= room), times)
        middle = title_box(scene, layer).center()
        width = metrics.horizontalAdvance(text) + 8
        box = QRectF(middle.x() - width / 2, middle.y() - 8, width, 16)
        painter.setPen(QPen(scene.color("delta"), 1))
        painter.setBrush(scene.color("canvas"))
        painter.drawRoundedRect(box, 5, 5)
        write(painter, box, CENTRE, text, font, scene.theme.text_color("delta"))


def _faces(scene: Scene, column: Column) -> list[tuple[float, str]]:
    """What the units of a column show: the value as far as it can be read, and its text."""
    values = scene.activations(column.layer).tolist()
    if scene.geometry.detail == 0:
        return [(round(value, 1), "") for value in values]
    if column.layer == 0:
        digits = 3 if column.radius >= 18 else 2
        written = ((value, plain(value, digits).text) for value in values)
        most = room(column.radius)
        return [(round(v, 2), text if len(text) <= most else brief(v, 2, most)) for v, text in written]
    decimals = 3 if column.radius >= 22 else 2
    rounded = [round(value, decimals) for value in values]
    return [(value, brief(value, decimals, room(column.radius))) for value in rounded]


@lru_cache(maxsize=8192)
def brief(value: float, decimals: int, room: int = 6) -> str:
    """A number in at most so many characters, whatever its size: without the zero before the point and with
    fewer decimals if need be.
    """
    short = [fixed(value, decimals).text]
    if abs(value) < 100:
        short += [_bare(fixed(value, digits).text) for digits in range(decimals, -1, -1)]
    short += [show(value, 2).text, with_minus(_scientific(value, 1))]
    return next((text for text in short if len(text) <= room), with_minus(_scientific(value, 0)))


def _bare(text: str) -> str:
    """0.5 as .5."""
    return text.replace("0.", ".", 1) if text.lstrip("−").startswith("0.") else text


def _scientific(value: float, decimals: int) -> str:
    mantissa, _, exponent = f"{value:.{decimals}e}".partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa


def _ring(scene: Scene, layer: int, unit: int | None = None) -> str:
    """The colour token of the rings of a column, or of one of its units."""
    phase = scene.moment.phase
    if layer and phase is not None and scene.known("delta", layer, unit):
        return "delta"
    if unit is None and phase is not None and phase.kind in ("delta", "forward") and layer == phase.layer:
        return phase.kind
    if unit is not None and (layer, unit) == scene.unit:
        return phase_token(scene)
    if layer and scene.known("a", layer, unit):
        return "forward"
    return "zero"


def _chosen_unit(scene: Scene, layer: int) -> int | None:
    """The unit of a column that is selected."""
    q = scene.selected
    if len(q.index) != 1:
        return None
    if q.kind in ("x", "y", "y_hat", "shifted", "exp"):
        return q.index[0] if layer == (0 if q.kind == "x" else scene.phases.depth) else None
    return q.index[0] if q.layer == layer else None


def _notes(scene: Scene, layer: int, unit: int) -> list[tuple[str, str]]:
    """The lines under a unit: kind and text."""
    trace, row = scene.trace(layer), scene.sample
    one = unit if scene.opened else None
    z = _brief_z(float(trace.z[row, unit])) if scene.known("z", layer, one) else "·"
    delta = signed(show(float(trace.delta[row, unit]), 3).text) if scene.known("delta", layer, one) else "·"
    notes = [("z", f"z {z}"), ("delta", f"δ {delta}")]
    return notes if scene.geometry.detail == 3 else notes[1:]


def _said(scene: Scene, layer: int, unit: int) -> Quantity:
    """What stands in a unit: its input, or its activation, which is z where that is the identity."""
    if layer == 0:
        return Quantity("x", None, (unit,))
    plain_unit = scene.project.network.layers[layer - 1].activation == "identity"
    return Quantity("z" if plain_unit else "a", layer, (unit,))


def _brief_z(value: float) -> str:
    text = fixed(value, 3).text
    return text if len(text) <= 9 else show(value, 3).text


def _draw_notes(painter: QPainter, scene: Scene, column: Column, unit: int, strength: float) -> None:
    layer = column.layer
    name = label_of(scene, layer, unit)
    symbol = name or symbols.text(scene.project, _said(scene, layer, unit))
    chosen = _chosen_unit(scene, layer) == unit
    color = scene.color("text" if chosen else "muted", max(strength, 0.7))
    box = symbol_box(column, unit)
    font = scene.theme.ui_font(NAME_PIXELS) if name else scene.theme.math_font(15)
    beside = data_label_of(scene, layer, unit)
    if beside:
        small = scene.theme.ui_font(NAME_PIXELS)
        wide, gap = QFontMetricsF(small).horizontalAdvance(beside), 4.0
        whole = QFontMetricsF(font).horizontalAdvance(symbol) + gap + wide
        box = QRectF(box.center().x() - whole / 2, box.top(), whole, box.height())
        write(painter, box, RIGHT, beside, small, color)
    write(painter, box, LEFT if beside else CENTRE, symbol, font, color)
    if layer == 0:
        return
    font = scene.theme.mono_font(11)
    for row, (note, text) in enumerate(_notes(scene, layer, unit)):
        color = scene.theme.text_color("delta") if note == "delta" else scene.theme.color("muted")
        known = scene.known(note, layer, unit if scene.opened else None)
        color = blend(scene.theme.color("canvas"), color, strength if known else 0.5)
        write(painter, note_box(column, unit, row), CENTRE, text, font, color)


def _draw_bar(painter: QPainter, scene: Scene, column: Column, bar: QRectF) -> None:
    """A column too tall to draw unit by unit: its activations as one bar of colours."""
    known = column.layer == 0 or scene.known("a", column.layer)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    if known:
        painter.drawImage(bar, heat_image(scene, scene.activations(column.layer)[:, None]))
    painter.setPen(QPen(scene.theme.color(_ring(scene, column.layer)), 1.2))
    painter.setBrush(Qt.BrushStyle.NoBrush if known else scene.color("raised"))
    painter.drawRect(bar)
    chosen = _chosen_unit(scene, column.layer)
    if chosen is not None:
        painter.setPen(QPen(scene.theme.color("text"), 1.4))
        y = column.places[chosen]
        painter.drawLine(QPointF(bar.left() - 6, y), QPointF(bar.right() + 6, y))
    painter.setFont(scene.theme.ui_font(10))
    painter.setPen(scene.color("muted"))
    painter.drawText(QRectF(bar.center().x() - 40, bar.top() - 18, 80, 16), CENTRE, f"{column.units} units")
