"""Where everything in the diagram stands: pure geometry, computed when the network or the size changes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainter

Floats = npt.NDArray[np.float64]

COLLAPSE_ABOVE = 600
"""Connections between two columns above which they are drawn as a heat map of the weights."""
CROWDED_ABOVE = 200
"""Connections above which those of the unit chosen stand out from the others."""
BAR_BELOW = 7.0
"""Pixels per unit below which a column is drawn as one bar."""
NOTED_FROM = 74.0
"""Pixels per unit from which a symbol and δ stand beside it, and still its value within."""
BAR_CAPTION = 16.0
"""Pixels over a bar for the number of its units."""
LEAST_ZOOM, MOST_ZOOM = 0.5, 40.0
EDGE_REACH = 6.0
"""How far from a line, in pixels, a click still hits it."""


@dataclass(frozen=True)
class Column:
    """One column of units: layer 0 is the input. `pitch` is the distance between units, `bar` the bar's
    rectangle if there are too many to draw one by one."""

    layer: int
    x: float
    ys: Floats
    pitch: float
    radius: float
    bar: QRectF | None

    @property
    def units(self) -> int:
        return len(self.ys)

    @cached_property
    def places(self) -> list[float]:
        """`ys` as plain numbers."""
        return [float(y) for y in self.ys]

    def centre(self, unit: int) -> QPointF:
        return QPointF(self.x, self.places[unit])

    def unit_at(self, point: QPointF) -> int | None:
        """The unit under a point."""
        reach = max(self.radius, 4.0) + 2.0
        if abs(point.x() - self.x) > (self.bar.width() / 2 + 2 if self.bar else reach):
            return None
        unit = int(np.abs(self.ys - point.y()).argmin())
        limit = self.pitch if self.bar else reach
        return unit if abs(self.ys[unit] - point.y()) <= limit else None


@dataclass(frozen=True)
class Viewpoint:
    """How much of the network is shown: `zoom` times as large as it would fit, and moved by (x, y) pixels."""

    zoom: float = 1.0
    x: float = 0.0
    y: float = 0.0

    def moved(self, x: float, y: float) -> Viewpoint:
        """Moved by so many pixels more."""
        return Viewpoint(self.zoom, self.x + x, self.y + y)

    def scaled(self, by: float, x: float, y: float) -> Viewpoint:
        """Larger by a factor, the point (x, y) from the corner of the whole staying in place."""
        zoom = min(max(self.zoom * by, LEAST_ZOOM), MOST_ZOOM)
        by = zoom / self.zoom
        if abs(zoom - 1.0) < 1e-3:
            return Viewpoint()
        return Viewpoint(zoom, x - (x - self.x) * by, y - (y - self.y) * by)


@dataclass(frozen=True)
class Geometry:
    """The places of one network in a widget of `width` × `height` pixels.

    `sizes`: units per column, inputs first.
    """

    sizes: tuple[int, ...]
    width: float
    height: float
    headroom: float = 0.0
    """Pixels above the columns that titles and arcs need."""
    viewpoint: Viewpoint = Viewpoint()

    caption_height = 46.0
    foot_height = 104.0

    @cached_property
    def softmax(self) -> QRectF:
        """The card to the right of the output column."""
        width = min(max(self.width * 0.27, 150.0), 230.0)
        top = self.caption_height + 8
        return QRectF(self.width - width - 14, top, width, self.height - self.foot_height - top - 10)

    @cached_property
    def net(self) -> QRectF:
        """What the columns span."""
        whole, view = self.whole, self.viewpoint
        size = QSizeF(whole.width() * view.zoom, whole.height() * view.zoom)
        return QRectF(whole.topLeft() + QPointF(view.x, view.y), size)

    @property
    def moved(self) -> bool:
        """Whether some of the network may lie outside of the viewport."""
        return self.viewpoint != Viewpoint()

    @cached_property
    def viewport(self) -> QRectF:
        """Where the network may be drawn."""
        bottom = self.height - self.foot_height
        return QRectF(0, self.caption_height, self.softmax.left() - 2, bottom - self.caption_height)

    def clip(self, painter: QPainter) -> None:
        """Keep the network off what stands around it."""
        if self.moved:
            painter.setClipRect(self.viewport)

    def shows(self, layer: int) -> bool:
        """Whether a column is in the viewport."""
        return not self.moved or self.viewport.left() <= self.columns[layer].x <= self.viewport.right()

    @cached_property
    def whole(self) -> QRectF:
        """What the columns span when the whole network is shown."""
        left, right = 46.0, self.softmax.left() - 46.0
        top, bottom = self.caption_height + 8 + self.headroom, self.height - self.foot_height - 10
        return QRectF(left, top, max(right - left, 40.0), max(bottom - top, 40.0))

    @cached_property
    def gap(self) -> float:
        """Between two columns."""
        return self.net.width() / (len(self.sizes) - 1)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        most = max(n for n in self.sizes if self.net.height() / n >= BAR_BELOW) if self._any_drawn else 1
        radius = self._radius(self.net.height() / most)
        return tuple(self._column(layer, n, radius) for layer, n in enumerate(self.sizes))

    @cached_property
    def detail(self) -> int:
        """3: symbols, z and δ beside each unit; 2: symbol and δ; 1: values in the units; 0: no text."""
        pitch = min((column.pitch for column in self.columns if column.bar is None), default=0.0)
        if pitch >= 96 and self.gap >= 110:
            return 3
        if pitch >= NOTED_FROM and self.gap >= 90:
            return 2
        return 1 if self.columns[0].radius >= 12 and pitch >= BAR_BELOW else 0

    @cached_property
    def fineness(self) -> float:
        """By how much glows shrink where units stand close: 1 for a roomy diagram."""
        drawn = [column.pitch for column in self.columns if column.bar is None]
        return min(max(min(drawn, default=70.0) / 80.0, 0.4), 1.0)

    def collapsed(self, layer: int) -> bool:
        """Whether the connections into a layer are drawn as a heat map."""
        before, after = self.columns[layer - 1], self.columns[layer]
        return bool(before.units * after.units > COLLAPSE_ABOVE or before.bar or after.bar)

    def crowded(self, layer: int) -> bool:
        """Whether the connections into a layer are drawn as lines, but too many for one to be followed."""
        count = self.columns[layer - 1].units * self.columns[layer].units
        return count > CROWDED_ABOVE and not self.collapsed(layer)

    def heat_map(self, layer: int) -> QRectF:
        """Where the heat map of a collapsed layer's weights stands: rows are units j, columns units i."""
        before, after = self.columns[layer - 1], self.columns[layer]
        middle = (before.x + after.x) / 2
        side = min(self.gap * 0.56, self.net.height() * 0.62)
        return QRectF(middle - side / 2, self.net.center().y() - side / 2, side, side)

    @cached_property
    def ends(self) -> tuple[tuple[Floats, Floats], ...]:
        """For each layer the ends of its lines, on the rims: (units, n_in, 2) at unit i, and at unit j."""
        return tuple(self.lines(k, slice(None), slice(None)) for k in range(1, len(self.sizes)))

    def lines(self, layer: int, units: slice, sources: slice) -> tuple[Floats, Floats]:
        """The ends of the lines of a layer to these of its units, from these of the layer before."""
        before, after = self.columns[layer - 1], self.columns[layer]
        starts, stops = before.ys[None, sources], after.ys[units, None]
        across, down = after.x - before.x, stops - starts
        length = np.hypot(across, down)
        away, near = (before.radius + 2) / length, (after.radius + 2) / length
        start = np.stack([before.x + across * away, starts + down * away], -1)
        return start, np.stack([after.x - across * near, stops - down * near], -1)

    def edge_at(self, point: QPointF) -> tuple[int, int, int] | None:
        """(layer, j, i) of the line nearest to a point, if it is near enough."""
        place = np.array([point.x(), point.y()])
        best, found = EDGE_REACH, None
        for k in range(1, len(self.sizes)):
            if self.collapsed(k) or not self.columns[k - 1].x < place[0] < self.columns[k].x:
                continue
            start, stop = self.ends[k - 1]
            along = stop - start
            t = ((place - start) * along).sum(-1) / (along * along).sum(-1)
            distance = np.linalg.norm(start + along * np.clip(t, 0, 1)[..., None] - place, axis=-1)
            j, i = np.unravel_index(int(distance.argmin()), distance.shape)
            if distance[j, i] < best:
                best, found = float(distance[j, i]), (k, int(j), int(i))
        return found

    def cell_at(self, point: QPointF) -> tuple[int, int, int] | None:
        """(layer, j, i) of the heat map cell under a point."""
        for k in range(1, len(self.sizes)):
            if self.collapsed(k) and self.heat_map(k).contains(point):
                area = self.heat_map(k)
                j = int((point.y() - area.top()) / area.height() * self.sizes[k])
                i = int((point.x() - area.left()) / area.width() * self.sizes[k - 1])
                return k, min(j, self.sizes[k] - 1), min(i, self.sizes[k - 1] - 1)
        return None

    def strip(self, layer: int) -> QRectF:
        """The track of a layer's gradient norm, under its column."""
        width = min(self.gap * 0.78, 150.0)
        x = min(self.columns[layer].x - width / 2, self.softmax.right() - width)
        return QRectF(x, self.height - self.foot_height + 26, width, 11)

    def unit_at(self, point: QPointF) -> tuple[int, int] | None:
        """(layer, unit) under a point; layer 0 is the input."""
        for column in self.columns:
            unit = column.unit_at(point)
            if unit is not None:
                return column.layer, unit
        return None

    @property
    def _any_drawn(self) -> bool:
        return any(self.net.height() / n >= BAR_BELOW for n in self.sizes)

    def _radius(self, pitch: float) -> float:
        for needed, text in ((96, 57), (NOTED_FROM, 44)):
            if pitch >= needed:
                return min((pitch - text) / 2, 27.0 * self._growth, self.gap * 0.24)
        return max(min(pitch * 0.38, 20.0 * self._growth, self.gap * 0.24), 2.5)

    @property
    def _growth(self) -> float:
        return max(self.viewpoint.zoom, 1.0)

    def _column(self, layer: int, units: int, radius: float) -> Column:
        pitch = min(self.net.height() / units, 140.0 * self._growth)
        ys: Floats = self.net.center().y() + (np.arange(units, dtype=np.float64) - (units - 1) / 2) * pitch
        x = self.net.left() + layer * self.gap
        if pitch >= BAR_BELOW:
            return Column(layer, x, ys, pitch, radius, None)
        bar = QRectF(x - 7, self.net.top() + BAR_CAPTION, 14, self.net.height() - BAR_CAPTION)
        pitch = bar.height() / units
        ys = bar.top() + (np.arange(units, dtype=np.float64) + 0.5) * pitch
        return Column(layer, x, ys, pitch, 7.0, bar)
