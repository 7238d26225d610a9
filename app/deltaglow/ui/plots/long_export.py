"""A table of many rows, written while the window goes on, with progress and a way to stop."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QProgressDialog, QWidget

from deltaglow.session.lab import Lab
from deltaglow.ui.slices import Slices

from .export import Table

MANY = 20_000
"""Rows from which writing takes longer than a blink."""
_PARTS = 1000
_APPEARS_MS = 400


class LongExport(QProgressDialog):
    """Begins at once and goes when it is done; stopped, it leaves the file as it was."""

    ended = Signal(bool)
    """Whether the file is there."""

    def __init__(self, parent: QWidget, lab: Lab, table: Table, target: Path) -> None:
        super().__init__(f"Writing {table.count:,} steps to {target.name}", "Stop", 0, _PARTS, parent)
        self._lab, self._target = lab, target
        self.setWindowTitle("Export as CSV")
        self.setAccessibleName("How much of the file is written")
        self.setWindowModality(Qt.WindowModality.NonModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumDuration(_APPEARS_MS)
        self.setAutoClose(False)
        self.setAutoReset(False)
        self._job = Slices(table.writing(target), self)
        self._job.progressed.connect(self._on_progress)
        self._job.finished.connect(self._on_finished)
        self.canceled.connect(self._on_stop)
        lab.closing.connect(self._on_stop)

    @Slot(float)
    def _on_progress(self, done: float) -> None:
        self.setValue(min(round(_PARTS * done), _PARTS - 1))

    @Slot(object)
    def _on_finished(self, trouble: str) -> None:
        if trouble:
            self._lab.message.emit(trouble)
        self._leave(not trouble)

    @Slot()
    def _on_stop(self) -> None:
        self._job.stop()
        self._leave(False)

    def _leave(self, there: bool) -> None:
        self.canceled.disconnect(self._on_stop)  # to be closed is to be cancelled, for Qt
        self._lab.closing.disconnect(self._on_stop)
        self.ended.emit(there)
        self.close()
