"""A field on the diagram itself, in which a number or a name is typed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QLocale, QPointF, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from deltaglow.ui.widgets.labels import restyle

Judge = Callable[[str], str]
"""What is wrong with a text, "" if nothing is."""


class Field(QLineEdit):
    """Enter and a click elsewhere take what was typed if it is allowed, Esc leaves everything as it was.

    What is wrong is said while it is typed, by `judged`, and the field cannot be left with Enter until it is
    right.
    """

    accepted = Signal(str)
    judged = Signal(str)
    closed = Signal()

    def __init__(self, parent: QWidget, name: str, tip: str, text: str, judge: Judge) -> None:
        super().__init__(parent)
        self._host = parent
        self._judge, self._done, self._closing = judge, False, False
        self._first = text
        self.setLocale(QLocale.c())
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.setText(text)
        self.selectAll()
        self.textEdited.connect(self._on_edited)

    def open_at(self, point: QPointF, width: int = 96) -> None:
        """Show it around a point, inside its parent."""
        area = self._host.rect()
        self.setFixedSize(width, self.sizeHint().height())
        left = min(max(round(point.x()) - width // 2, 2), area.width() - width - 2)
        top = min(max(round(point.y()) - self.height() // 2, 2), area.height() - self.height() - 2)
        self.move(left, top)
        self.show()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def type_over(self, text: str) -> None:
        """As if that had been typed over what stands there."""
        self.setText(text)
        self._on_edited(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._close()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not self._judge(self.text()):
                self._finish()
        else:
            super().keyPressEvent(event)
            event.accept()  # what the field does not know is not the window's while one types

    def event(self, event: QEvent) -> bool:
        """Keys that are shortcuts elsewhere, Esc above all, are typed here."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        reason = Qt.FocusReason
        if event.reason() not in (reason.PopupFocusReason, reason.ActiveWindowFocusReason):
            self._finish()

    def _finish(self) -> None:
        if not self._done and self.text() != self._first and not self._judge(self.text()):
            self._done = True
            self.accepted.emit(self.text())
        self._close()

    def _close(self) -> None:
        self._done = True
        if self.isVisible() and not self._closing:
            self._closing = True
            if self.hasFocus():  # else Qt would hand it on, as if by the Tab key
                self._host.setFocus(Qt.FocusReason.OtherFocusReason)
            self.hide()
            self.closed.emit()
            self.deleteLater()

    @Slot(str)
    def _on_edited(self, text: str) -> None:
        problem = self._judge(text)
        restyle(self, invalid="true" if problem else "")
        self.judged.emit(problem)
