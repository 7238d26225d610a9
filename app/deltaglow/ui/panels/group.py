"""One part of an explanation: a heading with its number, and signed bars on one scale."""

from __future__ import annotations

import html
import re

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QEnterEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from deltaglow.explain.parts import Group, Row
from deltaglow.model.quantity import Quantity
from deltaglow.ui.formula import FormulaView, Typesetter
from deltaglow.ui.theme import Theme
from deltaglow.ui.widgets import SignedBar, label, restyle

_IN_SYMBOL = re.compile("(?<=[⁾⟩])(?=[⁽⟨₀-₉])")
"""Where a line would be broken within a symbol such as w⁽¹⁾₄,₂₁."""


def _set(note: str, height: int) -> str:
    """The note as its label shows it. Angle brackets come from a font with much taller lines than the others,
    so where there are some the lines are given theirs, `height` pixels.
    """
    whole = _IN_SYMBOL.sub("\N{WORD JOINER}", note)
    if "⟨" not in whole:
        return whole
    return f'<p style="line-height:{height}px; -qt-line-height-type:fixed">{html.escape(whole)}</p>'


class RowView(QWidget):
    """A labelled bar with its number. If it stands for a quantity, a click or Enter leads there."""

    chosen = Signal(object)

    def __init__(self, theme: Theme, typesetter: Typesetter) -> None:
        super().__init__()
        self._theme = theme
        self._quantity: Quantity | None = None
        self._label = FormulaView(theme, typesetter, 14.0)
        self._label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._bar = SignedBar(theme)
        self._number = label(role="mono")
        self._number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.enlarge(typesetter.scale)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 2, 0, 2)
        layout.setSpacing(8)
        layout.addWidget(self._label, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(self._bar, 1)
        layout.addWidget(self._number)

    def enlarge(self, by: float) -> None:
        """Has room for text that is so many times as large."""
        self._label.setFixedWidth(round(92 * by))
        self._number.setMinimumWidth(round(66 * by))

    def show_row(self, row: Row, limit: float) -> None:
        """Shows `row` on a scale that ends at `limit`."""
        self._quantity = row.quantity
        self._label.set_latex(row.label_latex, row.label_text)
        self._bar.show_value(row.value, limit, row.role)
        self._number.setText(row.printed)
        leads = row.quantity is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if leads else Qt.CursorShape.ArrowCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if leads else Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(f"{row.label_text}: {row.printed}")
        self.setToolTip(f"{row.quantity}: click or Enter explains it" if leads else "")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Leads to the quantity."""
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self._choose()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space lead to the quantity."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._choose()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A tint under the pointer, a ring around the row that has the keyboard."""
        del event
        if self._quantity is None or not (self.hasFocus() or self.underMouse()):
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focused = self.hasFocus()
        painter.setPen(QPen(self._theme.color("focus"), 1) if focused else Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("panel_border"))
        painter.drawRoundedRect(self.rect().toRectF().adjusted(4.5, 0.5, -0.5, -0.5), 4, 4)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Shows the tint."""
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Takes the tint away."""
        super().leaveEvent(event)
        self.update()

    def _choose(self) -> None:
        if self._quantity is not None:
            self.chosen.emit(self._quantity)


class GroupView(QWidget):
    """Shows one `Group`; its rows are reused when the numbers change, so that keyboard focus stays."""

    chosen = Signal(object)

    def __init__(self, theme: Theme, typesetter: Typesetter) -> None:
        super().__init__()
        self._theme, self._typesetter = theme, typesetter
        self._rows: list[RowView] = []
        self._heading = label(role="subheading")
        self._number = label(role="mono")
        self._formula = FormulaView(theme, typesetter, 14.0)
        self._note = label(role="small", wrap=True)
        self._note.setTextFormat(Qt.TextFormat.AutoText)
        head = QGridLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.addWidget(self._heading, 0, 0)
        head.addWidget(self._number, 0, 1, Qt.AlignmentFlag.AlignRight)
        head.setColumnStretch(0, 1)
        below = QVBoxLayout()
        below.setContentsMargins(12, 0, 0, 0)
        below.setSpacing(3)
        below.addWidget(self._formula)
        below.addWidget(self._note)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(2)
        self._layout.addLayout(head)
        self._layout.addLayout(below)

    @property
    def rows(self) -> list[RowView]:
        """The bars on show."""
        return [row for row in self._rows if not row.isHidden()]

    def make_rows(self, count: int) -> None:
        """Has at least so many; new ones are hidden."""
        while len(self._rows) < count:
            row = RowView(self._theme, self._typesetter)
            row.chosen.connect(self._on_chosen)
            self._rows.append(row)
            self._layout.insertWidget(len(self._rows), row)
            row.setVisible(False)

    def show_group(self, number: int, group: Group) -> None:
        """Shows `group` as part `number` of the explanation (0: the only part, not numbered)."""
        self._heading.setText(f"{number}  {group.heading}" if number else group.heading)
        self._number.setText(group.printed)
        restyle(self._number, tone=group.role)
        self._formula.setVisible(bool(group.formula))
        lines = [line.latex for line in group.formula]
        self._formula.set_lines(lines, "\n".join(line.text for line in group.formula), "muted")
        self._note.setVisible(bool(group.note))
        self._note.setText(_set(group.note, self._note.fontMetrics().lineSpacing()))
        limit = max((abs(row.value) for row in group.rows), default=0.0) or 1.0
        self.make_rows(len(group.rows))
        for place, view in enumerate(self._rows):
            view.setVisible(place < len(group.rows))
            if place < len(group.rows):
                view.show_row(group.rows[place], limit)

    @Slot(object)
    def _on_chosen(self, quantity: Quantity) -> None:
        self.chosen.emit(quantity)
