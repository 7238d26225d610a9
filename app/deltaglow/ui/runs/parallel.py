"""Parallel coordinates: an axis for each setting and result, and a line across them for each run."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from deltaglow.explain.parallel import Axis, axis
from deltaglow.session.run_table import RunRow
from deltaglow.ui.theme import Theme
from deltaglow.ui.theme.tokens import blend

TOP, BOTTOM, SIDE = 40.0, 16.0, 64.0
"""Pixels around the axes; names stand above them."""
APART = 88.0
"""The least between two axes, below which it is scrolled."""
NEAR = 6.0
"""Pixels from a line, or an axis, that count as on it."""
TICK_ROOM = 28.0


class ParallelPlot(QWidget):
    """A drag along an axis keeps the runs that cross it there, `narrowed`; a press on it lets go of it."""

    narrowed = Signal()
    pointed = Signal(str)
    """What is told of the run under the pointer; empty of none."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._runs: list[RunRow] = []
        self._axes: list[Axis] = []
        self._ranges: dict[str, tuple[float, float]] = {}
        self._tinted = ""
        self._over = -1
        self._pulled: tuple[int, float] | None = None
        self.setMouseTracking(True)
        self.setAccessibleName("Parallel coordinates of the runs")
        self.setToolTip("Drag along an axis to keep the runs that cross it there; press the axis to let go")
        theme.changed.connect(self.update)

    def show_runs(self, runs: Sequence[RunRow], columns: Sequence[str], tinted: str) -> None:
        """A line for each run, an axis for each column; tinted: the column that colours the lines."""
        self._runs, self._tinted = list(runs), tinted
        self._axes = [axis(name, [run.entry(name) for run in runs]) for name in columns]
        self._ranges = {name: kept for name, kept in self._ranges.items() if name in columns}
        self._over = -1
        self.setMinimumWidth(round(2 * SIDE + APART * max(len(self._axes) - 1, 0)))
        names = ", ".join(columns)
        self.setAccessibleDescription(f"{len(self._runs)} runs across {names}")
        self.update()

    def sizeHint(self) -> QSize:
        """Room for the names of the axes."""
        return QSize(self.minimumWidth(), 280)

    @property
    def kept(self) -> list[RunRow]:
        """The runs that cross every axis where it is kept to."""
        return [run for run in self._runs if self._is_kept(run)]

    def keep(self, name: str, part: tuple[float, float] | None) -> None:
        """Keep to this part of an axis, 0 to 1 from the bottom; None for all of it."""
        if part is None:
            self._ranges.pop(name, None)
        else:
            self._ranges[name] = (min(part), max(part))
        self.update()
        self.narrowed.emit()

    def let_go(self) -> None:
        """Keep all runs."""
        self._ranges.clear()
        self.update()
        self.narrowed.emit()

    def _is_kept(self, run: RunRow) -> bool:
        for one in self._axes:
            if one.name in self._ranges:
                low, high = self._ranges[one.name]
                place = one.place(run.entry(one.name))
                if place is None or not low - 1e-9 <= place <= high + 1e-9:
                    return False
        return True

    # where things are

    def _x(self, k: int) -> float:
        span = self.width() - 2 * SIDE
        return SIDE + (span * k / (len(self._axes) - 1) if len(self._axes) > 1 else span / 2)

    def _y(self, place: float) -> float:
        return self.height() - BOTTOM - place * (self.height() - TOP - BOTTOM)

    def _place(self, y: float) -> float:
        return min(max((self.height() - BOTTOM - y) / (self.height() - TOP - BOTTOM), 0.0), 1.0)

    def _points(self, run: RunRow) -> list[list[QPointF]]:
        """The line of a run, in pieces where it has no value."""
        pieces: list[list[QPointF]] = [[]]
        for k, one in enumerate(self._axes):
            place = one.place(run.entry(one.name))
            if place is None:
                pieces.append([])
            else:
                pieces[-1].append(QPointF(self._x(k), self._y(place)))
        return [piece for piece in pieces if piece]

    def _axis_at(self, place: QPointF) -> int | None:
        near = [k for k in range(len(self._axes)) if abs(self._x(k) - place.x()) <= 2 * NEAR]
        return near[0] if near and place.y() >= TOP - NEAR else None

    def _run_at(self, place: QPointF) -> int:
        """The run nearest to a place; −1 for none near."""
        best, found = NEAR, -1
        for number, run in enumerate(self._runs):
            for piece in self._points(run):
                for a, b in pairwise(piece):
                    if a.x() <= place.x() <= b.x():
                        share = (place.x() - a.x()) / max(b.x() - a.x(), 1e-9)
                        away = abs(a.y() + share * (b.y() - a.y()) - place.y())
                        if away < best and self._is_kept(run):
                            best, found = away, number
        return found

    # the mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """On an axis: a part of it is being chosen."""
        at = self._axis_at(event.position())
        if at is not None and event.button() == Qt.MouseButton.LeftButton:
            self._pulled = (at, self._place(event.position().y()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The part so far; or what is under the pointer."""
        if self._pulled is not None:
            at, start = self._pulled
            end = self._place(event.position().y())
            if abs(self._y(end) - self._y(start)) > NEAR / 2:
                self.keep(self._axes[at].name, (start, end))
            return
        on_axis = self._axis_at(event.position()) is not None
        self.setCursor(Qt.CursorShape.SizeVerCursor if on_axis else Qt.CursorShape.ArrowCursor)
        self._point_at(self._run_at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A press without a drag lets go of the axis."""
        if self._pulled is not None:
            at, start = self._pulled
            self._pulled = None
            if abs(self._y(start) - event.position().y()) <= NEAR / 2:
                self.keep(self._axes[at].name, None)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the pointer."""
        super().leaveEvent(event)
        self._point_at(-1)

    def _point_at(self, number: int) -> None:
        if number != self._over:
            self._over = number
            self.update()
            self.pointed.emit("" if number < 0 else self._told(self._runs[number]))

    def _told(self, run: RunRow) -> str:
        told = [(one.name, run.entry(one.name)) for one in self._axes]
        return " · ".join([run.title, *(f"{name} {entry.text}" for name, entry in told if entry is not None)])

    # the picture

    def paintEvent(self, event: QPaintEvent) -> None:
        """Lines of runs left out first, then the kept, then the one under the pointer, then the axes."""
        del event
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.fillRect(self.rect(), self._theme.color("panel"))
            kept = [self._is_kept(run) for run in self._runs]
            for wanted in (False, True):
                for number, run in enumerate(self._runs):
                    if kept[number] == wanted and number != self._over:
                        self._line(painter, run, wanted, 1.5 if wanted else 1.0)
            if self._over >= 0:
                self._line(painter, self._runs[self._over], True, 3.5)
            for k in range(len(self._axes)):
                self._axis(painter, k)

    def _line(self, painter: QPainter, run: RunRow, kept: bool, width: float) -> None:
        color = self._theme.color
        tint = blend(color("panel"), color("zero"), 0.45)
        if kept:
            where = [one for one in self._axes if one.name == self._tinted]
            place = where[0].place(run.entry(self._tinted)) if where else None
            tint = color("text") if place is None else blend(color("forward"), color("delta"), place)
        painter.setPen(QPen(tint, width))
        for piece in self._points(run):
            if len(piece) > 1:
                painter.drawPolyline(QPolygonF(piece))
            else:
                painter.drawEllipse(piece[0], 2.0, 2.0)

    def _axis(self, painter: QPainter, k: int) -> None:
        one, x, color = self._axes[k], self._x(k), self._theme.color
        top, bottom = self._y(1.0), self._y(0.0)
        painter.setPen(QPen(color("muted"), 1.0))
        painter.drawLine(QPointF(x, top), QPointF(x, bottom))
        if one.name == self._tinted:
            parts = 24
            for part in range(parts):
                shade = blend(color("forward"), color("delta"), (part + 0.5) / parts)
                high, low = self._y((part + 1) / parts), self._y(part / parts)
                painter.fillRect(QRectF(x - 2.5, high, 5.0, low - high + 0.5), shade)
        if one.name in self._ranges:
            low, high = self._ranges[one.name]
            box = QRectF(x - 7.0, self._y(high), 14.0, max(self._y(low) - self._y(high), 2.0))
            painter.setPen(QPen(color("text"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, 3.0, 3.0)
        self._words(painter, k)

    def _words(self, painter: QPainter, k: int) -> None:
        """The axis' name above it, in two lines of no more than its room, and its ticks."""
        one, x, theme = self._axes[k], self._x(k), self._theme
        room = (self._x(1) - self._x(0) if len(self._axes) > 1 else self.width()) - 8.0
        middle = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom
        painter.setFont(theme.ui_font(11, 600))
        painter.setPen(theme.color("text"))
        across = min(room, 2 * SIDE - 8.0)
        place = QRectF(x - across / 2, 2.0, across, TOP - 12.0)
        painter.drawText(place, middle | Qt.TextFlag.TextWordWrap, one.name)
        font = theme.mono_font(10)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        side = min(room - 12.0, SIDE * 1.6) if k + 1 < len(self._axes) else SIDE - 12.0
        ground = theme.color("panel")
        for height, word in one.ticks(int((self.height() - TOP - BOTTOM) / TICK_ROOM)):
            text = metrics.elidedText(word, Qt.TextElideMode.ElideRight, side)
            box = QRectF(x + 8.0, self._y(height) - 7.0, metrics.horizontalAdvance(text), 14.0)
            painter.setOpacity(0.8)
            painter.fillRect(box.adjusted(-2, 0, 2, 0), ground)
            painter.setOpacity(1.0)
            painter.setPen(theme.color("muted"))
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)
