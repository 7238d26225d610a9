"""The dialog for mistakes in the program."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit

from deltaglow.ui.dialogs.fault import FaultReporter
from deltaglow.ui.main_window import MainWindow


def test_one_dialog_shows_every_fault_and_copies_them(window: MainWindow) -> None:
    reporter = FaultReporter(window)
    reporter.report("first")
    dialog = reporter.dialog
    reporter.report("second")
    assert reporter.dialog is dialog and dialog is not None
    text = dialog.findChild(QPlainTextEdit)
    assert isinstance(text, QPlainTextEdit)
    assert "first" in text.toPlainText() and "second" in text.toPlainText()
    reporter.copy()
    assert "second" in QGuiApplication.clipboard().text()
    dialog.close()
