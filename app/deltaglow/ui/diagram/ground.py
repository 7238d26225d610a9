"""What the moving parts of the diagram are drawn over: lines, tracks and legends, kept as a picture."""

from __future__ import annotations

from collections.abc import Hashable

from PySide6.QtGui import QPainter, QPixmap

from deltaglow.explain.captions import Caption
from deltaglow.ui.diagram import caption, edges, foot, nodes, strips
from deltaglow.ui.diagram.geometry import Geometry
from deltaglow.ui.diagram.readings import Readings
from deltaglow.ui.diagram.scene import Scene
from deltaglow.ui.diagram.strips import EdgeLines


class Ground:
    """Made anew only with the frame or the phase.

    While training, frames come faster than lines need to change or figures can be read: then the picture has
    both, with the glow around the units, and is made anew when that is `due`.
    """

    def __init__(self, readings: Readings) -> None:
        self._readings = readings
        self._lines: EdgeLines | None = None
        self._backdrop: tuple[Hashable, QPixmap] | None = None
        self._made: tuple[tuple[Hashable, bool], QPixmap] | None = None
        self.due = False
        self.read: Scene | None = None
        """While training: the scene whose figures are shown, those that the picture of the lines has too."""

    @property
    def geometry(self) -> Geometry | None:
        """Of the lines, once there are any."""
        return None if self._lines is None else self._lines.geometry

    @property
    def stays(self) -> bool:
        """Whether the picture was made while training, and is not to be made anew yet."""
        return self._made is not None and self._made[0][1] and not self.due

    def forget(self) -> None:
        """Colours or sizes are others."""
        self._backdrop = self._made = None

    def lines_of(self, geometry: Geometry) -> EdgeLines:
        """The lines of this geometry."""
        if self._lines is None or self._lines.geometry is not geometry:
            self._lines = EdgeLines(geometry)
            self._made = None
        return self._lines

    def prepare(self, scene: Scene, ratio: float) -> bool:
        """Makes one of the pictures of lines that later phases of the step need; whether one was missing."""
        return not scene.running and strips.prepare(scene, self.lines_of(scene.geometry), ratio)

    def picture(self, scene: Scene, words: Caption, ratio: float) -> QPixmap:
        """The picture under a scene, at so many pixels a logical one; words: the caption, which it has while
        training.
        """
        lines = self.lines_of(scene.geometry)
        if scene.running and self.stays and self._made is not None:
            return self._made[1]
        backdrop_key = (words if scene.running else None, foot.backdrop_key(scene))
        if self._backdrop is None or self._backdrop[0] != backdrop_key:
            self._backdrop = (backdrop_key, _backdrop(scene, words, ratio))
            self._made = None
        key = (edges.cache_key(scene), scene.running)
        if self._made is not None and self._made[0] == key:
            return self._made[1]
        # The same memory again: new memory of this size is mapped page by page, each time.
        pixmap = self._backdrop[1].copy() if self._made is None else self._made[1]
        with QPainter(pixmap) as painter:
            painter.drawPixmap(0, 0, self._backdrop[1])
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            scene.geometry.clip(painter)
            edges.draw(painter, scene, lines)
            if scene.running:
                nodes.draw_halos(painter, scene)
                nodes.draw_notes(painter, scene)
                painter.setClipping(False)
                self._readings.draw(painter, scene)
        self._made, self.due, self.read = (key, pixmap), False, scene
        return pixmap


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
