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
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QContextMenuEvent, QMouseEvent, QPen
from PySide6.QtWidgets import QGraphicsSceneResizeEvent, QWidget

from deltaglow.ui.theme import Theme, blend

from .pyramid import Array, Pyramid

_LABEL_GAP = 13  # px between the labels at the curves' ends
_GROW = 1.06  # how far the step axis reaches beyond the newest step when it has to be extended
_SMALLEST = 1e-300
_FAINT = 0.38  # strength of the band between the least and the greatest value of a stretch
_PIXELS_A_MEAN = 3
_DOTTED = 60  # up to so many points each step is a dot as well: one step alone has no line


class _StepAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph is untyped
    """A horizontal axis whose name stands at the left of its figures instead of taking a row of its own."""

    def resizeEvent(self, event: QGraphicsSceneResizeEvent | None = None) -> None:
        """Places the name; pyqtgraph would centre it below."""
        del event
        if self.label is not None:
            box = self.label.boundingRect()
            self.label.setPos(-box.width() - 8, -1)

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Whole steps only, in groups of three digits."""
        del scale, spacing
        return [f"{value:,.0f}".replace(",", "\u2009") if value == int(value) else "" for value in values]

    def tickSpacing(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, float]]:
        """One level of ticks on 1, 2 or 5 times a power of ten, never closer than 64 px nor than one step."""
        wanted = max((maxVal - minVal) * 64 / max(size, 64), 1.0)
        power = 10.0 ** math.floor(math.log10(wanted))
        return [(next(power * m for m in (1, 2, 5, 10) if power * m >= wanted * 0.999), 0)]


class _ValueAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph is untyped
    """A vertical axis with few ticks: whole decades (thinned) on a logarithmic scale, 0 at its floor."""

    floor: float | None = None
    """Where zeros are drawn on a logarithmic scale (log10 of the value), or None if there are none."""

    def boundingRect(self) -> QRectF:
        """With room for half a line of text at either end, which pyqtgraph would leave out."""
        box: QRectF = super().boundingRect()
        return box.adjusted(0, -8, 0, 8)

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        """One level of ticks, never closer than 22 px."""
        room = max(size / 22, 2.0)
        if not self.logMode:
            return [(1.0, _round_values(minVal, maxVal, room))]
        if maxVal - minVal >= 1.7:
            step = math.ceil((maxVal - minVal) / room)
            ticks = [k * step * 1.0 for k in range(math.ceil(minVal / step), math.floor(maxVal / step) + 1)]
        else:
            ticks = _within_decades(minVal, maxVal, (maxVal - minVal) / room)
        if self.floor is not None:
            ticks = [self.floor, *(t for t in ticks if t > self.floor + (maxVal - minVal) / room)]
        return [(1.0, ticks)]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Plain numbers, powers of ten as 1e−3, with a true minus sign."""
        del scale, spacing
        if self.logMode:
            return ["0" if value == self.floor else _plain(10.0**value) for value in values]
        return [f"{value:.6g}".replace("-", "\u2212") for value in values]


