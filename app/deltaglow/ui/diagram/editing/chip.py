"""The name and the value of the one connection that is selected, on its line."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from deltaglow.explain import symbols
from deltaglow.explain.numbers import show
from deltaglow.model.edits import Connection
from deltaglow.model.quantity import Quantity
from deltaglow.ui.diagram.editing.selection import Selection
from deltaglow.ui.diagram.scene import Scene

PART = 0.42
"""How far along its line it stands."""
HEIGHT = 20.0


def connection_of(scene: Scene, chosen: Selection) -> Connection | None:
    """The connection that gets a chip: the only thing selected, and drawn as a line."""
    if len(chosen) != 1 or not chosen.connections:
        return None
    (found,) = chosen.connections
    return None if scene.geometry.collapsed(found[0]) else found


def boxes(scene: Scene, connection: Connection) -> tuple[QRectF, QRectF]:
    """Where the name and the value stand."""
    k, j, i = connection
    start, stop = scene.geometry.ends[k - 1]
    middle = QPointF(*(start[j, i] + PART * (stop[j, i] - start[j, i])).tolist())
    name, number = _texts(scene, connection)
    wide = QFontMetricsF(scene.theme.math_font(14)).horizontalAdvance(name) + 12
    rest = QFontMetricsF(scene.theme.mono_font(12)).horizontalAdvance(number) + 12
    left, top = middle.x() - (wide + rest) / 2, middle.y() - HEIGHT / 2
    return QRectF(left, top, wide, HEIGHT), QRectF(left + wide, top, rest, HEIGHT)


def draw(painter: QPainter, scene: Scene, connection: Connection) -> None:
    """A small card with both."""
    theme = scene.theme
    name, number = boxes(scene, connection)
    texts = _texts(scene, connection)
    painter.setPen(QPen(theme.color("zero"), 1))
    painter.setBrush(theme.color("raised"))
    painter.drawRoundedRect(name.united(number), 5, 5)
    painter.setPen(theme.color("text"))
    painter.setFont(theme.math_font(14))
    painter.drawText(name, Qt.AlignmentFlag.AlignCenter, texts[0])
    painter.setFont(theme.mono_font(12))
    painter.drawText(number, Qt.AlignmentFlag.AlignCenter, texts[1])


def _texts(scene: Scene, connection: Connection) -> tuple[str, str]:
    k, j, i = connection
    name = symbols.text(scene.project, Quantity("W", k, (j, i)))
    mask = scene.project.network.layers[k - 1].mask
    if mask is not None and not mask[j, i]:
        return name, "deleted"
    return name, show(float(scene.weights(k)[j, i]), 3).text
