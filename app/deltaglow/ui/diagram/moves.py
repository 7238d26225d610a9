"""What an opened phase shows: the one term that flies, and the sum that it flies into."""

from __future__ import annotations

from math import hypot

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from deltaglow.explain.context import Context
from deltaglow.explain.numbers import DIGITS, show
from deltaglow.explain.opening import DONE_AT
from deltaglow.explain.terms import Term
from deltaglow.explain.worked import so_far, worked
from deltaglow.model.quantity import Quantity, value
from deltaglow.ui.diagram import plates, split, wiring
from deltaglow.ui.diagram.scale import glow_radius, glow_step, smooth
from deltaglow.ui.diagram.scene import Scene
from deltaglow.ui.diagram.sprites import glow, place

OFF_UNITS = 6.0
"""Pixels that a pulse stays away from the rims of units."""
LEAVES_AT, ARRIVES_AT = 0.15, 0.8
"""α of a term's move between which its number flies."""
MOST_DIGITS = 6
"""Digits up to which an old parameter is shown with as many as it takes to tell it from the new one."""
BESIDE = 36.0
"""Pixels beside the middle of a unit that its notes take."""


def draw(painter: QPainter, scene: Scene) -> None:
    """The term under way, on its plate. Over everything else, so that it can be read."""
    term, detail = scene.term, scene.detail
    if term is None or detail is None or scene.unit is None:
        return
    match detail.phase.kind:
        case "forward" | "delta":
            _fly(painter, scene, term, detail.phase.kind == "delta")
        case "gradients":
            _meet(painter, scene, term)
        case "update":
            _slide(painter, scene, term)


def running(scene: Scene, layer: int, unit: int) -> float | None:
    """The sum so far of the unit under way, while its terms fly into it; None for any other unit."""
    detail = scene.detail
    if scene.unit != (layer, unit) or detail is None or detail.phase.kind not in ("forward", "delta"):
        return None
    move = detail.move
    if move.kind == "bend":
        kind = "z" if detail.phase.kind == "forward" else "back"
        if detail.alpha >= DONE_AT:
            kind = {"z": "a", "back": "delta"}[kind]
        return value(Quantity(kind, layer, (unit,)), scene.frame, scene.sample)
    if move.kind != "term":
        return None
    arrived = move.term + (1 if scene.still or detail.alpha >= ARRIVES_AT else 0)
    values = [term.value for term in scene.opening.terms(detail.phase.kind, layer, unit)]
    return so_far(values, arrived - 1)


def _fly(painter: QPainter, scene: Scene, term: Term, backward: bool) -> None:
    """The product, along its connection into the sum."""
    said = worked(Context(scene.project, scene.frame, scene.sample, None), term)
    assert scene.detail is not None
    t = 0.5 if scene.still else smooth((scene.detail.alpha - LEAVES_AT) / (ARRIVES_AT - LEAVES_AT))
    parts = [said.numbers or said.symbols, said.result]
    full = [parts[0], f"= {parts[1]}"] if parts[0] else parts[1:]
    at, room = _along(scene, term, t, backward)
    if len(term.lines) == 1:
        _pulse(painter, scene, term.value, _on_line(scene, term, t, backward), backward)
    _plate(painter, scene, at, full, room, "delta" if backward else "forward")


def _meet(painter: QPainter, scene: Scene, term: Term) -> None:
    """δ from the unit and the activation from the one before meet on the connection between them."""
    assert scene.detail is not None
    said = worked(Context(scene.project, scene.frame, scene.sample, None), term)
    at, room = _along(scene, term, 0.5, False)
    t = 1.0 if scene.still else smooth(scene.detail.alpha / 0.6)
    if len(term.lines) == 1:
        ends = [_on_line(scene, term, place, False) for place in (t / 2, 1 - t / 2)]
        ((layer, j, i),) = term.lines
        _pulse(painter, scene, float(scene.trace(layer).delta[scene.sample, j]), ends[1], True)
        _pulse(painter, scene, float(scene.activations(layer - 1)[i]), ends[0], False)
    shown = [said.numbers, f"= {said.result}"] if said.numbers else [f"{said.symbols} = {said.result}"]
    if term.of is None:
        shown = [f"{term.count} more"]
    _plate(painter, scene, at, shown, room, "delta")


