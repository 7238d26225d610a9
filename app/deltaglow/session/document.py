"""The document: the project being edited, the file it came from, and one history of all that was done."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from deltaglow.model.project import Project
from deltaglow.session.stretch import Place

MERGE_ID = 1
UNDO_BYTES = 512 * 2**20
"""About what the undo history may hold on to; it has 20 steps at least."""


class Document(QObject):
    """Holds a project, the file it came from, and the places between which undo and redo go.

    Edits, runs and whatever else changes what would be saved are steps of one history, each with a name.
    """

    went = Signal(object)
    """A Place: undo or redo goes there."""
    stepsChanged = Signal()
    """The history has other steps, other names of them, or stands elsewhere in it."""
    pathChanged = Signal()

    def __init__(self, project: Project, path: Path | None = None) -> None:
        super().__init__()
        self.project = project
        self._path = path
        self.keeps_past = False
        """Whether its file keeps the past of the run as well."""
        self.undo_stack = QUndoStack(self)
        self.undo_stack.indexChanged.connect(self.stepsChanged)
        self._open_run: _Step | None = None
        self._jumping = False
        self._last: Place | None = None
        self._undone: _Undone | None = None
        self._bound()

    @property
    def path(self) -> Path | None:
        """The file it came from or was last saved to."""
        return self._path

    @path.setter
    def path(self, path: Path | None) -> None:
        if path != self._path:
            self._path = path
            self.pathChanged.emit()

    @property
    def modified(self) -> bool:
        """Whether there is anything that the file does not have."""
        return not self.undo_stack.isClean()

    @property
    def edited(self) -> bool:
        """Whether there are edits that the file does not have, and not just runs."""
        stack = self.undo_stack
        if stack.cleanIndex() < 0:
            return self.modified
        first, last = sorted((stack.cleanIndex(), stack.index()))
        steps = (stack.command(at) for at in range(first, last))
        return any(isinstance(s, _Step) and s.before.project is not s.after.project for s in steps)

    def open(self, project: Project, path: Path | None) -> None:
        """Begin anew with another project: nothing to undo."""
        self.project = project
        self._open_run = self._undone = None
        self.undo_stack.clear()
        self._bound()
        self.path = path

    def record(self, name: str, before: Place, after: Place, merge: int = 0) -> None:
        """A step was made that undo takes back; steps of one name and one number `merge` that follow each
        other are one, but for 0.
        """
        self.project = after.project
        if merge and self.undo_stack.canRedo():
            self._undone = _Undone.above(self.undo_stack, name, merge)
        elif self._undone is not None and (self._undone.name, self._undone.merge) != (name, merge):
            self._undone = None
        self.undo_stack.push(_Step(self, name, before, after, merge))

    def begin_run(self, name: str, before: Place) -> None:
        """A run begins, of which `end_run` tells more."""
        self._open_run = _Step(self, name, before, before, merge=0)
        self.undo_stack.push(self._open_run)

    def end_run(self, name: str, after: Place) -> None:
        """The run that was begun has come here. One that went nowhere was no step."""
        step = self._close_run(name, after)
        if step is None:
            return
        if after.head == step.before.head and after.stretch is step.before.stretch:
            step.idle = True
            step.setObsolete(True)
            self.undo_stack.undo()

    def undo_run(self, name: str, after: Place) -> None:
        """The run that was begun has come here, and is just being undone."""
        self._close_run(name, after)

    def _close_run(self, name: str, after: Place) -> _Step | None:
        step, self._open_run = self._open_run, None
        if step is not None:
            step.after = after
            step.setText(name)
            self.stepsChanged.emit()
        return step

    def follows(self, name: str, merge: int) -> Place | None:
        """Where a step of this name that can be merged with began, if it is the last but for a run that is
        under way; the run then is no longer a step of its own.
        """
        at = self.undo_stack.index() - 2
        if self._open_run is None or at < 0:
            return None
        step = self.undo_stack.command(at)
        if not isinstance(step, _Step) or step.merge != merge or step.text() != name:
            return None
        run, self._open_run = self._open_run, None
        run.idle = True
        run.setObsolete(True)
        self.undo_stack.undo()
        return step.before

    def withdraw(self, name: str, merge: int) -> None:
        """Undo the last step as if it had never been made, if it is of this name and number: what could be
        redone before it can be redone again.
        """
        step = self.undo_stack.command(self.undo_stack.index() - 1)
        if isinstance(step, _Step) and step.merge == merge and step.text() == name:
            step.setObsolete(True)
            self.undo_stack.undo()  # which only forgets a step that is obsolete
            undone, self._undone = self._undone, None
            if undone is not None and (undone.name, undone.merge) == (name, merge):
                undone.put_back(self)
            self.went.emit(step.before)

    def jump(self, index: int) -> None:
        """Undo or redo to where `index` steps are done, at one go."""
        stack = self.undo_stack
        index = min(max(index, 0), stack.count())
        if index == stack.index():
            return
        self._jumping = True
        stack.setIndex(index)
        self._jumping, place = False, self._last
        if place is not None:
            self.went.emit(place)

    def go(self, place: Place) -> None:
        """What a step does when it is undone or redone: go there, or when others follow at once, only note
        it.
        """
        self._last = place
        if not self._jumping:
            self.went.emit(place)

    def _bound(self) -> None:
        each = 8 * self.project.network.parameter_count * 4
        self.undo_stack.setUndoLimit(min(max(UNDO_BYTES // max(each, 1), 20), 1000))


class _Step(QUndoCommand):
    """From one place to another; made already when it is pushed."""

    def __init__(self, document: Document, name: str, before: Place, after: Place, merge: int) -> None:
        super().__init__(name)
        self._document = document
        self.before = before
        self.after = after
        self.merge = merge
        self.idle = True

    def redo(self) -> None:
        self._go(self.after)

    def undo(self) -> None:
        self._go(self.before)

    def _go(self, place: Place) -> None:
        if self.idle:
            self.idle = False
            return
        self._document.go(place)

    def id(self) -> int:
        return MERGE_ID if self.merge else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _Step) or (other.text(), other.merge) != (self.text(), self.merge):
            return False
        self.after = other.after
        return True


@dataclass(frozen=True)
class _Undone:
    """What could be redone before a step of this name and number, which might yet be withdrawn, was made."""

    name: str
    merge: int
    steps: tuple[tuple[str, Place, Place, int], ...]
    clean: int

    @classmethod
    def above(cls, stack: QUndoStack, name: str, merge: int) -> _Undone:
        steps = (stack.command(at) for at in range(stack.index(), stack.count()))
        kept = tuple((s.text(), s.before, s.after, s.merge) for s in steps if isinstance(s, _Step))
        return cls(name, merge, kept, stack.cleanIndex())

    def put_back(self, document: Document) -> None:
        """On top of the history, undone. Nothing goes anywhere meanwhile, and it is told once, at the end."""
        stack = document.undo_stack
        at, clean = stack.index(), stack.cleanIndex() < 0 <= self.clean
        stack.blockSignals(True)
        steps = [_Step(document, name, before, after, 0) for name, before, after, _ in self.steps]
        for step in steps:
            stack.push(step)
            if clean and stack.index() == self.clean:
                stack.setClean()
        for step, (_, _, _, merge) in zip(steps, self.steps, strict=True):
            step.idle, step.merge = True, merge
        stack.setIndex(at)
        stack.blockSignals(False)
        document.stepsChanged.emit()
