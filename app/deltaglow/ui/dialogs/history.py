"""The list of all that was done, to go to any of it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDialog, QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from deltaglow.session.document import Document
from deltaglow.ui.widgets import label

NAME = "history"


class HistoryDialog(QDialog):
    """One line a step, the oldest first; the one that the document stands at is selected. What lies below it
    was undone. It stays open beside the window and follows it.
    """

    def __init__(self, parent: QWidget, document: Document) -> None:
        super().__init__(parent)
        self._document = document
        self.setObjectName(NAME)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("History")
        self.resize(300, 380)
        column = QVBoxLayout(self)
        self.steps = QListWidget()
        self.steps.setAccessibleName("All that was done, the oldest first")
        self.steps.setToolTip("Go to a step to undo what was done after it, or to do it again")
        self.steps.setUniformItemSizes(True)
        column.addWidget(self.steps)
        self.empty: QLabel = label("Edits and training runs will be listed here.", "muted", wrap=True)
        column.addWidget(self.empty)
        stack = document.undo_stack
        for keys, command in ((("Ctrl+Z",), stack.undo), (("Ctrl+Shift+Z", "Ctrl+Y"), stack.redo)):
            action = QAction(self)
            action.setShortcuts([QKeySequence(text) for text in keys])
            action.triggered.connect(command)
            self.addAction(action)
        self.steps.currentRowChanged.connect(self._go)
        document.stepsChanged.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the steps there are."""
        stack = self._document.undo_stack
        names = ["As opened", *(stack.text(i) for i in range(stack.count()))]
        self.steps.blockSignals(True)
        while self.steps.count() > len(names):
            self.steps.takeItem(self.steps.count() - 1)
        for row, name in enumerate(names):
            if row == self.steps.count():
                self.steps.addItem(QListWidgetItem())
            item = self.steps.item(row)
            undone = row > stack.index()
            saved = " — as saved" if row == stack.cleanIndex() and self._document.path is not None else ""
            item.setText(name + saved)
            font = item.font()
            font.setItalic(undone)
            item.setFont(font)
            item.setForeground(self.palette().placeholderText() if undone else self.palette().windowText())
            item.setToolTip("Undone: go here to do it again" if undone else "")
        self.steps.setCurrentRow(stack.index())
        self.steps.blockSignals(False)
        self.empty.setVisible(stack.count() == 0)

    @Slot(int)
    def _go(self, row: int) -> None:
        self._document.jump(row)


def show_history(parent: QWidget, document: Document) -> None:
    """Open the list, or bring it to the front; it does not block."""
    known = parent.findChild(HistoryDialog, NAME)
    if known is None:
        known = HistoryDialog(parent, document)
        known.show()
    known.activateWindow()