def _slide(painter: QPainter, scene: Scene, term: Term) -> None:
    """From the old to the new parameter."""
    at, room = _along(scene, term, 0.5, False)
    if term.of is None:
        _plate(painter, scene, at, [f"{term.count} more"], room, "delta")
        return
    old = value(term.of, scene.frame, scene.sample)
    after = Quantity(f"{term.of.kind}_after", term.of.layer, term.of.index)
    new = value(after, scene.frame, scene.sample)
    now = old + scene.slide * (new - old)
    apart = (n for n in range(DIGITS, MOST_DIGITS) if show(old, n).text != show(new, n).text or old == new)
    digits = next(apart, MOST_DIGITS)
    shown = [show(old, digits).text, f"→ {show(now, digits).text}"]
    _plate(painter, scene, at, shown, room, "text")


def _along(scene: Scene, term: Term, t: float, backward: bool) -> tuple[QPointF, float]:
    """Where a plate stands that has come the part t of its way, and how wide it may be."""
    assert scene.unit is not None
    geometry, (k, unit) = scene.geometry, scene.unit
    if term.arc is not None:
        path = wiring.arc_path(scene, *term.arc)
        return path.pointAtPercent(0.1 + 0.8 * (1.0 - t if backward else t)), 220.0
    column = geometry.columns[k]
    centre = column.centre(unit)
    if len(term.lines) != 1:
        other = geometry.columns[k + 1 if backward else k - 1]
        start = QPointF((other.x + centre.x()) / 2, centre.y())
    else:
        layer, j, i = term.lines[0]
        other = geometry.columns[layer if backward else layer - 1]
        start = other.centre(j if backward else i)
    room = abs(centre.x() - other.x) - sum(_margins(scene))
    low, high = sorted((centre.x(), other.x))
    at = start + (centre - start) * t
    at.setX(min(max(at.x(), low + 1.0), high - 1.0))
    return at, room


def _on_line(scene: Scene, term: Term, t: float, backward: bool) -> QPointF:
    """The part t of the way from the rim of one unit to that of the other, so that no number is covered."""
    start, end = (_along(scene, term, place, backward)[0] for place in (0.0, 1.0))
    way = end - start
    length = hypot(way.x(), way.y())
    reach = scene.geometry.columns[0].radius + OFF_UNITS
    rims = 0.0 if term.arc is not None or not length else min(reach / length, 0.4)
    return _along(scene, term, rims + (1.0 - 2.0 * rims) * t, backward)[0]


def _plate(painter: QPainter, scene: Scene, at: QPointF, lines: list[str], room: float, token: str) -> None:
    """Lines of text on a plate around a point, clear of the columns left and right."""
    fitting = plates.fitting(scene, lines, room)
    if fitting is None:
        return
    width, height = fitting.width, fitting.height
    box = QRectF(_clear(scene, at.x(), width) - width / 2, at.y() - height / 2, width, height)
    view = scene.geometry.viewport
    box.moveTop(min(max(box.top(), view.top() + 2), view.bottom() - height - 2))
    plates.draw(painter, scene, box, fitting, token)


def _margins(scene: Scene) -> tuple[float, float]:
    """Pixels beside the middle of a column that belong to it: to its right, and to its left."""
    geometry, column = scene.geometry, scene.geometry.columns[0]
    right = max(column.radius + 2.0, BESIDE if geometry.detail >= 2 else 0.0)
    return right, max(right, split.reach(column) + 1.0) if split.shown(scene) else right


def _clear(scene: Scene, x: float, width: float) -> float:
    """The place nearest to x where something so wide stands between two columns, or on one of them; never
    over the edge of the network's part of the diagram.
    """
    geometry = scene.geometry
    half = width / 2
    for before, after in zip(geometry.columns, geometry.columns[1:], strict=False):
        if before.x < x < after.x:
            right, left = _margins(scene)
            low, high = before.x + right + half, after.x - left - half
            x = (low + high) / 2 if low > high else min(max(x, low), high)
            break
    return min(max(x, half + 4), geometry.viewport.right() - half - 4)


def _pulse(painter: QPainter, scene: Scene, size: float, at: QPointF, backward: bool) -> None:
    step = glow_step(size)
    if step < 0:
        return
    rgb = scene.color("delta" if backward else "forward").rgb()
    radius = glow_radius(step) * scene.geometry.fineness
    place(painter, at, glow(rgb, radius, painter.device().devicePixelRatioF(), hollow=not backward))