def _round_values(low: float, high: float, count: float) -> list[float]:
    """The multiples of 1, 2 or 5 times a power of ten between `low` and `high`: at most about `count`."""
    wanted = max((high - low) / max(count, 1.0), 1e-300)
    power = 10.0 ** math.floor(math.log10(wanted))
    step = next(power * m for m in (1, 2, 5, 10) if power * m >= wanted * 0.999)
    return [k * step for k in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def _within_decades(low: float, high: float, apart: float) -> list[float]:
    """log10 of the roundest values between 10**low and 10**high that stand `apart`: 1, then 3, 2, 5, 7."""
    ticks: list[float] = []
    for digit in (1, 3, 2, 5, 7, 1.5, 4, 6, 8, 9):
        for decade in range(math.floor(low), math.ceil(high) + 1):
            tick = decade + math.log10(digit)
            if low <= tick <= high and all(abs(tick - other) >= apart for other in ticks):
                ticks.append(tick)
    return sorted(ticks)


def _plain(value: float) -> str:
    if 1e-3 < value < 1e4:
        return f"{value:.3g}"
    mantissa, exponent = f"{value:.2e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}e{int(exponent)}".replace("-", "\u2212")


def _spread(places: list[float], top: float, bottom: float) -> list[float]:
    """The ascending `places` moved as little as needed to stand `_LABEL_GAP` apart between top and bottom."""
    moved: list[float] = []
    for place in places:
        moved.append(max(min(max(place, top), bottom), moved[-1] + _LABEL_GAP if moved else top))
    limit = bottom
    for k in range(len(moved) - 1, -1, -1):
        moved[k] = min(moved[k], limit)
        limit = moved[k] - _LABEL_GAP
    return moved


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
        axes = {"bottom": _StepAxis("bottom"), "left": _ValueAxis("left")}
        super().__init__(parent, axisItems=axes)
        self.log_scale = False
        self.following = True
        self.floor_used = False
        self._floor = _SMALLEST
        self.steps_per_pixel = 1
        self._pyramid = Pyramid(0)
        self._curves: list[pg.PlotCurveItem] = []
        self._bands: list[pg.PlotCurveItem] = []
        self._dots: list[pg.ScatterPlotItem] = []
        self._ends: list[pg.TextItem] = []
        self._names: list[str] = []
        self._dress: object = None
        self._busy = False
        self.quantity = quantity
        self.sparse: list[bool] = []
        """Which columns have a number for some steps only: theirs are joined over the gaps."""
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
        for name in ("bottom", "left"):
            axis = plot.getAxis(name)
            axis.setStyle(tickLength=0, autoExpandTextSpace=False, hideOverlappingLabels=False)
            axis.enableAutoSIPrefix(False)
            axis.setZValue(-1000)
        plot.getAxis("bottom").setStyle(tickTextOffset=5)
        plot.getAxis("bottom").setHeight(20)
        plot.getAxis("left").setWidth(56)
        plot.getAxis("left").setStyle(tickTextOffset=6)
        self.recolour([], [])

    def recolour(self, colours: Sequence[QColor], names: Sequence[str]) -> None:
        """Dresses axes and grid in the theme, and gives the curves `colours` and end `names`."""
        theme, plot = self._theme, self.getPlotItem()
        dress = (theme.name, self.quantity, [colour.rgba() for colour in colours], list(names))
        if dress == self._dress:
            return
        self._dress = dress
        self.setBackground(theme.color("panel"))
        muted = theme.color("muted")
        for where, label in (("bottom", "step"), ("left", self.quantity)):
            axis = plot.getAxis(where)
            axis.setPen(QPen(theme.color("hairline" if where == "bottom" else "panel"), 1))
            axis.setTextPen(muted)
            axis.setTickFont(theme.mono_font(10))
            axis.setLabel(label, color=muted.name())
            axis.label.setFont(theme.ui_font(11))
            axis.showLabel()
        self._line.setPen(QPen(theme.color("muted"), 0))
        self._now.setPen(QPen(theme.color("text"), 0, Qt.PenStyle.DashLine))
        self._names = list(names)
        self._match(len(colours))
        marks = zip(self._curves, self._bands, self._dots, self._ends, colours, names, strict=True)
        for curve, band, dots, end, colour, name in marks:
            curve.setPen(pg.mkPen(colour, width=1))
            band.setPen(pg.mkPen(blend(theme.color("panel"), colour, _FAINT), width=1))
            dots.setBrush(colour)
            end.setText(name)
            end.setColor(colour)
            end.setFont(theme.mono_font(11, 500))
        self._grid()

    def _grid(self) -> None:
        # pyqtgraph draws its grid with an alpha of its own and the ticks' pen: opaque is cheaper and exact
        axis = self.getPlotItem().getAxis("left")
        axis.setTickPen(QPen(self._theme.color("plot_grid"), 1))
        axis.setGrid(255)

    def _match(self, count: int) -> None:
        box = self.getPlotItem().getViewBox()
        while len(self._curves) > count:
            box.removeItem(self._curves.pop())
            box.removeItem(self._bands.pop())
            box.removeItem(self._dots.pop())
            self.getPlotItem().scene().removeItem(self._ends.pop())
        while len(self._curves) < count:
            curve = pg.PlotCurveItem(antialias=True, connect="finite", skipFiniteCheck=False)
            dots = pg.ScatterPlotItem(size=5, pen=None, pxMode=True)
            end = pg.TextItem(anchor=(0, 0.5))
            band = pg.PlotCurveItem(antialias=False, connect="finite", skipFiniteCheck=False)
            band.setZValue(-10)
            box.addItem(band, ignoreBounds=True)
            box.addItem(curve, ignoreBounds=True)
            box.addItem(dots, ignoreBounds=True)
            self.getPlotItem().scene().addItem(end)
            self._curves.append(curve)
            self._bands.append(band)
            self._dots.append(dots)
            self._ends.append(end)

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
        low, _ = self._pyramid.extremes(0, len(self._pyramid))
        if self.log_scale and (low[np.isfinite(low)] <= _SMALLEST).any():
            seen = self._pyramid.view(0, len(self._pyramid), 512).y
            positive = seen[seen > _SMALLEST]
            self.floor_used = True
            self._floor = float(positive.min()) / 10.0 if positive.size else 1e-6
        self.getPlotItem().getAxis("left").floor = math.log10(self._floor) if self.floor_used else None

    def _range(self, fresh: bool) -> None:
        length = len(self._pyramid)
        if length == 0:
            return
        box = self.getPlotItem().getViewBox()
        (_, right), (bottom, top) = box.viewRange()
        last = max(length - 1, 1)
        new_right = right if not fresh and last <= right <= last * 1.25 else max(last * _GROW, 1.0)
        low, high = self._pyramid.extremes(0, length)
        if not np.isfinite(low).any():
            return
        ends = self._scaled(np.array([np.nanmin(low), np.nanmax(high)]))
        lowest, highest = float(ends[0]), float(ends[1])
        if not self.log_scale and lowest >= 0.0:
            lowest = min(lowest, 0.0)
        if not fresh and bottom <= lowest and highest <= top and (top - bottom) <= 1.6 * (highest - lowest):
            new_bottom, new_top = bottom, top
        else:
            span = max(highest - lowest, 0.2 if self.log_scale else abs(highest) * 0.1, 1e-12)
            new_bottom = lowest - (0.02 if lowest == 0.0 or self.floor_used else 0.06) * span
            new_top = lowest + span * 1.08
        if (new_right, new_bottom, new_top) != (right, bottom, top):
            self._busy = True
            box.setRange(xRange=(-0.012 * new_right, new_right), yRange=(new_bottom, new_top), padding=0)
            self._busy = False

    def _draw(self) -> None:
        if self._pyramid.columns != len(self._curves):
            return  # another run has been announced and its first rows are still to come
        box = self.getPlotItem().getViewBox()
        (left, right), _ = box.viewRange()
        start, stop = math.floor(left), math.ceil(right) + 1
        width = max(int(box.width()), 60)
        bands = self._pyramid.view(start, stop, width)
        self.steps_per_pixel = bands.per_bucket
        view = self._pyramid.means(start, stop, width // _PIXELS_A_MEAN) if bands.per_bucket > 1 else bands
        y = self._scaled(view.y)
        spread = self._scaled(bands.y)
        for column, band in enumerate(self._bands):
            shown = bands.per_bucket > 1 and not self.sparse[column]
            band.setVisible(shown)
            if shown:
                band.setData(bands.x, spread[column])
        for column, (curve, dots) in enumerate(zip(self._curves, self._dots, strict=True)):
            known = np.isfinite(y[column])
            if self.sparse[column]:
                curve.setData(view.x[known], y[column][known])
            else:
                curve.setData(view.x, y[column])
            each = self.sparse[column] or bands.per_bucket == 1  # a mean of many steps is no dot
            few = each and int(known.sum() if self.sparse[column] else known.size) <= _DOTTED
            dots.setVisible(few)  # an empty one costs as much to paint as a curve
            if few:
                dots.setData(view.x[known], y[column][known])
        self._label_ends(y)
        # What pyqtgraph would only settle while painting, and then paint again for.
        self.scene().prepareForPaint()

    def _label_ends(self, y: Array) -> None:
        """Puts each curve's name at its right end, pushed apart where they would overlap."""
        if not any(self._names) or y.shape[1] == 0:
            for end in self._ends:
                end.setVisible(False)
            return
        box = self.getPlotItem().getViewBox()
        frame = box.mapRectToScene(box.boundingRect())
        (_, _), (bottom, top) = box.viewRange()
        finite = [column[np.isfinite(column)] for column in y]
        marks = sorted(
            (frame.bottom() - (values[-1] - bottom) / (top - bottom) * frame.height(), index)
            for index, values in enumerate(finite)
            if values.size
        )
        lowest = frame.bottom() - 5
        for (_, index), place in zip(
            marks, _spread([m[0] for m in marks], frame.top() + 5, lowest), strict=True
        ):
            self._ends[index].setPos(QPointF(frame.right() + 1, place))
            self._ends[index].setVisible(True)

    def mark(self, step: int) -> None:
        """Draws the crosshair at `step`; a negative one takes it away."""
        self._line.setVisible(step >= 0)
        if step >= 0:
            self._line.setValue(step)

    def mark_shown(self, step: int) -> None:
        """Draws a dashed line at the step that is shown everywhere else; a negative one takes it away."""
        if (step >= 0) != self._now.isVisible():
            self._now.setVisible(step >= 0)
        if step >= 0:
            self._now.setValue(step)

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
        return int(min(max(round(place), 0), length - 1))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Leaves the menu to the card around the chart."""
        event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tells which step is under the pointer, beside panning."""
        super().mouseMoveEvent(event)
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
