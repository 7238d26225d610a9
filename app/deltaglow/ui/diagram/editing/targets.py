"""What the mouse is over, as far as it can be edited: a unit, a connection, a heading, a button."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QPointF, QRectF

from deltaglow.ui.diagram import wiring
from deltaglow.ui.diagram.geometry import BAR_CAPTION, Column
from deltaglow.ui.diagram.notes import NOTE_PLATE, SYMBOL_PLATE, WIDTH, note_box, symbol_box
from deltaglow.ui.diagram.scene import Scene

SIDE, GAP = 20.0, 6.0
"""Width and height of a button, in pixels, and how far from a column it stands."""


class Kind(Enum):
    """What can be under the mouse."""

    CANVAS = "canvas"
    UNIT = "unit"
    CONNECTION = "connection"
    HEADING = "heading"
    COLUMN = "column"
    """Near a column, but on nothing of it."""
    GAP = "gap"
    """Between two columns, but on nothing."""
    MORE = "more"
    FEWER = "fewer"
    NEW_LAYER = "new layer"


@dataclass(frozen=True)
class Target:
    """layer: of the unit, the connection or the column; for GAP and NEW_LAYER the number that a new layer
    there would get. index: (unit,) or (j, i).
    """

    kind: Kind
    layer: int = 0
    index: tuple[int, ...] = ()

    @property
    def unit(self) -> tuple[int, int]:
        """(layer, unit)."""
        return self.layer, self.index[0]

    @property
    def connection(self) -> tuple[int, int, int]:
        """(layer, j, i)."""
        return self.layer, self.index[0], self.index[1]


CANVAS = Target(Kind.CANVAS)


def target_at(scene: Scene, point: QPointF) -> Target:
    """What is under a point."""
    geometry = scene.geometry
    if not geometry.viewport.contains(point):
        return CANVAS
    near = _near(scene, point)
    beside = _nearest(scene, point).layer
    if more(scene, beside).contains(point):
        return Target(Kind.MORE, beside)
    if fewer(scene, beside).contains(point):
        return Target(Kind.FEWER, beside)
    if near.kind is Kind.COLUMN:
        if wiring.title_box(scene, near.layer).contains(point):
            return Target(Kind.HEADING, near.layer)
    elif near.kind is Kind.GAP and new_layer(scene, near.layer).contains(point):
        return Target(Kind.NEW_LAYER, near.layer)
    unit = geometry.unit_at(point)
    if unit is not None:
        return Target(Kind.UNIT, unit[0], (unit[1],))
    edge = geometry.edge_at(point) or geometry.cell_at(point)
    if edge is not None:
        return Target(Kind.CONNECTION, edge[0], edge[1:])
    return near


def _near(scene: Scene, point: QPointF) -> Target:
    geometry = scene.geometry
    nearest = _nearest(scene, point)
    if abs(nearest.x - point.x()) <= min(max(nearest.radius + 14.0, 34.0), geometry.gap * 0.38):
        return Target(Kind.COLUMN, nearest.layer)
    for before, after in zip(geometry.columns, geometry.columns[1:], strict=False):
        if before.x < point.x() < after.x:
            return Target(Kind.GAP, after.layer)
    return CANVAS


def _nearest(scene: Scene, point: QPointF) -> Column:
    return min(scene.geometry.columns, key=lambda column: abs(column.x - point.x()))


def more(scene: Scene, layer: int) -> QRectF:
    """The button under a column that adds a unit."""
    return _under(scene, layer, 1)


def fewer(scene: Scene, layer: int) -> QRectF:
    """The button under a column that removes its last unit."""
    return _under(scene, layer, -1)


def new_layer(scene: Scene, layer: int) -> QRectF:
    """The button between two columns that puts a layer between them."""
    before, after = scene.geometry.columns[layer - 1 : layer + 1]
    y = scene.geometry.caption_height + 10 + SIDE / 2
    return _around(QPointF((before.x + after.x) / 2, y))


def extent(scene: Scene, layer: int) -> QRectF:
    """What a column takes up, with what is written above and below its units."""
    column, detail = scene.geometry.columns[layer], scene.geometry.detail
    if column.bar is not None:
        return column.bar.adjusted(0, -BAR_CAPTION, 0, 0)
    noted = detail >= 2
    half = max(column.radius, WIDTH / 2 - 2 if noted and layer else SYMBOL_PLATE / 2 if noted else 0.0)
    top = symbol_box(column, 0).top() if noted else column.places[0] - column.radius
    bottom = column.places[-1] + column.radius
    if noted and layer:
        bottom = note_box(column, column.units - 1, detail - 2).bottom()
    return QRectF(column.x - half, top, 2 * half, bottom - top)


def _under(scene: Scene, layer: int, side: int) -> QRectF:
    """On the left or on the right; beside what is lowest in the column where there is no room under it."""
    column, geometry = scene.geometry.columns[layer], scene.geometry
    whole, floor = extent(scene, layer), geometry.height - geometry.foot_height - 2
    if whole.bottom() + GAP + SIDE <= floor:
        return _around(QPointF(column.x + side * 12.0, whole.bottom() + GAP + SIDE / 2))
    noted = column.bar is None and layer > 0 and geometry.detail >= 2
    half = NOTE_PLATE / 2 if noted else column.bar.width() / 2 if column.bar is not None else column.radius
    aside = side * (half + 3 + SIDE / 2)
    if layer == len(geometry.columns) - 1:  # the card is on its right
        aside = -abs(aside) - (SIDE + 3 if side < 0 else 0.0)
    return _around(QPointF(column.x + aside, whole.bottom() - SIDE / 2))


def _around(centre: QPointF) -> QRectF:
    return QRectF(centre.x() - SIDE / 2, centre.y() - SIDE / 2, SIDE, SIDE)
