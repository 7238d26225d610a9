"""What the tabs of the set-up panel share: rows of label and control, and the way an edit reaches the lab."""

from __future__ import annotations

from abc import abstractmethod

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from deltaglow.model.errors import ProjectError
from deltaglow.model.project import Change, Project
from deltaglow.model.validate import validate
from deltaglow.session.lab import Lab
from deltaglow.ui.widgets import label

CONTROL_WIDTH = 118


class Tab(QWidget):
    """One tab. `load()` shows the project; while it does, `loading` is true and no control edits anything.

    `refused` carries one line about an edit that the rules do not allow, "" when one went through.
    """

    refused = Signal(str)

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self._lab = lab
        self.loading = False
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 12, 0, 0)
        self._column.setSpacing(8)

    def show_project(self) -> None:
        """Shows the project as it is now."""
        self.loading = True
        try:
            self.load(self._lab.project)
        finally:
            self.loading = False

    @abstractmethod
    def load(self, project: Project) -> None:
        """Fills the controls from `project`."""

    def _edit(self, text: str, edit: Project | Change, merge: bool = False) -> None:
        """Makes an edit, or puts a project there, if the rules allow it; else says why."""
        if self.loading:
            return
        try:
            validate(edit(self._lab.project) if callable(edit) else edit)
        except ProjectError as error:
            self.refused.emit(str(error))
            self.show_project()
            return
        self._lab.edit(text, edit, merge)
        self.refused.emit("")

    def _row(self, text: str, control: QWidget) -> QLabel:
        """Adds a row; `text` with & before the letter that jumps to `control`."""
        made = label(text, tone="muted")
        made.setBuddy(control)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(made, 1)
        control.setFixedWidth(CONTROL_WIDTH)
        row.addWidget(control)
        self._column.addLayout(row)
        return made
