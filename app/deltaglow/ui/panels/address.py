"""Where a quantity can be typed: `delta[1][0]`, `w8`."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast
from unicodedata import bidirectional

from PySide6.QtCore import QEvent, QObject, QStringListModel, Qt, QTimer, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QCompleter, QHBoxLayout, QLineEdit, QToolButton, QVBoxLayout, QWidget

from deltaglow.model.completion import completions
from deltaglow.model.quantity import AddressError, Quantity, parse, validate_in
from deltaglow.session.lab import Lab
from deltaglow.ui.widgets import label, restyle

from .crumbs import MOST, Crumbs
from .trail import Trail


class AddressBar(QWidget):
    """Back and forward, and a field with the address of the quantity on show; Enter goes to what is typed.

    What may be typed next is proposed. What cannot be read, or is not in this network, is said in one line
    under the field; and there stands the way that one has come.
    """

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self._lab = lab
        self.trail = Trail()
        self._shown = ""
        self.back_button = self._arrow("←", "Alt+Left", self.back)
        self.forward_button = self._arrow("→", "Alt+Right", self.forward)
        self.field = QLineEdit()
        self.field.setPlaceholderText("address, e.g. delta[1][0]")
        self.field.setToolTip(
            "Address of the number to explain, such as delta[1][0], dW[2][1,0], y_hat[1] or a name like w8.\n"
            "Layers count from 1, units from 0. What may come next is proposed: ↓ chooses,\n"
            "Enter goes there, Esc takes it back, Esc again leaves for the diagram. (Ctrl+G)"
        )
        self.field.setAccessibleName("Address of the number to explain")
        self.field.returnPressed.connect(self._go)
        self.field.textEdited.connect(self._on_edited)
        self._proposals = QStringListModel(self)
        self._completer = self._make_completer()
        self.field.installEventFilter(self)
        self.error = label(role="error", wrap=True)
        self.error.hide()
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.back_button)
        row.addWidget(self.forward_button)
        row.addWidget(self.field, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(row)
        layout.addWidget(self.error)
        self.crumbs = Crumbs()
        self.crumbs.wanted.connect(self._step_back)
        layout.addWidget(self.crumbs)
        lab.opened.connect(self._on_opened)
        self._show_way()

    def show_address(self, quantity: Quantity) -> None:
        """`quantity` is on show now."""
        self.trail.visit(quantity)
        self._shown = str(quantity)
        if not (self.field.hasFocus() and self.field.isModified()):
            self.field.setText(self._shown)
        self._clear_error()
        self._show_way()

    @Slot()
    def focus_field(self) -> None:
        """Puts the cursor into the field, ready to be overwritten."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    @Slot()
    def back(self) -> None:
        """Goes to the quantity visited before; ones that no longer exist are passed over."""
        self._go_by(-1)

    @Slot()
    def forward(self) -> None:
        """Goes to the quantity from which one has come back."""
        self._go_by(1)

    @Slot(int)
    def _step_back(self, steps: int) -> None:
        self._go_by(-steps)

    def _go_by(self, steps: int) -> None:
        while (quantity := self.trail.go(steps)) is not None:
            try:
                self._lab.select(quantity)
            except AddressError:
                self.trail.forget()
                steps = max(steps, 0)
                continue
            break
        self._show_way()

    @Slot()
    def _go(self) -> None:
        try:
            self._lab.select(parse(self.field.text(), self._lab.project))
        except AddressError as error:
            self.error.setText(_left_to_right(str(error)))
            self.error.show()
            restyle(self.field, invalid="true")
            return
        self.field.setModified(False)
        self.field.setText(str(self._lab.selected))
        self.field.selectAll()
        self._clear_error()

    @Slot()
    def _on_opened(self) -> None:
        """No way leads on from the numbers of another project."""
        self.trail = Trail()

    @Slot()
    def _clear_error(self) -> None:
        self.error.hide()
        restyle(self.field, invalid="false")

    def _arrow(self, text: str, key: str, action: Callable[[], None]) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setProperty("role", "quiet")
        button.setShortcut(QKeySequence(key))
        button.clicked.connect(action)
        return button

    def _exists(self, quantity: Quantity) -> bool:
        try:
            validate_in(quantity, self._lab.frame)
        except AddressError:
            return False
        return True

    def _show_way(self) -> None:
        self.trail.keep(self._exists)
        for button, by, word, key in (
            (self.back_button, -1, "Back", "Alt+←"),
            (self.forward_button, 1, "Forward", "Alt+→"),
        ):
            leads = self.trail.peek(by)
            button.setEnabled(leads is not None)
            where = f"to {leads}" if leads else "is not possible: nothing was visited there"
            button.setToolTip(f"{word} {where} ({key})")
            button.setAccessibleName(f"{word} to the number {'before' if by < 0 else 'after'}")
        self.crumbs.show_way(self._lab.project, self.trail.lately(MOST))

    def _make_completer(self) -> QCompleter:
        completer = QCompleter(self._proposals, self)
        completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        completer.setMaxVisibleItems(10)
        completer.activated.connect(self._take)
        self.field.setCompleter(completer)
        return completer

    @Slot(str)
    def _on_edited(self, text: str) -> None:
        self._clear_error()
        self._proposals.setStringList(completions(text, self._lab.project, self._lab.frame))

    @Slot(str)
    def _take(self, text: str) -> None:
        """A proposal was chosen: goes there if it is whole, and proposes what comes next if it is not."""
        if text.endswith("["):
            QTimer.singleShot(0, self, self._propose)
        else:
            self._go()

    @Slot()
    def _propose(self) -> None:
        self._on_edited(self.field.text())
        self._completer.complete()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Escape puts the shown address back; where it stands already, the window takes the keys back."""
        pressed = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress
        escape = pressed and cast("QKeyEvent", event).key() == Qt.Key.Key_Escape
        typed = self.field.text() != self._shown or self.error.isVisibleTo(self)
        if escape and watched is self.field and typed:
            self.field.setText(self._shown)
            self.field.selectAll()
            self._clear_error()
            return True
        return super().eventFilter(watched, event)


def _left_to_right(text: str) -> str:
    """A text as the rest of the window is read, whatever script begins it."""
    mark = "\u200e"
    return mark + text if any(bidirectional(letter) in ("R", "AL", "AN") for letter in text) else text
