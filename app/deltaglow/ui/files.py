"""Opening and saving projects from the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from deltaglow.model import examples, fileformat
from deltaglow.model.errors import ProjectError
from deltaglow.session.lab import Lab

FILTER = "Deltaglow projects (*.dglow *.json);;All files (*)"
BUTTON = QMessageBox.StandardButton


class Files(QObject):
    """The file of the project in the window: its name, opening another, saving it. Errors are one line."""

    nameChanged = Signal()
    succeeded = Signal()
    """A project was opened or saved."""

    def __init__(self, lab: Lab, window: QWidget) -> None:
        super().__init__(window)
        self._lab = lab
        self._window = window
        self.name = lab.project.title or "Untitled"
        if lab.document.path is not None:
            self.name = lab.document.path.name
        lab.document.undo_stack.cleanChanged.connect(self.nameChanged)

    @Slot()
    def open(self) -> None:
        """Ask for a file and open it."""
        chosen, _ = QFileDialog.getOpenFileName(self._window, "Open a project", self._folder(), FILTER)
        if chosen:
            self.open_file(Path(chosen))

    def open_file(self, path: Path) -> None:
        """Open a project file in place of the one in the window."""
        if not self.may_leave():
            return
        try:
            project = fileformat.read(path)
        except ProjectError as error:
            self._lab.message.emit(str(error))
            return
        self._lab.open(project, path)
        self._rename(path.name)

    def open_example(self, name: str) -> None:
        """Open a built-in example."""
        if self.may_leave():
            project = examples.load(name)
            self._lab.open(project)
            self._rename(project.title or name)

    @Slot()
    def save(self) -> bool:
        """Save to the file the project came from, or ask for one. False if nothing was saved."""
        path = self._lab.document.path
        return self.save_as() if path is None else self._write(path)

    @Slot()
    def save_as(self) -> bool:
        """Ask for a file and save to it."""
        start = Path(self._folder()) / (Path(self.name).stem + ".dglow")
        chosen, _ = QFileDialog.getSaveFileName(self._window, "Save the project", str(start), FILTER)
        if not chosen:
            return False
        path = Path(chosen)
        return self._write(path if path.suffix else path.with_suffix(".dglow"))

    def may_leave(self) -> bool:
        """Whether the project may be put away: it is saved, or the user says so."""
        if self._lab.document.undo_stack.isClean():
            return True
        answer = QMessageBox.question(
            self._window,
            "Deltaglow",
            f"Save the changes to {self.name}?",
            BUTTON.Save | BUTTON.Discard | BUTTON.Cancel,
            BUTTON.Save,
        )
        return answer == BUTTON.Discard or (answer == BUTTON.Save and self.save())

    def dropped(self, data: QMimeData) -> Path | None:
        """The project file in something dragged onto the window, if it is one."""
        paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
        return paths[0] if len(paths) == 1 and paths[0].suffix in (".dglow", ".json") else None

    def _write(self, path: Path) -> bool:
        self._lab.pause()
        try:
            fileformat.write(self._lab.trained_project, path)
        except ProjectError as error:
            self._lab.message.emit(f"Not saved: {error}")
            return False
        self._lab.document.path = path
        self._lab.document.undo_stack.setClean()
        self._rename(path.name)
        return True

    def _rename(self, name: str) -> None:
        self.name = name
        self.nameChanged.emit()
        self.succeeded.emit()

    def _folder(self) -> str:
        path = self._lab.document.path
        return str(path.parent if path is not None else Path.home())
