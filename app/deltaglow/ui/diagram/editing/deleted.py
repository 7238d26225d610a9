"""Connections that were deleted, shown as faint dotted lines where they are wanted."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import QLineF, Qt
from PySide6.QtGui import QPainter, QPen

from deltaglow.model.edits import Connection
from deltaglow.model.project import Project
from deltaglow.ui.diagram.scene import Scene

MOST = 400
"""Dotted lines that are drawn at once; more could not be told apart."""


def of_project(project: Project) -> list[Connection]:
    """Every deleted connection of a project."""
    found: list[Connection] = []
    for k, layer in enumerate(project.network.layers, start=1):
        if layer.mask is not None:
            found += [(k, int(j), int(i)) for j, i in np.argwhere(~layer.mask)]
    return found


def among(project: Project, connections: Iterable[Connection]) -> list[Connection]:
    """Those of some connections that are deleted."""
    masks = [layer.mask for layer in project.network.layers]
    return [(k, j, i) for k, j, i in connections if (mask := masks[k - 1]) is not None and not mask[j, i]]


def of_unit(scene: Scene, layer: int, unit: int) -> list[Connection]:
    """The deleted connections into and out of a unit."""
    return [
        (k, j, i)
        for k, j, i in of_project(scene.project)
        if (k == layer and j == unit) or (k == layer + 1 and i == unit)
    ]


def draw(painter: QPainter, scene: Scene, connections: Iterable[Connection]) -> None:
    """Dotted lines where the connections were."""
    pen = QPen(scene.color("muted", 0.8), 1.3, Qt.PenStyle.CustomDashLine)
    pen.setDashPattern([1.0, 3.5])
    painter.setPen(pen)
    lines = []
    for k, j, i in list(connections)[:MOST]:
        if not scene.geometry.collapsed(k):
            start, stop = scene.geometry.ends[k - 1]
            lines.append(QLineF(*start[j, i].tolist(), *stop[j, i].tolist()))
    painter.drawLines(lines)
