"""Among so many lines that none can be followed, those of the unit chosen: others only stand behind it."""

from __future__ import annotations

from PySide6.QtCore import QLineF, Qt
from PySide6.QtGui import QPainter, QPen

from deltaglow.ui.diagram.scale import WIDTHS, width_index
from deltaglow.ui.diagram.scene import Scene
from deltaglow.ui.diagram.strips import EdgeLines

STRENGTH, RESTING = 1.0, 0.6
"""How much of their colour the lines of the chosen unit have where their layer is active, and where not."""


def unit_of(scene: Scene) -> tuple[int, int] | None:
    """The unit whose own lines are wanted: its layer, 0 for the inputs, and which it is."""
    q = scene.selected
    if q.kind == "x":
        return 0, q.index[0]
    if q.kind in ("z", "a", "delta", "back", "slope", "b", "db", "b_after") and q.layer:
        return q.layer, q.index[0]
    return None


def stands_out(scene: Scene, layer: int) -> bool:
    """Whether the lines into a layer are too many to be followed, and a unit at an end of them is chosen."""
    chosen, geometry = unit_of(scene), scene.geometry
    return chosen is not None and chosen[0] in (layer - 1, layer) and geometry.crowded(layer)


def draw(painter: QPainter, scene: Scene, lines: EdgeLines, layer: int) -> None:
    """The chosen unit's own lines, over the others."""
    chosen = unit_of(scene)
    if chosen is None:
        return
    column, unit = chosen
    weights, present = scene.weights(layer), scene.present(layer)
    sizes, before = width_index(weights), scene.geometry.sizes[layer - 1]
    rows = range(weights.shape[0]) if column < layer else (unit,)
    sources = (unit,) if column < layer else range(before)
    strength = STRENGTH if scene.lit(layer) else RESTING
    batches: dict[tuple[int, bool], list[QLineF]] = {}
    for j, i in ((j, i) for j in rows for i in sources if present is None or present[j, i]):
        negative = bool(weights[j, i] < 0)
        batches.setdefault((int(sizes[j, i]), negative), []).extend(lines.of(layer, j * before + i, negative))
    for (size, negative), batch in sorted(batches.items(), key=lambda item: item[0]):
        color = scene.signed(-1.0 if negative else 1.0, strength)
        painter.setPen(QPen(color, WIDTHS[size], Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        painter.drawLines(batch)
