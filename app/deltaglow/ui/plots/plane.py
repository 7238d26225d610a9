"""The drawing half of the region plot: a picture between two axes with the samples on it, on pyqtgraph.

This module imports pyqtgraph, which takes a good part of a second: only plots import it, late.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from pyqtgraph.GraphicsScene.mouseEvents import MouseClickEvent
from PySide6.QtCore import QEvent, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QContextMenuEvent, QMouseEvent, QPen
from PySide6.QtWidgets import QWidget

from deltaglow.ui.theme import Theme

from .axes import StepAxis
from .spots import Marks, Spots
from .stroke import Stroke

Floats = npt.NDArray[np.float64]
Picture = npt.NDArray[np.uint8]


class Plane(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph is untyped
    """Axes in the features' units. `pointed` carries the place under the pointer, or None; `pressed` the one
    that was clicked.
    """

    pointed = Signal(object)
    pressed = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None, steps: bool = False) -> None:
        """steps: the horizontal axis counts the steps of a run."""
        super().__init__(parent, axisItems={"bottom": StepAxis("bottom")} if steps else None)
        self._theme = theme
        self._now: pg.InfiniteLine | None = None
        self._dressed = ""
        """The theme whose colours it has."""
        self._names: dict[str, str] = {}
        self.following = True
        """Whether nobody has chosen the part in view by hand since it was last fitted."""
        self._image = pg.ImageItem(axisOrder="row-major")
        self._curves: list[pg.PlotCurveItem] = []
        self.spots, self.crosses = Spots(), Spots()
        self._path: pg.PlotCurveItem | None = None
        self._lines: list[pg.InfiniteLine] = []
        self._ring = pg.ScatterPlotItem(size=13, pxMode=True)
        plot = self.getPlotItem()
        plot.hideButtons()
        plot.setMenuEnabled(False)
        plot.layout.setContentsMargins(0, 6, 8, 0)
        self.setFrameShape(self.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setMouseTracking(True)
        box = plot.getViewBox()
        box.setDefaultPadding(0.0)
        box.disableAutoRange()
        box.addItem(self._image, ignoreBounds=True)
        for place, spots in enumerate((self.spots, self.crosses), start=5):
            spots.setZValue(place)
            box.addItem(spots, ignoreBounds=True)
        self._ring.setZValue(20)
        box.addItem(self._ring, ignoreBounds=True)
        for name in ("bottom", "left"):
            axis = plot.getAxis(name)
            axis.setStyle(tickLength=0, autoExpandTextSpace=False)
            axis.enableAutoSIPrefix(False)
        plot.getAxis("bottom").setHeight(20 if steps else 36)
        plot.getAxis("left").setWidth(56)
        self.dress("", "")
        plot.scene().sigMouseClicked.connect(self._on_clicked)
        box.sigRangeChangedManually.connect(self._taken_over)

    @Slot()
    def _taken_over(self) -> None:
        self.following = False

    def set_log_across(self) -> None:
        """Has the horizontal axis tell powers of ten of its numbers."""
        self.getPlotItem().getAxis("bottom").setLogMode(x=True)

    def lines(self, places: Sequence[tuple[float, str]]) -> None:
        """Draws upright lines at these places, each with a word, in place of those drawn before."""
        box, theme = self.getPlotItem().getViewBox(), self._theme
        while self._lines:
            box.removeItem(self._lines.pop())
        for number, (place, word) in enumerate(places):  # each word in a row of its own
            style = {
                "position": 0.92 - 0.13 * number,
                "color": theme.color("muted"),
                "anchors": [(0, 0.5), (1, 0.5)],
            }
            pen = pg.mkPen(theme.color("muted"), width=1)
            line = pg.InfiniteLine(place, angle=90, pen=pen, label=word, labelOpts=style)
            line.label.setFont(theme.ui_font(11))
            box.addItem(line, ignoreBounds=True)
            self._lines.append(line)

    def dress(self, across: str, up: str) -> None:
        """Takes on the theme's colours, and names the axes."""
        theme, plot = self._theme, self.getPlotItem()
        if self._dressed != theme.name:
            self._dressed = theme.name
            self._names = {}
            self.setBackground(theme.color("panel"))
            for where in ("bottom", "left"):
                axis = plot.getAxis(where)
                axis.setPen(QPen(theme.color("hairline"), 1))
                axis.setTextPen(theme.color("muted"))
                axis.setTickFont(theme.mono_font(10))
            self._ring.setPen(pg.mkPen(theme.color("text"), width=2))
            self._ring.setBrush(None)
        for where, name in (("bottom", across), ("left", up)):
            if self._names.get(where) != name:  # a name that is set has its axis drawn anew
                self._names[where] = name
                axis = plot.getAxis(where)
                axis.setLabel(name, color=theme.hex("muted"))
                axis.label.setFont(theme.ui_font(11))
                axis.resizeEvent()  # or else the name would stay where it was with the larger font

    @property
    def in_view(self) -> Floats:
        """The part of the plane that is seen: from where to where across, and up (2, 2)."""
        return np.array(self.getPlotItem().getViewBox().viewRange())

    def fit(self, left: float, right: float, bottom: float, top: float) -> None:
        """Shows this part of the plane."""
        self.following = True
        self.getPlotItem().getViewBox().setRange(xRange=(left, right), yRange=(bottom, top), padding=0)

    def pixels(self, ways: Floats) -> Floats:
        """How many pixels right and down each way (n, 2) on the plane is."""
        across, up = self.getPlotItem().getViewBox().viewPixelSize()
        found: Floats = ways / np.array([across or 1.0, up or 1.0])
        return found

    def show_picture(self, picture: Picture, bounds: tuple[float, float, float, float]) -> None:
        """Lays the picture (rows from the bottom up, columns, 3) over left, right, bottom, top."""
        left, right, bottom, top = bounds
        self._image.setImage(picture, autoLevels=False, levels=None)
        self._image.setRect(QRectF(left, bottom, right - left, top - bottom))
        self._image.setVisible(True)

    def show_curves(self, x: Floats, y: Floats, colours: Sequence[QColor]) -> None:
        """Draws y (n, curves) over x (n,) in place of a picture."""
        columns = (np.column_stack([x, values]) for values in y.T)
        self.show_strokes([Stroke(*one) for one in zip(columns, colours, strict=True)])

    def show_strokes(self, lines: Sequence[Stroke]) -> None:
        """Draws lines in place of a picture, later ones over others."""
        self._image.setVisible(False)
        box = self.getPlotItem().getViewBox()
        while len(self._curves) > len(lines):
            box.removeItem(self._curves.pop())
        while len(self._curves) < len(lines):
            curve = pg.PlotCurveItem(antialias=True)
            box.addItem(curve, ignoreBounds=True)
            self._curves.append(curve)
        for curve, line in zip(self._curves, lines, strict=True):
            places = line.places
            pen = pg.mkPen(line.colour, width=1)
            if line.dashes:
                pen.setDashPattern(line.dashes)
            curve.setPen(None if line.area else pen)
            curve.setBrush(line.colour if line.area else line.ground)
            base = float(places[0, 1]) if line.ground is not None and len(places) else None
            curve.setFillLevel("enclosed" if line.area else base)
            curve.setData(places[:, 0], places[:, 1])

    def name_rows(self, rows: Sequence[tuple[float, str]]) -> None:
        """Words in place of the numbers of the vertical axis, as many as there is room for; none: numbers."""
        axis, room = self.getPlotItem().getAxis("left"), max(int(self.height() / 22), 1)
        every = -(-len(rows) // room)
        axis.setTicks([list(rows)[::-1][::every]] if rows else None)

    def follow(self, left: float, right: float, bottom: float, top: float) -> None:
        """Shows this part of the plane, unless people have chosen one."""
        if self.following:
            self.fit(left, right, bottom, top)

    def show_marks(self, kinds: Sequence[Marks], crosses: Sequence[Marks] = ()) -> None:
        """Draws the samples in place of those drawn before, and over them crosses, of which there may be
        others each time.
        """
        canvas = self._theme.color("canvas")
        self.spots.show_marks(kinds, canvas)
        self.crosses.show_marks(crosses, canvas)

    def ring(self, place: Floats | None) -> None:
        """Rings one place (2,), or none."""
        if place is None:
            self._ring.clear()
        else:
            self._ring.setData(place[:1], place[1:])

    def show_path(self, places: Floats, colour: QColor) -> None:
        """Draws a line through places (n, 2) over the picture, and rings its end."""
        if self._path is None:
            self._path = pg.PlotCurveItem(antialias=True)
            self._path.setZValue(10)
            self.getPlotItem().getViewBox().addItem(self._path, ignoreBounds=True)
        self._path.setPen(pg.mkPen(colour, width=1))
        self._path.setData(places[:, 0], places[:, 1])
        self.ring(places[-1] if len(places) else None)

    def count_steps(self, on: bool) -> None:
        """Whether the horizontal axis counts steps."""
        axis = self.getPlotItem().getAxis("bottom")
        if isinstance(axis, StepAxis):
            axis.whole = on

    def mark_shown(self, across: float) -> None:
        """Draws a dashed line upright through this place; a negative one takes it away."""
        if self._now is None:
            self._now = pg.InfiniteLine(angle=90, movable=False)
            self._now.setZValue(15)
            self.getPlotItem().getViewBox().addItem(self._now, ignoreBounds=True)
        self._now.setPen(QPen(self._theme.color("text"), 0, Qt.PenStyle.DashLine))
        self._now.setVisible(across >= 0)
        self._now.setValue(max(across, 0.0))

    def clear_curves(self) -> None:
        """Takes the curves away."""
        box = self.getPlotItem().getViewBox()
        while self._curves:
            box.removeItem(self._curves.pop())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Leaves the menu to the card around the plot."""
        event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tells what is under the pointer, beside panning."""
        super().mouseMoveEvent(event)
        place = event.position().toPoint()
        box = self.getPlotItem().getViewBox()
        inside = box.sceneBoundingRect().contains(self.mapToScene(place))
        there = box.mapSceneToView(self.mapToScene(place))
        self.pointed.emit((there.x(), there.y()) if inside else None)

    @Slot(object)
    def _on_clicked(self, event: MouseClickEvent) -> None:
        box = self.getPlotItem().getViewBox()
        if event.button() == Qt.MouseButton.LeftButton and box.sceneBoundingRect().contains(event.scenePos()):
            place = box.mapSceneToView(event.scenePos())
            self.pressed.emit((place.x(), place.y()))

    def leaveEvent(self, event: QEvent) -> None:
        """Tells that the pointer has gone."""
        super().leaveEvent(event)
        self.pointed.emit(None)
