"""What the moving parts of the diagram are drawn over: lines, tracks and legends, kept as a picture."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import partial
from time import perf_counter

from PySide6.QtGui import QPainter, QPixmap

from deltaglow.explain.captions import Caption
from deltaglow.ui.diagram import alone, caption, edges, foot, nodes, strips
from deltaglow.ui.diagram.geometry import Geometry
from deltaglow.ui.diagram.readings import Readings
from deltaglow.ui.diagram.scene import Scene
from deltaglow.ui.diagram.strips import EdgeLines

SLICE_S = 0.004
"""Seconds that a frame of a run gives to the next picture: drawn in one go, it would hold up that frame."""


@dataclass
class _Coming:
    """A picture that is drawn a little with each frame, of the scene that was there when it was begun."""

    key: tuple[Hashable, bool]
    scene: Scene
    picture: QPixmap
    parts: list[Callable[[QPainter], None]]
    """What is still to be drawn, the last first."""


class Ground:
    """Made anew only with the frame or the phase.

    While training, frames come faster than lines need to change or figures can be read: then the picture has
    both, with the glow around the units, and is begun anew when that is `due`. It is shown once it is whole.
    """

    def __init__(self, readings: Readings) -> None:
        self._readings = readings
        self._lines: EdgeLines | None = None
        self._backdrop: tuple[Hashable, QPixmap] | None = None
        self._made: tuple[tuple[Hashable, bool], QPixmap] | None = None
        self._coming: _Coming | None = None
        self._spare: QPixmap | None = None
        """The memory of the picture before: new memory of this size is mapped page by page, each time."""
        self._prepared: Hashable = None
        """What all pictures of lines have been made for."""
        self.due = False
        self.read: Scene | None = None
        """While training: the scene whose figures are shown, those that the picture of the lines has too."""

    @property
    def geometry(self) -> Geometry | None:
        """Of the lines, once there are any."""
        return None if self._lines is None else self._lines.geometry

    @property
    def stays(self) -> bool:
        """Whether the picture was made while training, and no newer one is ready."""
        ready = self._coming is not None and not self._coming.parts
        return self._made is not None and self._made[0][1] and not ready

    def forget(self) -> None:
        """Colours or sizes are others."""
        self._backdrop = self._made = self._coming = self._spare = self._prepared = None

    def lines_of(self, geometry: Geometry) -> EdgeLines:
        """The lines of this geometry."""
        if self._lines is None or self._lines.geometry is not geometry:
            self._lines = EdgeLines(geometry)
            self._made = self._coming = None
        return self._lines

    def prepare(self, scene: Scene, ratio: float) -> bool:
        """Makes one of the pictures of lines that later phases of the step need; whether one was missing."""
        lines = self.lines_of(scene.geometry)
        behind = tuple(k for k in range(1, scene.phases.depth + 1) if alone.stands_out(scene, k))
        key = (scene.frame, lines, edges.silenced(scene), behind, scene.theme.name, ratio)
        if scene.running or key == self._prepared:
            return False
        missing = strips.prepare(scene, lines, ratio, behind)
        self._prepared = None if missing else key
        return missing

    def picture(self, scene: Scene, words: Caption, ratio: float) -> QPixmap:
        """The picture under a scene, at so many pixels a logical one; words: the caption, which it has while
        training.
        """
        lines = self.lines_of(scene.geometry)
        backdrop_key = (words if scene.running else None, foot.backdrop_key(scene))
        fresh = self._backdrop is None or self._backdrop[0] != backdrop_key
        if scene.running and not fresh and self._made is not None and self._made[0][1]:
            return self._go_on(scene, lines, self._made[1])
        self._coming = None
        if self._backdrop is None or fresh:
            self._backdrop = (backdrop_key, _backdrop(scene, words, ratio))
            self._made = self._spare = None
        key = (edges.cache_key(scene), scene.running)
        if self._made is not None and self._made[0] == key:
            return self._made[1]
        pixmap = self._backdrop[1].copy() if self._made is None else self._made[1]
        with QPainter(pixmap) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for part in self._parts(scene, lines):
                part(painter)
        self._made, self.due, self.read = (key, pixmap), False, scene
        return pixmap

    def _go_on(self, scene: Scene, lines: EdgeLines, shown: QPixmap) -> QPixmap:
        """While training: draw a little of the picture that comes; the one to show."""
        coming = self._coming
        if coming is not None and not coming.parts:
            self._made, self.read, self._spare = (coming.key, coming.picture), coming.scene, shown
            self._coming = None
            return coming.picture
        if coming is None and self.due:
            self.due = False
            picture = shown.copy() if self._spare is None else self._spare
            key, parts = (edges.cache_key(scene), True), self._parts(scene, lines)[::-1]
            coming = self._coming = _Coming(key, scene, picture, parts)
        if coming is not None:
            end = perf_counter() + SLICE_S
            with QPainter(coming.picture) as painter:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                while coming.parts and perf_counter() < end:
                    coming.parts.pop()(painter)
        return shown

    def _parts(self, scene: Scene, lines: EdgeLines) -> list[Callable[[QPainter], None]]:
        """What draws the picture of a scene, one after the other."""
        assert self._backdrop is not None
        network = edges.parts(scene, lines)
        if scene.running:
            network += [partial(nodes.draw_halos, scene=scene), partial(nodes.draw_notes, scene=scene)]
        parts: list[Callable[[QPainter], None]] = [partial(_lay, picture=self._backdrop[1])]
        parts += [partial(_within, scene=scene, part=part) for part in network]
        if scene.running:
            parts += [partial(part, scene=scene) for part in self._readings.parts]
        return parts


def _lay(painter: QPainter, picture: QPixmap) -> None:
    painter.drawPixmap(0, 0, picture)


def _within(painter: QPainter, scene: Scene, part: Callable[[QPainter], None]) -> None:
    """Off what stands around the network."""
    scene.geometry.clip(painter)
    part(painter)
    painter.setClipping(False)


def _backdrop(scene: Scene, words: Caption, ratio: float) -> QPixmap:
    """What does not change with the numbers."""
    geometry = scene.geometry
    pixmap = QPixmap(round(geometry.width * ratio), round(geometry.height * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(scene.theme.color("canvas"))
    with QPainter(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        foot.draw_backdrop(painter, scene)
        if scene.running:
            caption.draw(painter, scene, words)
    return pixmap
