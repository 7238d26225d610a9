"""A picture of one of two networks that are compared: its units and lines, and nothing around them."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from deltaglow.explain import symbols
from deltaglow.explain.numbers import full
from deltaglow.model.quantity import AddressError, Quantity, validate, value
from deltaglow.session.lab import Lab
from deltaglow.session.other_run import Side
from deltaglow.ui.diagram import edges, nodes, pulses, wiring
from deltaglow.ui.diagram.geometry import Geometry
from deltaglow.ui.diagram.scene import Scene
from deltaglow.ui.diagram.strips import EdgeLines
from deltaglow.ui.theme import Theme


class Bare(Geometry):
    """The network alone, over the whole widget: no caption, no card, nothing at the foot."""

    caption_height = 0.0
    foot_height = 0.0

    @cached_property
    def softmax(self) -> QRectF:
        """No card: the columns go up to the edge."""
        return QRectF(self.width, 0.0, 0.0, self.height)


class NetworkPicture(QWidget):
    """Draws a `Side`. A press on a unit or a line selects its number everywhere, and it is marked in both."""

    def __init__(self, lab: Lab, theme: Theme, name: str) -> None:
        super().__init__()
        self._lab, self._theme = lab, theme
        self._name = name
        self._side: Side | None = None
        self._lines: EdgeLines | None = None
        self._hovered: Quantity | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(200, 140)
        lab.selectionChanged.connect(self.update)
        theme.changed.connect(self._forget)

    def sizeHint(self) -> QSize:
        return QSize(380, 300)

    def show_side(self, side: Side | None) -> None:
        """Draw this; None for nothing."""
        if side != self._side:
            self._side = side
            self._hovered = None
            self.update()

    @property
    def scene(self) -> Scene | None:
        """What is drawn now."""
        side, lab = self._side, self._lab
        if side is None:
            return None
        return Scene(
            project=side.project,
            frame=side.frame,
            opening=side.opening,
            position=side.position,
            sample=side.sample,
            selected=lab.selected,
            hovered=self._hovered,
            geometry=self._geometry(side),
            theme=self._theme,
            still=lab.running,
            split=False,
        )

    def _geometry(self, side: Side) -> Geometry:
        shape = side.frame.architecture
        wanted = Bare(shape.widths, self.width(), self.height(), wiring.headroom(shape))
        if self._lines is None or self._lines.geometry != wanted:
            self._lines = EdgeLines(wanted)
        return self._lines.geometry

    @Slot()
    def _forget(self) -> None:
        self._lines = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        scene = self.scene
        with QPainter(self) as painter, np.errstate(all="ignore"):
            painter.fillRect(self.rect(), self._theme.color("canvas"))
            if scene is not None and self._lines is not None:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                self._draw(painter, scene, self._lines)

    def _draw(self, painter: QPainter, scene: Scene, lines: EdgeLines) -> None:
        edges.draw(painter, scene, lines)
        for marked, strength in ((scene.selected, 1.0), (scene.hovered, 0.6)):
            if marked is not None and self._there(marked):
                edges.draw_marked(painter, scene, lines, marked, strength)
        edges.draw_lit(painter, scene, lines)
        pulses.draw(painter, scene)
        nodes.draw_halos(painter, scene)
        nodes.draw_notes(painter, scene)
        nodes.draw(painter, scene)

    def _there(self, quantity: Quantity) -> bool:
        side = self._side
        assert side is not None
        try:
            validate(quantity, side.frame.architecture, side.frame.samples)
        except AddressError:
            return False
        return True

    # The mouse

    def quantity_at(self, point: QPointF) -> Quantity | None:
        """The number under a point, if any."""
        scene = self.scene
        if scene is None:
            return None
        unit = scene.geometry.unit_at(point)
        if unit is not None:
            return nodes.unit_quantity(scene, *unit)
        edge = scene.geometry.edge_at(point) or scene.geometry.cell_at(point)
        return None if edge is None else Quantity("W", edge[0], edge[1:])

    def describe(self, quantity: Quantity) -> str:
        """A line about a number of this network."""
        side = self._side
        assert side is not None
        name = symbols.spoken(side.project, quantity)
        known = side.position >= side.opening.known_from(quantity) - 1e-9
        said = full(value(quantity, side.frame, side.sample)) if known else "not computed yet"
        return f"{self._name}: {name}\n{symbols.text(side.project, quantity)} = {said}"

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        found = self.quantity_at(event.position())
        if found != self._hovered:
            self._hovered = found
            self.setToolTip("" if found is None else self.describe(found))
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self.quantity_at(event.position())
        if event.button() != Qt.MouseButton.LeftButton or found is None:
            return
        try:
            self._lab.select(found)
        except AddressError:
            self._lab.message.emit(f"{found} is of {self._name} alone: the other network has none")

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = None
        self.update()
        super().leaveEvent(event)
