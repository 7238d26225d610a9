"""A sheet of numbers: drawn at once, however many there are, and each one a link all the same."""

from __future__ import annotations

from abc import abstractmethod

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from deltaglow.explain import symbols
from deltaglow.explain.numbers import full
from deltaglow.model.quantity import Quantity, value
from deltaglow.session.lab import Lab
from deltaglow.ui.formula import FormulaView, Typesetter
from deltaglow.ui.pages.cells import LEFT, RIGHT, Cell, Formula, Layout
from deltaglow.ui.theme import Theme, blend

_ARROWS = {
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Down: (0, 1),
    Qt.Key.Key_Up: (0, -1),
}
OUTLINE = 3
"""Pixels on the right for the frame around a chosen cell."""
_STRONGEST = 0.72
"""How much of its colour the ground of the strongest number takes on."""


class Sheet(QWidget):
    """Lays its cells out with `lay_out`, draws them, and has them chosen by click, or by arrows and Enter.

    `title` is what a screen reader calls the whole.
    """

    title = "Numbers"

    def __init__(self, lab: Lab, theme: Theme, typesetter: Typesetter) -> None:
        super().__init__()
        self.lab, self.theme = lab, theme
        self._typesetter = typesetter
        self._layout = Layout(10.0)
        self._views: list[FormulaView] = []
        self._current: int | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.title)

    # For subclasses

    @abstractmethod
    def lay_out(self, width: float) -> Layout:
        """Everything on the sheet at this width."""

    def draw_over(self, painter: QPainter) -> None:
        """What is no cell."""

    # What others ask

    @property
    def cells(self) -> list[Cell]:
        """All that is written, as it is now."""
        return self._layout.cells

    @property
    def formulas(self) -> list[Formula]:
        """All that is typeset, as it is now."""
        return self._layout.formulas

    def link_at(self, point: QPointF) -> Quantity | None:
        """The number under a point."""
        cell = self._cell_at(point)
        return None if cell is None else cell.quantity

    def refresh(self) -> None:
        """Lay everything out anew, for the numbers as they are now."""
        links = self._links
        held = links[self._current].quantity if self._current is not None else None
        self._layout = self.lay_out(float(self.width()) - OUTLINE)
        if self._current is not None:
            places = [n for n, cell in enumerate(self._links) if cell.quantity == held]
            self._current = places[0] if places else (0 if self._links else None)
        height = round(self._layout.height)
        if height != self.minimumHeight() or height != self.maximumHeight():
            self.setFixedHeight(height)
        self._place_formulas()
        self._name_current()
        self.update()

    @property
    def _links(self) -> list[Cell]:
        return [cell for cell in self._layout.cells if cell.quantity is not None]

    def _cell_at(self, point: QPointF) -> Cell | None:
        for cell in self._layout.cells:
            if (cell.quantity is not None or cell.tip) and cell.area.contains(point):
                return cell
        return None

    # Layout

    def sizeHint(self) -> QSize:
        """Any width, the height it has come to."""
        return QSize(480, self.minimumHeight())

    def minimumSizeHint(self) -> QSize:
        """As narrow as the centre of the smallest window."""
        return QSize(300, self.minimumHeight())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.refresh()

    def _place_formulas(self) -> None:
        wanted = self._layout.formulas
        while len(self._views) < len(wanted):
            view = FormulaView(self.theme, self._typesetter, wanted[len(self._views)].size, self)
            view.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            self._views.append(view)
        for place, view in enumerate(self._views):
            view.setVisible(place < len(wanted))
            if place < len(wanted):
                each = wanted[place]
                view.set_latex(each.latex, each.text, each.token)
                self._settle(view, each)

    def _settle(self, view: FormulaView, formula: Formula) -> None:
        """Where it comes to stand once its size is known."""
        area = formula.area
        width = min(float(view.sizeHint().width()), area.width())
        left = area.left()
        if formula.align == RIGHT:
            left = area.right() - width
        elif formula.align != LEFT:
            left = area.center().x() - width / 2
        view.resize(round(width), view.height())
        view.move(round(left), round(area.center().y() - view.height() / 2))

    def event(self, event: QEvent) -> bool:
        """Formulas ask for a new place when they have been typeset; tips are those of the cell."""
        if event.type() == QEvent.Type.LayoutRequest:
            for view, formula in zip(self._views, self._layout.formulas, strict=False):
                self._settle(view, formula)
        elif event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            cell = self._cell_at(QPointF(event.pos()))
            if cell is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), self.describe(cell), self, cell.area.toAlignedRect())
            return True
        return super().event(event)

    # Mouse and keyboard

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        leads = self.link_at(event.position()) is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if leads else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        found = self.link_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and found is not None:
            self.lab.select(found)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self._current is None and self._links:
            self._current = 0
        self._name_current()
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, links = Qt.Key(event.key()), self._links
        if not links or event.modifiers():
            super().keyPressEvent(event)
        elif key in _ARROWS:
            self._current = self._neighbour(*_ARROWS[key])
            self._name_current()
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._current is not None:
            quantity = links[self._current].quantity
            assert quantity is not None
            self.lab.select(quantity)
        else:
            super().keyPressEvent(event)

    def _neighbour(self, dx: int, dy: int) -> int:
        """The nearest link in a direction; the same where there is none."""
        links, start = self._links, self._current or 0
        here = links[start].area.center()
        best, found = float("inf"), start
        for n, cell in enumerate(links):
            step = cell.area.center() - here
            along, across = step.x() * dx + step.y() * dy, abs(step.x() * dy) + abs(step.y() * dx)
            if along > 1.0 and along + 3.0 * across < best:
                best, found = along + 3.0 * across, n
        return found

    def _name_current(self) -> None:
        links = self._links
        if self._current is None or self._current >= len(links) or not self.hasFocus():
            name = self.title
        else:
            name = f"{self.title}: {self.describe(links[self._current])}".replace("\n", "; ")
        if name != self.accessibleName():
            self.setAccessibleName(name)

    def describe(self, cell: Cell) -> str:
        """What a tooltip and a screen reader say of a cell."""
        q, lab = cell.quantity, self.lab
        if q is None:
            return cell.tip
        name, symbol = symbols.spoken(lab.project, q), symbols.text(lab.project, q)
        if not lab.reached(q):
            return f"{name}\n{symbol} is not computed yet\n{q}"
        return f"{name}\n{symbol} = {full(value(q, lab.frame, lab.sample))}\n{q}: click or Enter explains it"

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        clip = QRectF(event.rect())
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for cell in self._layout.cells:
                if cell.area.intersects(clip):
                    self._draw_cell(painter, cell)
            for line in self._layout.lines:
                painter.setPen(QPen(self.theme.color(line.token), line.width))
                painter.drawLine(QPointF(line.x1, line.y1), QPointF(line.x2, line.y2))
            self.draw_over(painter)
            self._draw_outlines(painter)

    def _draw_cell(self, painter: QPainter, cell: Cell) -> None:
        theme = self.theme
        painter.setPen(Qt.PenStyle.NoPen)
        ground = theme.color("canvas")
        if cell.heat is not None:
            tint = blend(ground, theme.color(cell.heat_token), _STRONGEST * min(abs(cell.heat), 1.0))
            painter.fillRect(cell.area.adjusted(0.5, 0.5, -0.5, -0.5), tint)
        if cell.bar is not None:
            self._draw_bar(painter, cell)
        if cell.text:
            font = (
                theme.mono_font(cell.size, cell.weight)
                if cell.mono
                else theme.ui_font(cell.size, cell.weight)
            )
            painter.setFont(font)
            strong = cell.heat is not None and abs(cell.heat) > 0.55
            painter.setPen(theme.color("text") if strong else theme.text_color(cell.token))
            painter.drawText(self._text_area(cell), cell.align, cell.text)

    @staticmethod
    def _text_area(cell: Cell) -> QRectF:
        return cell.area.adjusted(0, 0, 0, -7) if cell.bar is not None else cell.area

    def _draw_bar(self, painter: QPainter, cell: Cell) -> None:
        bar, theme = cell.bar, self.theme
        assert bar is not None
        track = QRectF(cell.area.left(), cell.area.bottom() - 7, cell.area.width(), 4)
        painter.setBrush(theme.color("raised"))
        painter.drawRoundedRect(track, 2, 2)
        if bar.stop > bar.start:
            painter.setBrush(theme.color(bar.token))
            left = track.left() + bar.start * track.width()
            painter.drawRoundedRect(
                QRectF(left, track.top(), (bar.stop - bar.start) * track.width(), track.height()), 1.5, 1.5
            )
        if bar.zero is not None:
            x = track.left() + bar.zero * track.width()
            painter.setBrush(theme.color("muted"))
            painter.drawRect(QRectF(x - 0.5, track.top() - 1, 1, track.height() + 2))

    def _draw_outlines(self, painter: QPainter) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        selected = self.lab.selected
        for cell in self._layout.cells:
            if cell.mark:
                painter.setPen(QPen(self.theme.color("muted"), 1))
                painter.drawRoundedRect(cell.area.adjusted(-1.5, -1.5, 1.5, 1.5), 3, 3)
            if cell.quantity is not None and _same(cell.quantity, selected, self.lab.sample):
                painter.setPen(QPen(self.theme.color("text"), 1))
                painter.drawRoundedRect(cell.area.adjusted(-1.5, -0.5, 1.5, 0.5), 3, 3)
        if self.hasFocus() and self._current is not None and self._current < len(self._links):
            painter.setPen(QPen(self.theme.color("focus"), 1.4))
            painter.drawRoundedRect(self._links[self._current].area.adjusted(-2.5, -1.5, 2.5, 1.5), 3, 3)


def _same(quantity: Quantity, selected: Quantity, row: int) -> bool:
    """Whether a cell's number is the one that is selected, seen from a row of the batch."""
    if (quantity.kind, quantity.layer, quantity.index) != (selected.kind, selected.layer, selected.index):
        return False
    if quantity.kind == "loss":
        return quantity.sample == selected.sample
    return quantity.sample is None or quantity.sample == row
