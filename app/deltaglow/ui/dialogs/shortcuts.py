"""The list of keys."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QLabel, QVBoxLayout, QWidget

NAME = "keys"
KEYS = (
    (
        "Play and step",
        (
            ("Space", "play the phases, or pause"),
            ("→  ←", "to the next stop, or back"),
            ("Shift+→  Shift+←", "by a whole phase: one layer"),
            ("Ctrl+→  Ctrl+←", "by a whole training step"),
            ("Home", "rewind to the start of the run"),
        ),
    ),
    (
        "Train",
        (
            ("T", "train from the step shown, or pause"),
            ("Ctrl+R", "forget the run, keep the starting weights"),
        ),
    ),
    (
        "Look",
        (
            ("↑  ↓", "through the units of a column (in the diagram)"),
            ("Page Up  Page Down", "through the columns"),
            ("Q", "through the numbers of a unit: a, z, δ, φ′ …"),
            ("Ctrl+G", "type an address: delta[1][0], W[2][0,1], w8"),
            ("Alt+←", "back to the number explained before"),
        ),
    ),
    (
        "Window",
        (
            ("Ctrl+O  Ctrl+S", "open, save"),
            ("Ctrl+Z  Ctrl+Shift+Z", "undo, redo"),
            ("Ctrl+Shift+L", "dark or light"),
            ("F11", "full screen"),
        ),
    ),
)


def show_shortcuts(parent: QWidget) -> None:
    """Open the list, or bring it to the front; it does not block."""
    known = parent.findChild(QDialog, NAME)
    if isinstance(known, QDialog):
        known.activateWindow()
        return
    dialog = QDialog(parent)
    dialog.setObjectName(NAME)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle("Keys")
    column = QVBoxLayout(dialog)
    grid = QGridLayout()
    grid.setHorizontalSpacing(24)
    row = 0
    for heading, keys in KEYS:
        label = QLabel(heading)
        label.setProperty("role", "subheading")
        grid.addWidget(label, row, 0, 1, 2)
        row += 1
        for key, meaning in keys:
            name = QLabel(key)
            name.setProperty("role", "mono")
            grid.addWidget(name, row, 0)
            grid.addWidget(QLabel(meaning), row, 1)
            row += 1
    column.addLayout(grid)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.close)
    column.addWidget(buttons)
    dialog.show()
