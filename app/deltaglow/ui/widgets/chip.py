"""A small rounded button that shows a symbol and perhaps a number, and leads to a quantity."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QWidget

from deltaglow.model.quantity import Quantity
from deltaglow.ui.formula import FormulaView, Typesetter
from deltaglow.ui.theme import Theme

from .labels import label, restyle


class Chip(QAbstractButton):
    """`chosen` carries the quantity on a click, Space or Enter."""

    chosen = Signal(object)

    def __init__(self, theme: Theme, typesetter: Typesetter | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._quantity: Quantity | None = None
        self._symbol = FormulaView(theme, typesetter, 13.0)
        self._value: QLabel = label(role="mono")
        self._value.setFont(theme.mono_font(11))
        self._row = layout = QHBoxLayout(self)
        layout.setContentsMargins(9, 1, 9, 1)
        layout.setSpacing(6)
        for part in (self._symbol, self._value):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            layout.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(self._on_clicked)
        theme.changed.connect(self._repaint)

    @property
    def quantity(self) -> Quantity | None:
        """Where it leads."""
        return self._quantity

    def show_quantity(self, quantity: Quantity, latex: str, text: str, spoken: str) -> None:
        """Leads to `quantity` from now on; `spoken` is what a screen reader says."""
        if quantity != self._quantity:
            self._value.setFixedWidth(0)
        self._quantity = quantity
        self._symbol.set_latex(latex, text)
        self.setText(text)
        self.setAccessibleName(f"Go to {spoken}")
        self.setToolTip(f"{spoken[:1].upper()}{spoken[1:]}\n{quantity}: click or Enter explains it")

    def show_value(self, printed: str, token: str = "text") -> None:
        """The number beside the symbol; "" for none.

        The room it takes only grows while the chip shows the same quantity: live numbers do not jostle.
        """
        restyle(self._value, tone=token)
        if self._value.text() != printed:
            self._value.setText(printed)
        # A label of fixed size asks for no new layout when its text changes.
        width = self._value.fontMetrics().horizontalAdvance(printed) + 2
        if width > self._value.width() or self._value.isHidden() == bool(printed):
            self._value.setFixedSize(max(width, self._value.width()), self._value.fontMetrics().height())
            self._value.setVisible(bool(printed))
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
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pointed = self.underMouse() or self.isDown()
        painter.setBrush(self._theme.color("hover" if pointed else "raised"))
        painter.setPen(QPen(self._theme.color("focus" if self.hasFocus() else "hairline"), 1))
        radius = min(12.0, (self.height() - 1) / 2)
        painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)

    @Slot()
    def _on_clicked(self) -> None:
        if self._quantity is not None:
            self.chosen.emit(self._quantity)

    @Slot()
    def _repaint(self) -> None:
        self.update()
