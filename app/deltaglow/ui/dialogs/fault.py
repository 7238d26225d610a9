"""Something went wrong inside: what, and how to pass it on. The program goes on."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QVBoxLayout, QWidget


class FaultReporter(QObject):
    """Shows one dialog at a time; further faults are added to the one that is open."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.dialog: QDialog | None = None
        self._text: QPlainTextEdit | None = None

    @Slot(str)
    def report(self, text: str) -> None:
        """Show a traceback."""
        if self.dialog is not None and self.dialog.isVisible() and self._text is not None:
            self._text.appendPlainText(f"\n{text}")
            return
        dialog = QDialog(self._window)
        dialog.setWindowTitle("Something went wrong inside Deltaglow")
        dialog.resize(640, 360)
        column = QVBoxLayout(dialog)
        head = QLabel(
            "This is a mistake in the program, not yours. You can go on working; it is wise to save first.\n"
            "To report it, copy this text."
        )
        head.setWordWrap(True)
        column.addWidget(head)
        self._text = QPlainTextEdit(text)
        self._text.setReadOnly(True)
        self._text.setAccessibleName("What happened")
        column.addWidget(self._text)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = buttons.addButton("&Copy", QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(self.copy)
        buttons.rejected.connect(dialog.close)
        column.addWidget(buttons)
        self.dialog = dialog
        dialog.show()

    @Slot()
    def copy(self) -> None:
        """Put the text on the clipboard."""
        if self._text is not None:
            QGuiApplication.clipboard().setText(self._text.toPlainText())
