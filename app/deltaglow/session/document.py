"""The document: the project being edited, with its undo history."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from deltaglow.model.project import Project

MERGE_ID = 1


class Document(QObject):
    """Holds a project, the file it came from, and every earlier version. Views follow `changed`."""

    changed = Signal(object, object)
    """(before, after): two projects."""

    def __init__(self, project: Project, path: Path | None = None) -> None:
        super().__init__()
        self.project = project
        self.path = path
        self.undo_stack = QUndoStack(self)

    def edit(self, label: str, project: Project, merge: bool = False) -> None:
        """Replace the project, as one undo step named `label`; with `merge`, edits of one name become one
        step.
        """
        if project != self.project:
            self.undo_stack.push(_Edit(self, label, self.project, project, merge))

    def open(self, project: Project, path: Path | None) -> None:
        """Begin anew with another project: nothing to undo."""
        self.project = project
        self.path = path
        self.undo_stack.clear()

    def put(self, project: Project) -> None:
        """Replace the project without a trace in the history: what undo and redo call."""
        before, self.project = self.project, project
        self.changed.emit(before, project)


class _Edit(QUndoCommand):
    def __init__(self, document: Document, label: str, before: Project, after: Project, merge: bool) -> None:
        super().__init__(label)
        self._document = document
        self._before = before
        self._after = after
        self._merge = merge

    @property
    def after(self) -> Project:
        return self._after

    def redo(self) -> None:
        self._document.put(self._after)

    def undo(self) -> None:
        self._document.put(self._before)

    def id(self) -> int:
        return MERGE_ID if self._merge else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _Edit) or other.text() != self.text():
            return False
        self._after = other.after
        return True
