"""What each sample of the batch asks of one weight or bias, as bars, with the sum so far and the mean."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from deltaglow.explain import batch_lab, symbols
from deltaglow.explain.batch_lab import Contributions
from deltaglow.explain.numbers import show
from deltaglow.model.quantity import Quantity
from deltaglow.session.lab import Lab
from deltaglow.ui.formula import Typesetter
from deltaglow.ui.pages.cells import CENTRE, LEFT, Cell, Layout, Line, fitting
from deltaglow.ui.pages.marks import mark
from deltaglow.ui.pages.sheet import Sheet
from deltaglow.ui.theme import Theme
from deltaglow.ui.theme.classes import class_color

AXIS, TOP, CHART, FOOT = 56.0, 22.0, 170.0, 40.0
MOST = 128
"""Bars side by side."""
_MARKED = 9.0
"""Pixels that a bar needs for a mark of its class under it."""


class SampleBars(Sheet):
    """A bar for each sample from `first` on, in the order asked for; a click leads to its number."""

    title = "Each sample's part in the gradient"

    def __init__(self, lab: Lab, theme: Theme, typesetter: Typesetter) -> None:
        super().__init__(lab, theme, typesetter)
        self.parameter = Quantity("W", 1, (0, 0))
        self.order = "batch"
        self.first = 0
        self.found: Contributions | None = None
        self._bars: list[tuple[QRectF, int]] = []
        self._known = False

    def lay_out(self, width: float) -> Layout:
        frame = self.lab.frame
        found = self.found = batch_lab.contributions(frame, self.parameter, self.order)
        rows = found.rows[self.first : self.first + MOST]
        self._known = self.lab.reached(found.address(0))
        chart = self._chart = QRectF(AXIS, TOP, width - AXIS - 6, CHART)
        sizes = np.abs(np.concatenate([found.values, found.running]))
        self._span = max(float(np.nan_to_num(sizes, posinf=0.0).max()), 1e-300)
        made = Layout(TOP + CHART + FOOT)
        pitch = min(chart.width() / max(len(rows), 1), 40.0)
        self._bars = []
        for place, row in enumerate(rows.tolist()):
            slot = QRectF(chart.left() + place * pitch, chart.top(), pitch, chart.height())
            self._bars.append((slot, row))
            made.cells.append(Cell(slot, "", quantity=found.address(row)))
        self._frame_chart(made, chart)
        return made

    def _frame_chart(self, made: Layout, chart: QRectF) -> None:
        font = self.theme.mono_font(10)
        for share in (1.0, 0.0, -1.0):
            y = self._y(share * self._span)
            text = fitting(share * self._span, font, AXIS - 10, 2) if self._known or share == 0.0 else ""
            made.cells.append(Cell(QRectF(0, y - 8, AXIS - 8, 16), text, "muted", size=10))
            made.lines.append(
                Line(chart.left(), y, chart.right(), y, "muted" if share == 0.0 else "plot_grid")
            )
        y = 0.0
        several = len(set(batch_lab.classes(self.lab.frame).tolist())) > 1
        own = ("a sample's own, in its class's colour", "muted") if several else ("▮ a sample's own", "delta")
        left = chart.left()
        for text, token in (own, ("— their sum so far", "text"), ("┄ the mean", "forward")):
            wide = 230 if text == own[0] and several else 130
            made.cells.append(Cell(QRectF(left, y, wide, 16), text, token, align=LEFT, mono=False, size=11))
            left += wide + 4
        if not self._known:
            words = "Known once the gradients are computed: step on"
            above = chart.adjusted(0, 0, 0, -chart.height() / 2)  # the line of zero goes through the middle
            made.cells.append(Cell(above, words, "muted", align=CENTRE, mono=False))

    def _y(self, number: float) -> float:
        chart = self._chart
        return chart.center().y() - chart.height() / 2 * 0.94 * number / self._span

    def draw_over(self, painter: QPainter) -> None:
        found, theme = self.found, self.theme
        if found is None or not self._known:
            return
        classes = batch_lab.classes(self.lab.frame)
        several = len(set(classes.tolist())) > 1
        zero = self._y(0.0)
        points = []
        for place, (slot, row) in enumerate(self._bars):
            number = float(found.values[row])
            colour = class_color(theme, int(classes[row])) if several else theme.color("delta")
            pad = min(slot.width() * 0.15, 4.0)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            if np.isfinite(number):
                painter.drawRect(
                    QRectF(slot.left() + pad, zero, slot.width() - 2 * pad, self._y(number) - zero)
                )
            if row == self.lab.sample:
                painter.setPen(QPen(theme.color("text"), 1))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(slot.adjusted(0.5, 0.5, -0.5, -0.5))
            if several and slot.width() >= _MARKED:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colour)
                centre = QPointF(slot.center().x(), self._chart.bottom() + 9)
                painter.drawPath(mark(int(classes[row]), centre, 8.0))
            points.append(QPointF(slot.center().x(), self._y(float(found.running[self.first + place]))))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.color("text"), 1.4))
        painter.drawPolyline(QPolygonF(points))
        painter.setPen(QPen(theme.color("forward"), 1.4, Qt.PenStyle.DashLine))
        mean = self._y(found.mean)
        painter.drawLine(QPointF(self._chart.left(), mean), QPointF(self._chart.right(), mean))

    def describe(self, cell: Cell) -> str:
        """Which sample it is, beside its number."""
        told = super().describe(cell)
        row = None if cell.quantity is None else cell.quantity.sample
        if row is None:
            return told
        frame = self.lab.frame
        return f"{told}\nsample {row + 1} of the batch, row {int(frame.rows[row]) + 1} of the data"


def sum_words(found: Contributions, lab: Lab) -> str:
    """The page's sentence on what adds up and what cancels."""
    name = symbols.text(lab.project, found.parameter)
    cancelled = found.cancelled
    ups, downs = int((found.values > 0).sum()), int((found.values < 0).sum())
    idle = len(found.values) - ups - downs
    rest = f", {idle} {'has' if idle == 1 else 'have'} no part in it" if idle else ""
    text = (
        f"{ups or 'No'} sample{'s' * (ups != 1)} of the batch would lower {name} and {downs or 'none'} raise"
        f" it{rest}. Their mean, the gradient, is {show(found.mean, 3).text}:"
        f" {100 * cancelled:.0f} % of what they ask for cancels."
    )
    return f"{text} {_verdict(cancelled)}"


def _verdict(cancelled: float) -> str:
    if cancelled >= 0.9:
        return "They hardly agree: what is left depends much on who happens to be in the batch."
    if cancelled >= 0.4:
        return "A single sample would often have sent it the other way."
    return "They mostly agree."
