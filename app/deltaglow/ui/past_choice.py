"""The choice in the File menu whether a file keeps the past of its run, with what that takes in bytes."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from deltaglow.explain.memory import size
from deltaglow.session.lab import Lab

TEXT = "&Keep past steps in the file"


class PastChoice(QAction):
    """Checked while the document's file keeps the past. What it takes is found out when the menu opens."""

    def __init__(self, menu: QMenu, lab: Lab) -> None:
        super().__init__(TEXT, menu)
        self._lab = lab
        self.setCheckable(True)
        self.triggered.connect(self._on_triggered)
        menu.addAction(self)
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(self.refresh)

    @Slot()
    def refresh(self) -> None:
        """Say what it would take now."""
        lab = self._lab
        self.setChecked(lab.document.keeps_past)
        past = None if lab.running else lab.saved_past()
        took = "" if past is None else f": {size(past.nbytes)}"
        self.setText(f"{TEXT}{took}")
        lines = ["A .dglow then has the curves, and states from which every step comes back."]
        if lab.running:
            lines.append("How many bytes that takes is known when the training is paused.")
        elif past is None and lab.head:
            lines.append("This run has too many steps: no file can keep them.")
        elif past is not None:
            kept = len(past.states)
            lines.append(
                f"Now {past.nbytes:,} bytes: {len(past.rows):,} steps with {len(past.columns)} numbers each, "
                + (f"{kept:,} states." if kept else "and no state: of this run only the curves are kept.")
            )
        path = lab.document.path
        if path is not None and path.suffix.lower() != ".dglow":
            lines.append(f"{path.name} cannot hold it: save as a .dglow.")
        self.setToolTip("\n".join(lines))

    @Slot(bool)
    def _on_triggered(self, on: bool) -> None:
        document = self._lab.document
        if document.keeps_past != on:
            document.keeps_past = on
            if document.path is not None:
                document.undo_stack.resetClean()  # the file is not as it would be saved now
