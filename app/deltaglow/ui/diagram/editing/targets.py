"""What the mouse is over, as far as it can be edited: a unit, a connection, a heading, a button."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QPointF, QRectF

from deltaglow.ui.diagram import wiring
from deltaglow.ui.diagram.scene import Scene

SIDE = 20.0
"""Width and height of a button, in pixels."""


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
    if near.kind is Kind.COLUMN:
        if more(scene, near.layer).contains(point):
            return Target(Kind.MORE, near.layer)
        if fewer(scene, near.layer).contains(point):
            return Target(Kind.FEWER, near.layer)
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
    nearest = min(geometry.columns, key=lambda column: abs(column.x - point.x()))
    if abs(nearest.x - point.x()) <= min(max(nearest.radius + 14.0, 34.0), geometry.gap * 0.38):
        return Target(Kind.COLUMN, nearest.layer)
    for before, after in zip(geometry.columns, geometry.columns[1:], strict=False):
        if before.x < point.x() < after.x:
            return Target(Kind.GAP, after.layer)
    return CANVAS


def more(scene: Scene, layer: int) -> QRectF:
    """The button under a column that adds a unit."""
    return _under(scene, layer, 12.0)


def fewer(scene: Scene, layer: int) -> QRectF:
    """The button under a column that removes its last unit."""
    return _under(scene, layer, -12.0)


def new_layer(scene: Scene, layer: int) -> QRectF:
    """The button between two columns that puts a layer between them."""
    before, after = scene.geometry.columns[layer - 1 : layer + 1]
    y = scene.geometry.caption_height + 10 + SIDE / 2
    return _around(QPointF((before.x + after.x) / 2, y))


def _under(scene: Scene, layer: int, aside: float) -> QRectF:
    column, geometry = scene.geometry.columns[layer], scene.geometry
    notes = 0.0
    if column.bar is None and layer and geometry.detail >= 2:
        notes = 4.0 + 14.0 * (geometry.detail - 1)
    lowest = column.bar.bottom() if column.bar is not None else column.places[-1] + column.radius + notes
    y = min(lowest + 6 + SIDE / 2, geometry.height - geometry.foot_height - SIDE / 2 - 2)
    return _around(QPointF(column.x + aside, y))


def _around(centre: QPointF) -> QRectF:
    return QRectF(centre.x() - SIDE / 2, centre.y() - SIDE / 2, SIDE, SIDE)
