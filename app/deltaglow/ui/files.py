"""New, open, save and their kin, from the window."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from deltaglow.model import examples, fileformat, importing
from deltaglow.model.errors import ProjectError
from deltaglow.model.project import Project
from deltaglow.model.run_history import RunHistory
from deltaglow.session.drafts import Draft
from deltaglow.session.lab import Lab
from deltaglow.ui.recent import Recent
from deltaglow.ui.theme import Theme

if TYPE_CHECKING:
    from deltaglow.ui.importing import ImportDialog

FILTER = "Deltaglow projects (*.dglow *.json);;All files (*)"
OPENED = "Projects and tables (*.dglow *.json *.csv *.tsv *.tab *.txt);;All files (*)"
TABLES = "Tables (*.csv *.tsv *.tab *.txt);;All files (*)"
BUTTON = QMessageBox.StandardButton


class Files(QObject):
    """The file of the project in the window: its name, opening another, saving it. Errors are one line."""

    nameChanged = Signal()
    succeeded = Signal()
    """A project was opened or saved: the document is as in its file, if it has one."""
    refused = Signal()
    """Nothing was saved: there is a conflict."""

    def __init__(self, lab: Lab, theme: Theme, window: QWidget, recent: Recent) -> None:
        super().__init__(window)
        self._lab = lab
        self._theme = theme
        self._importer: ImportDialog | None = None
        self._window = window
        self.recent = recent
        self.read_only = False
        """Whether the file is another window's: saving then asks for a name."""
        self.conflict = False
        """Whether the file is no longer as it was read, and it is not decided what to do about it."""
        self._origin = lab.project
        """What the document was opened as, to revert to if it has no file."""
        self.name = lab.project.title or "Untitled"
        if lab.document.path is not None:
            self.name = lab.document.path.name
        lab.document.undo_stack.cleanChanged.connect(self.nameChanged)

    # Opening

    @Slot()
    def new(self) -> None:
        """Begin with the smallest network there is."""
        if self.may_leave():
            self._show(examples.blank(), None, "Untitled")

    @Slot()
    def open(self) -> None:
        """Ask for a file and open it."""
        chosen, _ = QFileDialog.getOpenFileName(self._window, "Open a project", self._folder(), OPENED)
        if chosen:
            self.open_file(Path(chosen))

    def open_file(self, path: Path) -> None:
        """Open a project file in place of what is in the window, or ask what to make of a table."""
        if importing.is_table(path.name):
            self.import_from(path)
            return
        project = self._read(path)  # before anybody is asked whether what is here may go
        if project is not None and self.may_leave():
            self._show(project, path, path.name, self._past(path))

    @Slot()
    def import_table(self) -> None:
        """Ask for a table and what to make of it."""
        chosen, _ = QFileDialog.getOpenFileName(self._window, "Import a table", self._folder(), TABLES)
        if chosen:
            self.import_from(Path(chosen))

    @Slot()
    def paste_table(self) -> None:
        """Ask what to make of the table in the clipboard."""
        why = self.nothing_to_paste()
        if why:
            self._lab.message.emit(why)
        else:
            self.import_from(QGuiApplication.clipboard().text())

    def nothing_to_paste(self) -> str:
        """Why no table can be made of what is in the clipboard; "" if one may be."""
        there = QGuiApplication.clipboard().text().strip()
        return "" if there else "The clipboard holds no text to make a table of"

    def import_from(self, source: Path | str) -> None:
        """Ask what to make of the table in a file, or of a text that is one; this does not block."""
        # Imported when it is first asked for, as the export is: the first window needs none of it.
        from deltaglow.ui.importing import ImportDialog

        self.end_import()
        self._importer = ImportDialog(self._window, self._lab, self._theme, source, self._open_imported)
        self._importer.finished.connect(self._forget_importer)
        self._importer.open()

    def end_import(self) -> None:
        """Put the dialog that asks about a table away, if it is open."""
        if self._importer is not None:
            self._importer.reject()

    @Slot()
    def _forget_importer(self) -> None:
        self._importer = None

    def _open_imported(self, project: Project) -> bool:
        """Open what was made of a table; False if what is in the window is not to be left."""
        if not self.may_leave():
            return False
        self._show(project, None, project.title)
        return True

    def open_example(self, name: str) -> None:
        """Open a built-in example."""
        if self.may_leave():
            project = examples.load(name)
            self._show(project, None, project.title or name)

    def open_draft(self, draft: Draft) -> bool:
        """Open what was kept of a document when the program ended, as it was: not saved. False if it cannot
        be read, or the project in the window must not be left.
        """
        project = self._read(draft.file)
        if project is None or not self.may_leave():
            return False
        self._show(project, draft.path, draft.name)
        self._lab.document.undo_stack.resetClean()
        return True

    @Slot()
    def revert(self) -> None:
        """Back to what the file holds, or to what was opened, as one step that undo takes back."""
        path = self._lab.document.path
        project = self._origin if path is None else self._read(path)
        if project is None:
            return
        self._origin = project
        self._lab.replace(f"Revert to {self.name}", project)
        self._lab.document.undo_stack.setClean()
        self._rename(self.name)

    # Saving

    @Slot()
    def save(self) -> bool:
        """Save to the file the project came from, or ask for one. False if nothing was saved."""
        path = self._lab.document.path
        if path is None or self.read_only:
            return self.save_as()
        if self.conflict:
            self.refused.emit()
            return False
        return self.write(path)

    @Slot()
    def save_as(self) -> bool:
        """Ask for a file and save to it, though never to one that is another window's."""
        stem, theirs = Path(self.name).stem, self._lab.document.path if self.read_only else None
        start = Path(self._folder()) / f"{_copy_of(stem) if theirs else stem}.dglow"
        chosen, _ = QFileDialog.getSaveFileName(self._window, "Save the project", str(start), FILTER)
        if not chosen:
            return False
        path = Path(chosen)
        if path.suffix.lower() not in fileformat.SUFFIXES:
            path = path.with_name(f"{path.name}.dglow")
            if path.exists() and not self._may_replace(path):  # the dialog asked about the name as typed
                return False
        if theirs is not None and os.path.realpath(path) == os.path.realpath(theirs):
            self._lab.message.emit(f"Not saved: another window has {path.name}; choose another name")
            return False
        return self.write(path)

    @Slot()
    def duplicate(self) -> None:
        """Go on with a copy that has no file yet; the file stays as it is."""
        self._lab.pause()
        self._lab.document.path = None
        self._lab.document.undo_stack.resetClean()
        self._rename(_copy_of(Path(self.name).stem), opened=True)

    def write(self, path: Path) -> bool:
        """Save to this file. False, and a message, if that was not possible."""
        self._lab.pause()
        saved, keeps = self._lab.saved_project, self._lab.document.keeps_past
        past = self._lab.saved_past() if keeps and path.suffix.lower() == ".dglow" else None
        try:
            fileformat.write(saved, path, past)
        except ProjectError as error:
            self._lab.message.emit(f"Not saved: {error}")
            return False
        self._origin = saved
        self._lab.document.path = path
        self._lab.document.undo_stack.setClean()
        self.recent.add(path)
        self._rename(path.name, opened=True)
        return True

    def may_leave(self) -> bool:
        """Whether the project may be put away: it is saved, or the user says so."""
        if not self._lab.document.modified:
            return True
        answer = QMessageBox.question(
            self._window,
            "Deltaglow",
            f"Save the changes to {self.name}?",
            BUTTON.Save | BUTTON.Discard | BUTTON.Cancel,
            BUTTON.Save,
        )
        return answer == BUTTON.Discard or (answer == BUTTON.Save and self.save())

    def _may_replace(self, path: Path) -> bool:
        question = f"{path.name} is there already. Replace it?"
        answer = QMessageBox.question(self._window, "Deltaglow", question, BUTTON.Yes | BUTTON.No, BUTTON.No)
        return answer == BUTTON.Yes

    def dropped(self, data: QMimeData) -> Path | None:
        """The project or table in something dragged onto the window, if it is one."""
        paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
        known = (*fileformat.SUFFIXES, *importing.SUFFIXES)
        return paths[0] if len(paths) == 1 and paths[0].suffix.lower() in known else None

    # Inside

    def _read(self, path: Path) -> Project | None:
        try:
            return fileformat.read(path)
        except ProjectError as error:
            self._lab.message.emit(f"Not opened, and nothing here has changed: {error}")
            return None

    def _past(self, path: Path) -> RunHistory | None:
        try:
            return fileformat.read_history(path)
        except ProjectError:  # it was read whole a moment ago: another program has just changed it
            return None

    def _show(self, project: Project, path: Path | None, name: str, past: RunHistory | None = None) -> None:
        self._lab.open(project, path, past)
        self._origin = project
        if path is not None:
            self.recent.add(path)
        self._rename(name, opened=True)

    def _rename(self, name: str, opened: bool = False) -> None:
        self.name = name
        if opened:
            self.read_only = self.conflict = False
        self.nameChanged.emit()
        if opened:
            self.succeeded.emit()

    def _folder(self) -> str:
        path = self._lab.document.path
        return str(path.parent if path is not None else Path.home())


def _copy_of(stem: str) -> str:
    return f"Copy of {stem.removeprefix('Copy of ')}"
