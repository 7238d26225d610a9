"""A small button on the heading of the diagram's softmax card: it opens the page of the same name."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QToolButton

from deltaglow.explain.output_words import output_words
from deltaglow.session.lab import Lab
from deltaglow.ui.diagram import DiagramView
from deltaglow.ui.theme import Theme

SIDE = 19
"""Pixels of the button."""


class Opener(QToolButton):
    """Lies over the card's heading, wherever the diagram draws it."""

    def __init__(self, diagram: DiagramView, lab: Lab, theme: Theme) -> None:
        super().__init__(diagram)
        self._diagram, self._lab, self._theme = diagram, lab, theme
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        diagram.installEventFilter(self)
        for changed in (lab.projectChanged, diagram.magnifier.changed):
            changed.connect(self._place)
        self._place()

    @Slot()
    def _place(self) -> None:
        card = output_words(self._lab.project.network.loss).card
        self.setToolTip(f"Open {card.lower()}: every number between the logits and δ (F7)")
        self.setAccessibleName(f"Open {card.lower()}")
        magnifier = self._diagram.magnifier
        area, by = magnifier.shown(self._diagram.scene().geometry.softmax), magnifier.by
        side = round(SIDE * by)
        self.setGeometry(round(area.right() - 10 * by) - side, round(area.top()) - side // 2, side, side)
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Two arrows that point apart, on the card's edge."""
        del event
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.scale(self.width() / SIDE, self.height() / SIDE)
            pointed = self.underMouse() or self.isDown()
            painter.setBrush(self._theme.color("hover" if pointed else "raised"))
            painter.setPen(QPen(self._theme.color("focus" if self.hasFocus() else "hairline"), 1))
            painter.drawRoundedRect(QRectF(0, 0, SIDE, SIDE).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
            painter.setPen(QPen(self._theme.color("text" if pointed else "muted"), 1.4))
            low, high = 5.5, SIDE - 5.5
            painter.drawLine(QPointF(low, high), QPointF(high, low))
            painter.drawPolyline(
                QPolygonF([QPointF(high - 4, low), QPointF(high, low), QPointF(high, low + 4)])
            )
            painter.drawPolyline(
                QPolygonF([QPointF(low + 4, high), QPointF(low, high), QPointF(low, high - 4)])
            )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follows the diagram's size."""
        if watched is self._diagram and event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)
