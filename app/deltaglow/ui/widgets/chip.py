"""A small rounded button that shows a symbol and perhaps a number, and leads to a quantity."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QWidget

from deltaglow.model.quantity import Quantity
from deltaglow.ui.formula import FormulaView, Typesetter
from deltaglow.ui.theme import Theme

TEXT = 11
"""The number's size in pixels."""


class Chip(QAbstractButton):
    """`chosen` carries the quantity on a click, Space or Enter."""

    chosen = Signal(object)

    def __init__(self, theme: Theme, typesetter: Typesetter | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._quantity: Quantity | None = None
        self._symbol = FormulaView(theme, typesetter, 13.0)
        self._symbol.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._value = ""
        self._token = "text"
        self._room = 0
        self._font = theme.mono_font(TEXT if typesetter is None else TEXT * typesetter.scale)
        self._metrics = QFontMetrics(self._font)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._symbol, 0, Qt.AlignmentFlag.AlignVCenter)
        self._make_room(0)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(self._on_clicked)
        theme.changed.connect(self._repaint)

    @property
    def value(self) -> str:
        """The number beside the symbol."""
        return self._value

    @property
    def quantity(self) -> Quantity | None:
        """Where it leads."""
        return self._quantity

    def show_quantity(self, quantity: Quantity, latex: str, text: str, spoken: str) -> None:
        """Leads to `quantity` from now on; `spoken` is what a screen reader says."""
        if quantity != self._quantity:
            self._make_room(0)
        self._quantity = quantity
        self._symbol.set_symbol(latex, text)
        self.setText(text)
        self.setAccessibleName(f"Go to {spoken}")
        self.setToolTip(f"{spoken[:1].upper()}{spoken[1:]}\n{quantity}: click or Enter explains it")

    def enlarge(self, by: float) -> None:
        """Shows it so many times as large."""
        self._symbol.enlarge(by)
        self._font = self._theme.mono_font(TEXT * by)
        self._metrics = QFontMetrics(self._font)
        self._make_room(self._metrics.horizontalAdvance(self._value) if self._value else 0)

    def show_value(self, printed: str, token: str = "text") -> None:
        """The number beside the symbol; "" for none.

        The room it takes only grows while the chip shows the same quantity: live numbers do not jostle.
        """
        if (printed, token) == (self._value, self._token):
            return
        self._value, self._token = printed, token
        width = self._metrics.horizontalAdvance(printed) if printed else 0
        if width > self._room or (not printed and self._room):
            self._make_room(width)
            self.update()
        else:
            self.update(self._number_box())

    def _make_room(self, width: int) -> None:
        """Keep pixels free for the number. It is painted: a label would ask for a new layout each time."""
        self._room = width
        self._row.setContentsMargins(9, 1, 9 + (width + 6 if width else 0), 1)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Symbol and number."""
        return self._row.sizeHint().expandedTo(QSize(34, 24))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter does what Space does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rounded outline."""
        painter = QPainter(self)
        pointed = self.underMouse() or self.isDown()
        fill = self._theme.color("hover" if pointed else "raised")
        if self._number_box().contains(event.rect()):
            painter.fillRect(event.rect(), fill)
        else:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(fill)
            painter.setPen(QPen(self._theme.color("focus" if self.hasFocus() else "hairline"), 1))
            radius = min(12.0, (self.height() - 1) / 2)
            painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        if self._value:
            painter.setFont(self._font)
            painter.setPen(self._theme.text_color(self._token))
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(self._number_box(), right, self._value)

    def _number_box(self) -> QRect:
        """Where the number stands: all that is painted anew when it becomes another."""
        return QRect(self.width() - 10 - self._room, 2, self._room + 2, self.height() - 4)

    @Slot()
    def _on_clicked(self) -> None:
        if self._quantity is not None:
            self.chosen.emit(self._quantity)

    @Slot()
    def _repaint(self) -> None:
        self.update()
