"""What this is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from deltaglow import __version__


def show_about(parent: QWidget) -> None:
    """Open it; it does not block."""
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle("About Deltaglow")
    box.setText(
        f"<b>Deltaglow {__version__}</b><br>A laboratory for backpropagation with softmax and cross-entropy."
    )
    box.setInformativeText("Every number on the screen derives itself: click one.")
    box.show()
