"""The drawing half of a history plot: axes, curves, crosshair and view range, on pyqtgraph.

This module imports pyqtgraph, which takes a good part of a second: only `HistoryPlot` imports it, late, after
the window's first frame.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from pyqtgraph.GraphicsScene.mouseEvents import MouseClickEvent
from PySide6.QtCore import QEvent, QPointF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QContextMenuEvent, QMouseEvent, QPen
from PySide6.QtWidgets import QWidget

from deltaglow.ui.theme import Theme, blend

from .axes import StepAxis, ValueAxis, dress, set_up
from .beside import OtherRun
from .end_labels import EndLabels
from .overlaid import Overlaid
from .pyramid import Array, Pyramid, View, bulk
from .readout import Entry, Readout
from .scales import STEP, Scale
from .seed_band import SeedBand
from .smoothing import smoothed

_GROW = 1.06  # how far the step axis reaches beyond the newest step when it has to be extended
_SMALLEST = 1e-300
_FAINT = 0.38  # strength of the band between the least and the greatest value of a stretch
_PIXELS_A_MEAN = 3
_REMEMBERED = 6  # times the steps of a running mean after which a value counts no more
_DOTTED = 60  # up to so many points each step is a dot as well: one step alone has no line


class Chart(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph is untyped
    """Draws columns of a `Pyramid` against the step.

    Where several steps share a pixel, a faint band goes from the least to the greatest value and the line is
    their mean; where they do not, the line goes through every value.

    `hovered` carries the step under the pointer, or -1 when the pointer has left; `chosen` one that was
    clicked. The range follows the run
    until the user zooms or pans, and again after `follow()`.
    """

    hovered = Signal(int)
    chosen = Signal(int)

    def __init__(self, theme: Theme, quantity: str, parent: QWidget | None = None) -> None:
        self._theme = theme
        axes = {"bottom": StepAxis("bottom"), "left": ValueAxis("left")}
        super().__init__(parent, axisItems=axes)
        self.log_scale = False
        self.following = True
        self.begins = 0
        """The first step of which anything is known."""
        self.floor_used = False
        self._floor = _SMALLEST
        self.steps_per_pixel = 1
        self._pyramid = Pyramid(0)
        self._curves: list[pg.PlotCurveItem] = []
        self._bands: list[pg.PlotCurveItem] = []
        self._dots: list[pg.ScatterPlotItem] = []
        self._ends = EndLabels(self.getPlotItem())
        self.beside = OtherRun(self.getPlotItem(), theme)
        self.seeds = SeedBand(self.getPlotItem(), theme)
        self.overlaid = Overlaid(self.getPlotItem(), theme)
        self.bulk_only = False
        """Whether the vertical axis is for most of the numbers alone, whatever the others are."""
        self.smoothing = 0
        """Over about how many steps the curves are averaged; 0 for not at all."""
        self._smooth: View | None = None
        self._dress: object = None
        self.colours: list[QColor] = []
        self.paler: list[QColor] = []
        """Of the run's own curves, and of those of the one that it is compared with."""
        self.pointed_at = 0.0
        """The value at which the pointer was last."""
        self._busy = False
        self.quantity = quantity
        self.scales = (STEP, STEP)
        """What the run is drawn against, and what the other one is."""
        self.sparse: list[bool] = []
        """Which columns have a number for some steps only: theirs are joined over the gaps."""
        self._readout = Readout(theme, self)
        self._line = pg.InfiniteLine(angle=90, movable=False)
        self._line.hide()
        self._now = pg.InfiniteLine(angle=90, movable=False)
        self._now.hide()
        self._set_up()

    def _set_up(self) -> None:
        plot = self.getPlotItem()
        plot.hideButtons()
        plot.setMenuEnabled(False)
        plot.layout.setContentsMargins(0, 6, 24, 0)
        self.setFrameShape(self.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        box = plot.getViewBox()
        box.setMouseEnabled(x=True, y=True)
        box.setDefaultPadding(0.0)
        box.disableAutoRange()
        box.addItem(self._line, ignoreBounds=True)
        box.addItem(self._now, ignoreBounds=True)
        plot.scene().sigMouseClicked.connect(self._on_clicked)
        box.sigXRangeChanged.connect(self._moved)
        box.sigResized.connect(self._moved)
        box.sigRangeChangedManually.connect(self._taken_over)
        set_up(plot)
        self.recolour([], [])

    def recolour(self, colours: Sequence[QColor], names: Sequence[str]) -> None:
        """Dresses axes and grid in the theme, and gives the curves `colours` and end `names`."""
        theme, plot = self._theme, self.getPlotItem()
        compared = len(self.beside) > 0
        across = self.scales[0]
        wanted = (
            theme.name,
            self.quantity,
            across.label,
            [colour.rgba() for colour in colours],
            list(names),
            compared,
            [(run.short, run.number) for run in self.overlaid.runs],
        )
        if wanted == self._dress:
            return
        self._dress = wanted
        self.setBackground(theme.color("panel"))
        dress(plot, theme, across.label, self.quantity)
        plot.getAxis("bottom").whole = across.whole
        self._line.setPen(QPen(theme.color("muted"), 0))
        self._now.setPen(QPen(theme.color("text"), 0, Qt.PenStyle.DashLine))
        self._match(len(colours))
        self.colours, self.paler = list(colours), self.beside.dress(colours)
        self.seeds.dress(colours)
        self.overlaid.dress(len(colours))
        theirs, tints = self.overlaid.end_names(len(colours))
        own = [*(f"{n}A" for n in names), *(f"{n}B" for n in names)] if compared else list(names)
        tinted = [*colours, *self.paler] if compared else list(colours)
        self._ends.name([*own, *theirs], [*tinted, *tints], theme.mono_font(11, 500))
        for curve, band, dots, colour in zip(self._curves, self._bands, self._dots, colours, strict=True):
            curve.setPen(pg.mkPen(colour, width=1))
            band.setPen(pg.mkPen(blend(theme.color("panel"), colour, _FAINT), width=1))
            dots.setBrush(colour)

    def _match(self, count: int) -> None:
        box = self.getPlotItem().getViewBox()
        while len(self._curves) > count:
            box.removeItem(self._curves.pop())
            box.removeItem(self._bands.pop())
            box.removeItem(self._dots.pop())
        while len(self._curves) < count:
            curve = pg.PlotCurveItem(antialias=True, connect="finite", skipFiniteCheck=False)
            dots = pg.ScatterPlotItem(size=5, pen=None, pxMode=True)
            band = pg.PlotCurveItem(antialias=False, connect="finite", skipFiniteCheck=False)
            band.setZValue(-10)
            box.addItem(band, ignoreBounds=True)
            box.addItem(curve, ignoreBounds=True)
            box.addItem(dots, ignoreBounds=True)
            self._curves.append(curve)
            self._bands.append(band)
            self._dots.append(dots)

    def set_log(self, on: bool) -> None:
        """Chooses a logarithmic or a linear vertical axis, and shows the whole run again."""
        self.log_scale = on
        self.getPlotItem().getAxis("left").setLogMode(y=on)
        self.follow()

    def follow(self) -> None:
        """Shows the whole run, and keeps doing so while it grows."""
        self.following = True
        self._find_floor()
        self._range(fresh=True)
        self._draw()

    def show_data(self, pyramid: Pyramid, fresh: bool) -> None:
        """Draws `pyramid`; `fresh` says that the old range has nothing to do with it."""
        self._pyramid = pyramid
        self._find_floor()
        if self.following or fresh:
            self.following = True
            self._range(fresh)
        self._draw()

    def _scaled(self, values: Array) -> Array:
        if not self.log_scale:
            return values
        scaled: Array = np.log10(np.maximum(values, self._floor))
        return scaled

    def _find_floor(self) -> None:
        """Where zeros go on a log scale: a decade below the least positive value, if there are any zeros."""
        self.floor_used, self._floor = False, _SMALLEST
        pyramids = (self._pyramid, self.beside.pyramid, self.seeds.pyramid, *self.overlaid.pyramids)
        if self.log_scale and (self._extremes() <= _SMALLEST).any():
            seen = np.concatenate([each.view(0, len(each), 512).y.ravel() for each in pyramids])
            positive = seen[seen > _SMALLEST]
            self.floor_used = True
            self._floor = float(positive.min()) / 10.0 if positive.size else 1e-6
        self.getPlotItem().getAxis("left").floor = math.log10(self._floor) if self.floor_used else None

    def _range(self, fresh: bool) -> None:
        length = len(self._pyramid)
        if length == 0:
            return
        box = self.getPlotItem().getViewBox()
        (left, right), (bottom, top) = box.viewRange()
        own, other = self.scales
        alone = not (len(self.seeds) or len(self.beside) or self.overlaid.curves)
        first = own.at(self.begins) if alone else 0.0
        mine, theirs = max(length, len(self.seeds), 2) - 1, max(len(self.beside) - 1, 0)
        last = max(own.at(mine), other.at(theirs), self.overlaid.reach, 1e-6)
        run = max(last - first, 1e-6)
        stays = not fresh and last <= right <= first + run * 1.25
        new_right = right if stays else first + run * _GROW
        new_left = first - 0.012 * (new_right - first)
        found = self._extremes()
        if not found.size:
            return
        ends = self._scaled(np.array([found.min(), found.max()]))
        lowest, highest = float(ends[0]), float(ends[1])
        if not self.log_scale and lowest >= 0.0:
            lowest = min(lowest, 0.0)
        if not fresh and bottom <= lowest and highest <= top and (top - bottom) <= 1.6 * (highest - lowest):
            new_bottom, new_top = bottom, top
        else:
            span = max(highest - lowest, 0.2 if self.log_scale else abs(highest) * 0.1, 1e-12)
            new_bottom = lowest - (0.02 if lowest == 0.0 or self.floor_used else 0.06) * span
            new_top = lowest + span * 1.08
        if (new_left, new_right, new_bottom, new_top) != (left, right, bottom, top):
            self._busy = True
            box.setRange(xRange=(new_left, new_right), yRange=(new_bottom, new_top), padding=0)
            self._busy = False

    def _extremes(self) -> Array:
        """The least and the greatest of all numbers, of other runs' too, as they are; or of most of them."""
        if self.bulk_only:
            return bulk([self._pyramid, self.beside.pyramid, *self.overlaid.pyramids])
        own = np.concatenate(self._pyramid.extremes(0, len(self._pyramid)))
        others = (self.beside, self.seeds, self.overlaid)
        return np.concatenate([own[np.isfinite(own)], *(each.extremes() for each in others)])

    def set_bulk_only(self, on: bool) -> None:
        """Chooses whether outliers are left out of account by the vertical axis, and shows the whole run."""
        self.bulk_only = on
        self.follow()

    def compare(self, pyramid: Pyramid) -> None:
        """Draws these columns of another run beside the run's own; none for an empty one."""
        self.beside.pyramid = pyramid

    def _draw(self) -> None:
        if self._pyramid.columns != len(self._curves):
            return  # another run has been announced and its first rows are still to come
        box = self.getPlotItem().getViewBox()
        (left, right), _ = box.viewRange()
        own, other = self.scales
        start, stop = math.floor(own.step(left)), math.ceil(own.step(right)) + 1
        width = max(int(box.width()), 60)
        bands = self._pyramid.view(start, stop, width)
        self.steps_per_pixel = bands.per_bucket

        def look(pyramid: Pyramid, scale: Scale = own) -> View:
            first, end = math.floor(scale.step(left)), math.ceil(scale.step(right)) + 1
            if self.smoothing:
                found = self._smoothed(pyramid, first, end, width)
            else:
                found = pyramid.means(first, end, width // _PIXELS_A_MEAN)
            return View(scale.place(found.x), found.y, found.per_bucket)

        view = self._pyramid.means(start, stop, width // _PIXELS_A_MEAN) if bands.per_bucket > 1 else bands
        view = View(own.place(view.x), view.y, view.per_bucket)
        self._smooth = self._smoothed(self._pyramid, start, stop, width) if self.smoothing else None
        self.beside.draw(lambda pyramid: look(pyramid, other), self._scaled, self.sparse)
        self.seeds.draw(look, self._scaled)
        self.overlaid.draw(look, self._scaled, self.sparse)
        self._draw_bands(View(own.place(bands.x), bands.y, bands.per_bucket))
        y = self._scaled(view.y)
        smooth = None if self._smooth is None else self._scaled(self._smooth.y)
        for column, (curve, dots) in enumerate(zip(self._curves, self._dots, strict=True)):
            known = np.isfinite(y[column])
            sparse = self.sparse[column]
            if sparse:
                curve.setData(view.x[known], y[column][known])
            elif smooth is not None and self._smooth is not None:
                curve.setData(own.place(self._smooth.x), smooth[column])
            else:
                curve.setData(view.x, y[column])
            each = sparse or bands.per_bucket == 1  # a mean of many steps is no dot
            few = each and int(known.sum() if sparse else known.size) <= _DOTTED
            dots.setVisible(few)  # an empty one costs as much to paint as a curve
            if few:
                dots.setData(view.x[known], y[column][known])
        self._ends.place([*y, *self.beside.shown, *self.overlaid.shown])
        # What pyqtgraph would only settle while painting, and then paint again for.
        self.scene().prepareForPaint()

    def _draw_bands(self, bands: View) -> None:
        """From the least to the greatest value of each stretch; under smoothed curves all values."""
        spread = self._scaled(bands.y)
        for column, band in enumerate(self._bands):
            shown = (bands.per_bucket > 1 or self.smoothing > 0) and not self.sparse[column]
            band.setVisible(shown)
            if shown:
                band.setData(bands.x, spread[column])

    def _smoothed(self, pyramid: Pyramid, start: int, stop: int, width: int) -> View:
        """The running mean of the steps in view, begun early enough to be what it is when all is in view."""
        early = max(start - _REMEMBERED * self.smoothing, 0)
        found = pyramid.means(early, stop, max(width * (stop - early) // max(stop - start, 1), 1))
        y = smoothed(found.y, self.smoothing / found.per_bucket)
        seen = found.x >= start - found.per_bucket
        return View(found.x[seen], y[:, seen], found.per_bucket)

    def smooth_value(self, column: int, step: int) -> float:
        """A smoothed curve's value nearest to a step, as it is drawn; NaN where there is none."""
        if self._smooth is None or self.sparse[column] or not self._smooth.x.size:
            return math.nan
        return float(self._smooth.y[column, int(np.abs(self._smooth.x - step).argmin())])

    def draw_against(self, own: Scale, other: Scale) -> None:
        """Chooses what the run, and the other one, are drawn against, and shows the whole run again."""
        if self.scales != (own, other):
            self.scales = own, other
            self.follow()

    def set_smoothing(self, steps: int) -> None:
        """Averages the curves over about so many steps, each counting less the longer it is past; 0: not."""
        self.smoothing = steps
        self._draw()

    def mark(self, step: int) -> None:
        """Draws the crosshair at `step`; a negative one takes it away."""
        self._line.setVisible(step >= 0)
        if step >= 0:
            self._line.setValue(self.scales[0].at(step))

    def tell(self, entries: Sequence[Entry], step: int) -> None:
        """What the curves say, beside the crosshair at `step`; without entries nothing."""
        box = self.getPlotItem().getViewBox()
        space = self.mapFromScene(box.sceneBoundingRect()).boundingRect()
        x = self.mapFromScene(box.mapViewToScene(QPointF(self.scales[0].at(step), 0.0))).x()
        self._readout.tell(entries, x, space)

    @property
    def told(self) -> str:
        """What stands beside the crosshair (rich text)."""
        return self._readout.text() if self._readout.isVisibleTo(self) else ""

    def mark_shown(self, step: int) -> None:
        """Draws a dashed line at the step that is shown everywhere else; a negative one takes it away."""
        if (step >= 0) != self._now.isVisible():
            self._now.setVisible(step >= 0)
        if step >= 0:
            self._now.setValue(self.scales[0].at(step))

    @Slot(object)
    def _on_clicked(self, event: MouseClickEvent) -> None:
        inside = self.getPlotItem().getViewBox().sceneBoundingRect().contains(event.scenePos())
        if event.button() == Qt.MouseButton.LeftButton and inside:
            step = self.step_at(event.scenePos().x())
            if step >= 0:
                self.chosen.emit(step)

    def step_at(self, x: float) -> int:
        """The step whose place is nearest to the widget's pixel column `x`, or -1 when there is none."""
        length = len(self._pyramid)
        if length == 0:
            return -1
        place = self.getPlotItem().getViewBox().mapSceneToView(self.mapToScene(int(x), 0)).x()
        return int(min(max(round(self.scales[0].step(place)), 0), length - 1))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Leaves the menu to the card around the chart."""
        event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tells which step is under the pointer, beside panning."""
        super().mouseMoveEvent(event)
        up = self.getPlotItem().getViewBox().mapSceneToView(self.mapToScene(event.position().toPoint())).y()
        self.pointed_at = 10.0 ** min(up, 300.0) if self.log_scale else up
        self.hovered.emit(self.step_at(event.position().x()))

    def leaveEvent(self, event: QEvent) -> None:
        """Tells that the pointer has gone."""
        super().leaveEvent(event)
        self.hovered.emit(-1)

    @Slot()
    def _moved(self) -> None:
        if not self._busy:
            self._draw()

    @Slot()
    def _taken_over(self) -> None:
        self.following = False
