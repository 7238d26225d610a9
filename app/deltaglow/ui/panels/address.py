"""Where a quantity can be typed: `delta[1][0]`, `w8`."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QVBoxLayout, QWidget

from deltaglow.model.quantity import AddressError, Quantity, parse
from deltaglow.session.lab import Lab
from deltaglow.ui.widgets import label, restyle

from .trail import Trail


class AddressBar(QWidget):
    """A back button and a field with the address of the quantity on show; Enter goes to what is typed.

    What cannot be read, or is not in this network, is said in one line under the field.
    """

    chosen = Signal(object)

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self._lab = lab
        self.trail = Trail()
        self._shown = ""
        self.back_button = QToolButton()
        self.back_button.setText("←")
        self.back_button.setProperty("role", "quiet")
        self.back_button.setShortcut(QKeySequence("Alt+Left"))
        self.back_button.setAccessibleName("Back to the number before")
        self.back_button.clicked.connect(self.back)
        self.field = QLineEdit()
        self.field.setPlaceholderText("address, e.g. delta[1][0]")
        self.field.setToolTip(
            "Address of the number to explain, such as delta[1][0], dW[2][1,0], y_hat[1] or a name like w8.\n"
            "Layers count from 1, units from 0. Enter goes there, Esc takes it back. (Ctrl+G)"
        )
        self.field.setAccessibleName("Address of the number to explain")
        self.field.returnPressed.connect(self._go)
        self.field.textEdited.connect(self._clear_error)
        self.field.installEventFilter(self)
        self.error = label(role="error", wrap=True)
        self.error.hide()
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.back_button)
        row.addWidget(self.field, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(row)
        layout.addWidget(self.error)
        self._show_way_back()

    def show_address(self, quantity: Quantity) -> None:
        """`quantity` is on show now."""
        self.trail.visit(quantity)
        self._shown = str(quantity)
        if not (self.field.hasFocus() and self.field.isModified()):
            self.field.setText(self._shown)
        self._clear_error()
        self._show_way_back()

    @Slot()
    def focus_field(self) -> None:
        """Puts the cursor into the field, ready to be overwritten."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    @Slot()
    def back(self) -> None:
        """Goes to the quantity visited before; ones that no longer exist are passed over."""
        while (quantity := self.trail.back()) is not None:
            try:
                self._lab.select(quantity)
            except AddressError:
                continue
            break
        self._show_way_back()

    @Slot()
    def _go(self) -> None:
        try:
            self._lab.select(parse(self.field.text(), self._lab.project))
        except AddressError as error:
            self.error.setText(str(error))
            self.error.show()
            restyle(self.field, invalid="true")
            return
        self.field.setModified(False)
        self.field.setText(str(self._lab.selected))
        self.field.selectAll()
        self._clear_error()

    @Slot()
    def _clear_error(self) -> None:
        self.error.hide()
        restyle(self.field, invalid="false")

    def _show_way_back(self) -> None:
        previous = self.trail.previous
        self.back_button.setEnabled(previous is not None)
        where = f"Back to {previous} (Alt+Left)" if previous else "Nothing to go back to yet (Alt+Left)"
        self.back_button.setToolTip(where)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Escape puts the shown address back."""
        pressed = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress
        if pressed and watched is self.field and cast("QKeyEvent", event).key() == Qt.Key.Key_Escape:
            self.field.setText(self._shown)
            self.field.selectAll()
            self._clear_error()
            return True
        return super().eventFilter(watched, event)
