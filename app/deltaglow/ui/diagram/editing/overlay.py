"""What is drawn over the diagram while one edits: buttons, selection, deleted connections, advice."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from deltaglow.ui.diagram import wiring
from deltaglow.ui.diagram.editing import chip, deleted, targets
from deltaglow.ui.diagram.editing.selection import Selection
from deltaglow.ui.diagram.editing.targets import Kind, Target
from deltaglow.ui.diagram.gestures.base import Gesture
from deltaglow.ui.diagram.scene import Scene
from deltaglow.ui.diagram.sprites import RIGHT, write


@dataclass(frozen=True)
class Overlay:
    """Everything it shows: drawing it is a function of this and the scene."""

    selection: Selection
    target: Target
    gesture: Gesture | None
    hint: str
    warns: bool
    """The hint says why something cannot be done."""
    shows_deleted: bool
    refused: frozenset[Kind]
    """Buttons that can do nothing now."""

    def draw(self, painter: QPainter, scene: Scene) -> None:
        """Over the scene."""
        painter.save()
        if scene.geometry.moved:
            painter.setClipRect(scene.geometry.viewport)
        self._deleted(painter, scene)
        self._selected(painter, scene)
        if self.gesture is not None:
            self.gesture.draw(painter, scene)
        else:
            link = chip.connection_of(scene, self.selection)
            if link is not None and not scene.running:
                chip.draw(painter, scene, link)
            self._buttons(painter, scene)
        painter.restore()
        self._advice(painter, scene)

    def _deleted(self, painter: QPainter, scene: Scene) -> None:
        if self.shows_deleted:
            deleted.draw(painter, scene, deleted.of_project(scene.project))
            return
        gone = deleted.among(scene.project, self.selection.connections)
        if self.target.kind is Kind.UNIT:
            gone += deleted.of_unit(scene, *self.target.unit)
        deleted.draw(painter, scene, gone)

    def _selected(self, painter: QPainter, scene: Scene) -> None:
        chosen, geometry = self.selection, scene.geometry
        if len(chosen) < 2 and not chosen.layers:
            return  # one unit or connection is marked by the scene itself
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(scene.theme.color("focus"), 2))
        for layer, unit in chosen.units:
            column = geometry.columns[layer]
            reach = max(column.radius, 4.0) + 4.0
            painter.drawEllipse(column.centre(unit), reach, reach)
        for layer in chosen.layers:
            painter.drawRoundedRect(targets.extent(scene, layer).adjusted(-5, 3, 5, 4), 8, 8)
        painter.setPen(QPen(scene.theme.color("focus"), 3))
        for k, j, i in list(chosen.connections)[: deleted.MOST]:
            if not geometry.collapsed(k):
                start, stop = geometry.ends[k - 1]
                painter.drawLine(QLineF(*start[j, i].tolist(), *stop[j, i].tolist()))

    def _buttons(self, painter: QPainter, scene: Scene) -> None:
        kind, layer = self.target.kind, self.target.layer
        if kind in (Kind.COLUMN, Kind.HEADING, Kind.MORE, Kind.FEWER, Kind.UNIT):
            self._button(painter, scene, targets.more(scene, layer), Kind.MORE)
            self._button(painter, scene, targets.fewer(scene, layer), Kind.FEWER)
        if kind in (Kind.COLUMN, Kind.HEADING) and layer:
            wiring.draw_title(painter, scene, layer, hovered=kind is Kind.HEADING)
        if kind in (Kind.GAP, Kind.NEW_LAYER):
            self._button(painter, scene, targets.new_layer(scene, layer), Kind.NEW_LAYER)
        elif scene.phases.depth == 1 and not scene.running:
            self._button(painter, scene, targets.new_layer(scene, 1), Kind.NEW_LAYER)

    def _button(self, painter: QPainter, scene: Scene, box: QRectF, kind: Kind) -> None:
        theme, off, hot = scene.theme, kind in self.refused, self.target.kind is kind
        ink = theme.color("disabled" if off else "text")
        painter.setPen(QPen(theme.color("hairline" if off else "forward" if hot else "zero"), 1.4))
        painter.setBrush(theme.color("hover" if hot and not off else "raised"))
        painter.drawRoundedRect(box, 6, 6)
        painter.setPen(QPen(ink, 1.8))
        centre, arm = box.center(), 4.5
        painter.drawLine(QLineF(centre.x() - arm, centre.y(), centre.x() + arm, centre.y()))
        if kind is not Kind.FEWER:
            painter.drawLine(QLineF(centre.x(), centre.y() - arm, centre.x(), centre.y() + arm))

    def _advice(self, painter: QPainter, scene: Scene) -> None:
        if not self.hint:
            return
        geometry, theme = scene.geometry, scene.theme
        font = theme.ui_font(11)
        painter.setFont(font)
        most, wanted = geometry.width - 36, painter.fontMetrics().horizontalAdvance(self.hint) + 4.0
        text = painter.fontMetrics().elidedText(self.hint, Qt.TextElideMode.ElideRight, int(most))
        width = min(wanted, most)
        box = QRectF(geometry.width - 18 - width, geometry.height - geometry.foot_height + 4, width, 18)
        if wanted > most - min(250.0, geometry.width * 0.4):  # over the heading of the norms
            painter.fillRect(QRectF(18, box.top() - 1, most, box.height() + 1), theme.color("canvas"))
        color = theme.text_color("negative" if self.warns else "muted")
        write(painter, box, RIGHT, text, font, color)
