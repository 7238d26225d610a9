"""The picture in the list of branches: a lane for each, on one scale of steps, from where it parted."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from deltaglow.session.branch_report import BranchReport
from deltaglow.ui.theme import Theme

ROW = 26
"""Pixels of a row, at least."""
MARGIN, DOT = 8, 3.5
"""Pixels left and right of a lane, and half of what stands at its end."""


@dataclass(frozen=True)
class Lane:
    """One row's lane: from which step to which, and from which row's it comes, None for no other's."""

    start: int
    end: int
    parent: int | None
    current: bool


def lanes_of(reports: list[BranchReport]) -> list[Lane]:
    """The lanes of these branches, a row each."""
    rows = {report.branch.number: row for row, report in enumerate(reports)}
    return [
        Lane(
            report.shared,
            report.branch.head,
            None if report.forked is None else rows[report.forked.number],
            report.current,
        )
        for report in reports
    ]


class LaneDelegate(QStyledItemDelegate):
    """Paints the lanes into the cells of one column, beside the rows of all of them."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.lanes: list[Lane] = []
        self.shown = -1
        """The step that is shown, which a dashed line marks; -1 for none."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Rows as high as those of tables."""
        return super().sizeHint(option, index).expandedTo(QSize(0, ROW))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """The row's lane, and the way down from others' to those of rows further below."""
        super().paint(painter, option, index)
        row = index.row()
        if row >= len(self.lanes):
            return
        box = QRectF(option.rect)
        last = max(*(lane.end for lane in self.lanes), 1)
        span = box.width() - 2 * MARGIN

        def x(step: int) -> float:
            return box.left() + MARGIN + span * step / last

        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.shown >= 0:
            painter.setPen(QPen(self._theme.color("muted"), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x(self.shown), box.top()), QPointF(x(self.shown), box.bottom()))
        middle, color = box.center().y(), self._theme.color
        painter.setPen(QPen(color("zero"), 1.5))
        for place, lane in enumerate(self.lanes):
            if lane.parent is not None and lane.parent <= row <= place and lane.parent != place:
                top = middle if lane.parent == row else box.top()
                bottom = middle if place == row else box.bottom()
                painter.drawLine(QPointF(x(lane.start), top), QPointF(x(lane.start), bottom))
        lane = self.lanes[row]
        tint = color("delta" if lane.current else "zero")
        painter.setPen(QPen(tint, 3.0 if lane.current else 1.75))
        painter.drawLine(QPointF(x(lane.start), middle), QPointF(x(lane.end), middle))
        painter.setBrush(tint if lane.current else color("panel"))
        painter.setPen(QPen(tint, 1.75))
        painter.drawEllipse(QPointF(x(lane.end), middle), DOT, DOT)
        painter.restore()
