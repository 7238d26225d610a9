"""A table of coloured cells: what a matrix looks like."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from deltaglow.ui.theme import Theme

HEAD, FOOT = 14, 20
"""Pixels above the cells, and below them for the name of the columns."""
END = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
BESIDE = 62.0
"""Pixels of a column beside the cells."""
LEAST_TEXT = (26.0, 13.0)
"""Width and height from which a cell has room for its number."""


class Grid(QWidget):
    """Cells of equal size with colours (rows, columns, 3), and words for rows and columns.

    `pointed` carries (row, column) under the pointer, or None; `pressed` the cell that was clicked.
    """

    pointed = Signal(object)
    pressed = Signal(int, int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._image = QImage()
        self._shape = (0, 0)
        self._texts: Sequence[Sequence[str]] | None = None
        self._heads: tuple[Sequence[str], Sequence[str]] = ((), ())
        self._names = ("", "")
        self._square = False
        self._beside: Sequence[tuple[str, Sequence[str]]] = ()
        self._note = ""
        self.marked: tuple[int, int] | None = None
        """The cell that is outlined: what is selected elsewhere."""
        self.setMouseTracking(True)
        theme.changed.connect(self.update)

    def show_cells(
        self,
        colours: npt.NDArray[np.uint8],
        texts: Sequence[Sequence[str]] | None = None,
        heads: tuple[Sequence[str], Sequence[str]] = ((), ()),
        names: tuple[str, str] = ("", ""),
        square: bool = False,
        beside: Sequence[tuple[str, Sequence[str]]] = (),
    ) -> None:
        """Shows these colours; heads: words for rows and columns; names: what rows and columns are; beside:
        columns of words to the right of the cells, each with its heading, where there is room for them.
        """
        colours = np.ascontiguousarray(colours)
        rows, columns, _ = colours.shape
        self._image = QImage(colours.data, columns, rows, 3 * columns, QImage.Format.Format_RGB888).copy()
        self._shape = (rows, columns)
        self._texts, self._heads, self._names, self._square = texts, heads, names, square
        self._beside = beside
        self.update()

    def say(self, note: str) -> None:
        """Writes a note below the cells, at the right."""
        if note != self._note:
            self._note = note
            self.update()

    @property
    def cells(self) -> QRectF:
        """Where the cells lie."""
        metrics = QFontMetricsF(self._theme.mono_font(10))
        words = [metrics.horizontalAdvance(word) for word in self._heads[0]]
        left = min(max(words, default=0.0) + 8.0, self.width() * 0.3) + (14.0 if self._names[0] else 0.0)
        top = HEAD if self._heads[1] else 2.0
        bottom = FOOT if self._names[1] else 2.0
        width = self.width() - left - 8.0 - BESIDE * len(self._shown_beside)
        space = QRectF(left, top, width, self.height() - top - bottom)
        if self._square and all(self._shape):
            rows, columns = self._shape
            side = min(space.width() / columns, space.height() / rows)
            space.setSize(QSizeF(side * columns, side * rows))
        return space

    @property
    def _shown_beside(self) -> Sequence[tuple[str, Sequence[str]]]:
        """What stands beside the cells, if they keep most of the room."""
        return self._beside if self.width() >= 3 * BESIDE * len(self._beside) else ()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Cells, then words."""
        del event
        if not all(self._shape):
            return
        with QPainter(self) as painter:
            space = self.cells
            painter.drawImage(space, self._image)
            self._draw_texts(painter, space)
            self._draw_heads(painter, space)
            self._draw_beside(painter, space)
            if self.marked is not None:
                painter.setPen(self._theme.color("text"))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(self._cell(space, *self.marked))

    def _cell(self, space: QRectF, row: int, column: int) -> QRectF:
        width, height = space.width() / self._shape[1], space.height() / self._shape[0]
        return QRectF(space.left() + column * width, space.top() + row * height, width, height)

    def _draw_texts(self, painter: QPainter, space: QRectF) -> None:
        cell = self._cell(space, 0, 0)
        if self._texts is None or cell.width() < LEAST_TEXT[0] or cell.height() < LEAST_TEXT[1]:
            return
        painter.setFont(self._theme.mono_font(11))
        for row, words in enumerate(self._texts):
            for column, word in enumerate(words):
                ground = self._image.pixelColor(column, row)
                painter.setPen(_readable(ground, self._theme))
                painter.drawText(self._cell(space, row, column), Qt.AlignmentFlag.AlignCenter, word)

    def _draw_heads(self, painter: QPainter, space: QRectF) -> None:
        painter.setPen(self._theme.color("muted"))
        painter.setFont(self._theme.mono_font(10))
        metrics = QFontMetricsF(painter.font())
        middle = Qt.AlignmentFlag.AlignVCenter
        shown = 14.0 if self._names[0] else 0.0
        for row, word in enumerate(self._heads[0]):
            cell = self._cell(space, row, 0)
            if cell.height() < metrics.height() - 2.0 and row % 2:
                continue
            box = QRectF(shown, cell.top(), space.left() - shown - 5.0, cell.height())
            shortened = metrics.elidedText(word, Qt.TextElideMode.ElideRight, box.width())
            painter.drawText(box.adjusted(0, -4, 0, 4), middle | Qt.AlignmentFlag.AlignRight, shortened)
        for column, word in enumerate(self._heads[1]):
            cell = self._cell(space, 0, column)
            shortened = metrics.elidedText(word, Qt.TextElideMode.ElideRight, cell.width() - 2.0)
            box = QRectF(cell.left(), space.top() - HEAD, cell.width(), HEAD)
            painter.drawText(box, middle | Qt.AlignmentFlag.AlignHCenter, shortened)
        painter.setFont(self._theme.ui_font(11))
        below = QRectF(space.left(), space.bottom() + 2.0, space.width(), FOOT - 2.0)
        painter.drawText(below, middle | Qt.AlignmentFlag.AlignLeft, self._names[1])
        painter.setFont(self._theme.mono_font(11))
        painter.drawText(below.united(QRectF(0, below.top(), self.width() - 8.0, 1.0)), END, self._note)
        painter.setFont(self._theme.ui_font(11))
        painter.translate(0.0, space.center().y())
        painter.rotate(-90.0)
        beside = QRectF(-space.height() / 2.0, 0.0, space.height(), 14.0)
        painter.drawText(beside, middle | Qt.AlignmentFlag.AlignHCenter, self._names[0])
        painter.resetTransform()

    def _draw_beside(self, painter: QPainter, space: QRectF) -> None:
        painter.setFont(self._theme.mono_font(10))
        for column, (head, words) in enumerate(self._shown_beside):
            left = space.right() + column * BESIDE
            painter.setPen(self._theme.color("muted"))
            painter.drawText(QRectF(left, space.top() - HEAD, BESIDE, HEAD), END, head)
            painter.setPen(self._theme.color("text"))
            for row, word in enumerate(words):
                cell = self._cell(space, row, 0)
                if cell.height() >= LEAST_TEXT[1]:
                    painter.drawText(QRectF(left, cell.top(), BESIDE, cell.height()), END, word)

    def _at(self, place: QPointF) -> tuple[int, int] | None:
        space = self.cells
        if not all(self._shape) or not space.contains(place):
            return None
        row = int((place.y() - space.top()) / space.height() * self._shape[0])
        column = int((place.x() - space.left()) / space.width() * self._shape[1])
        return min(row, self._shape[0] - 1), min(column, self._shape[1] - 1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tells which cell is under the pointer."""
        self.pointed.emit(self._at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Tells that the pointer has gone."""
        super().leaveEvent(event)
        self.pointed.emit(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tells which cell was pressed."""
        found = self._at(event.position())
        if found is not None and event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit(*found)
        else:
            super().mousePressEvent(event)


def _readable(ground: QColor, theme: Theme) -> QColor:
    """The theme's lightest or darkest colour, whichever stands out from the ground."""
    light, dark = sorted((theme.color("text"), theme.color("canvas")), key=lambda c: -c.lightnessF())
    return dark if ground.lightnessF() > 0.55 else light
