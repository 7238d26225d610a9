"""Every result against every column: a small picture for each pair, with a dot for each run."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from deltaglow.explain.parallel import Axis, axis
from deltaglow.session.run_table import RunRow
from deltaglow.ui.theme import Theme
from deltaglow.ui.theme.tokens import blend

LEFT, BELOW, GAP, EDGE = 84.0, 40.0, 10.0, 8.0
"""Pixels for what stands left of the pictures and below them, between them, and around all."""
LEAST = (110.0, 90.0)
"""Of one picture, across and up."""
DOT, NEAR = 3.5, 7.0
PAD = 0.06
"""Of a picture, on each side of the axes."""


class ScatterPlot(QWidget):
    """The run under the pointer is marked in all of the pictures."""

    pointed = Signal(str)
    """What is told of the run under the pointer; empty of none."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._runs: list[RunRow] = []
        self._across: list[Axis] = []
        self._up: list[Axis] = []
        self._tinted: Axis | None = None
        self._over = -1
        self.setMouseTracking(True)
        self.setAccessibleName("Results of the runs against their settings")
        self.setToolTip("A dot is a run; point at it to find it in every picture")
        theme.changed.connect(self.update)

    def show_runs(
        self, runs: Sequence[RunRow], across: Sequence[str], up: Sequence[str], tinted: str
    ) -> None:
        """Columns across and results up; tinted: the column that colours the dots."""
        self._runs, self._over = list(runs), -1
        self._across, self._up = (
            [axis(name, [run.entry(name) for run in runs]) for name in names] for names in (across, up)
        )
        self._tinted = axis(tinted, [run.entry(tinted) for run in runs]) if tinted else None
        self.setMinimumSize(
            round(LEFT + max(len(across), 1) * (LEAST[0] + GAP) + EDGE),
            round(BELOW + max(len(up), 1) * (LEAST[1] + GAP) + EDGE),
        )
        self.setAccessibleDescription(f"{len(self._runs)} runs: {', '.join(up)} against {', '.join(across)}")
        self.update()

    def sizeHint(self) -> QSize:
        """The least at which dots can be told apart."""
        return self.minimumSize()

    def _box(self, row: int, column: int) -> QRectF:
        wide = (self.width() - LEFT - EDGE) / len(self._across)
        high = (self.height() - BELOW - EDGE) / len(self._up)
        return QRectF(LEFT + column * wide, EDGE + row * high, wide - GAP, high - GAP)

    def _dot(self, run: RunRow, row: int, column: int) -> QPointF | None:
        box = self._box(row, column)
        x = self._across[column].place(run.entry(self._across[column].name))
        y = self._up[row].place(run.entry(self._up[row].name))
        if x is None or y is None:
            return None
        x, y = PAD + (1 - 2 * PAD) * x, PAD + (1 - 2 * PAD) * y
        return QPointF(box.left() + x * box.width(), box.bottom() - y * box.height())

    def _run_at(self, place: QPointF) -> int:
        best, found = NEAR, -1
        for row in range(len(self._up)):
            for column in range(len(self._across)):
                if not self._box(row, column).contains(place):
                    continue
                for number, run in enumerate(self._runs):
                    dot = self._dot(run, row, column)
                    away = (dot - place).manhattanLength() if dot is not None else best
                    if away < best:
                        best, found = away, number
        return found

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """What is under the pointer."""
        self._point_at(self._run_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is."""
        super().leaveEvent(event)
        self._point_at(-1)

    def _point_at(self, number: int) -> None:
        if number == self._over:
            return
        self._over = number
        self.update()
        names = dict.fromkeys(one.name for one in (*self._across, *self._up))
        run = self._runs[number] if number >= 0 else None
        told = [(name, run.entry(name)) for name in names] if run is not None else []
        words = [f"{name} {entry.text}" for name, entry in told if entry is not None]
        self.pointed.emit("" if run is None else " · ".join([run.title, *words]))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Frames, what the axes are, the dots, and the one pointed at over all others."""
        del event
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.fillRect(self.rect(), self._theme.color("panel"))
            for row in range(len(self._up)):
                for column in range(len(self._across)):
                    self._picture(painter, row, column)
            for row in range(len(self._up)):
                self._words_up(painter, row)
            for column in range(len(self._across)):
                self._words_across(painter, column)

    def _picture(self, painter: QPainter, row: int, column: int) -> None:
        color = self._theme.color
        painter.setPen(QPen(color("hairline"), 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(self._box(row, column))
        order = [n for n in range(len(self._runs)) if n != self._over]
        for number in [*order, *([self._over] if self._over >= 0 else [])]:
            run = self._runs[number]
            dot = self._dot(run, row, column)
            if dot is None:
                continue
            place = None if self._tinted is None else self._tinted.place(run.entry(self._tinted.name))
            tint = color("text") if place is None else blend(color("forward"), color("delta"), place)
            over = number == self._over
            painter.setPen(QPen(color("text"), 2.0) if over else QPen(color("panel"), 0.75))
            painter.setBrush(tint)
            painter.drawEllipse(dot, DOT * (1.6 if over else 1.0), DOT * (1.6 if over else 1.0))

    def _words_up(self, painter: QPainter, row: int) -> None:
        one, box, theme = self._up[row], self._box(row, 0), self._theme
        painter.setPen(theme.color("text"))
        painter.setFont(theme.ui_font(11, 600))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        name = QRectF(4.0, box.top() + 14.0, LEFT - 12.0, box.height() - 28.0)
        painter.drawText(name, right | Qt.TextFlag.TextWordWrap, one.name)
        painter.setPen(theme.color("muted"))
        painter.setFont(theme.mono_font(10))
        ticks = one.ticks(2)
        for place, text in (ticks[0], ticks[-1])[: len(ticks)]:
            y = box.bottom() - (PAD + (1 - 2 * PAD) * place) * box.height()
            y = min(max(y, box.top() + 6.0), box.bottom() - 6.0)
            if len(ticks) > 1 and abs(y - box.center().y()) > 22.0:
                painter.drawText(QRectF(4.0, y - 7.0, LEFT - 12.0, 14.0), right, text)

    def _words_across(self, painter: QPainter, column: int) -> None:
        one, box, theme = self._across[column], self._box(len(self._up) - 1, column), self._theme
        font = theme.mono_font(10)
        metrics = QFontMetricsF(font)
        painter.setPen(theme.color("muted"))
        painter.setFont(font)
        free = box.left()
        for place, word in one.ticks(max(int(box.width() / 64.0), 2)):
            text = metrics.elidedText(word, Qt.TextElideMode.ElideRight, 0.45 * box.width())
            wide = metrics.horizontalAdvance(text)
            middle = box.left() + (PAD + (1 - 2 * PAD) * place) * box.width()
            left = min(max(middle - wide / 2, box.left()), box.right() - wide)
            if left >= free:
                painter.drawText(QRectF(left, box.bottom() + 3.0, wide + 2.0, 14.0), 0, text)
                free = left + wide + 8.0
        painter.setPen(theme.color("text"))
        painter.setFont(theme.ui_font(11, 600))
        under = QRectF(box.left(), box.bottom() + 18.0, box.width(), 18.0)
        name = QFontMetricsF(painter.font()).elidedText(one.name, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(under, Qt.AlignmentFlag.AlignCenter, name)
