"""Sees to it that no work is lost: to a crash, to another window on the same file, to another program."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, Qt, Slot
from PySide6.QtGui import QImage, QImageWriter, QPixmap
from PySide6.QtWidgets import QWidget

from deltaglow.explain.numbers import full
from deltaglow.session.autosave import Autosave, Snapshot
from deltaglow.session.claims import Claim
from deltaglow.session.drafts import Draft, Drafts, data_folder
from deltaglow.session.lab import Lab
from deltaglow.session.watch import FileWatch
from deltaglow.ui.diagram import DiagramView
from deltaglow.ui.files import Files
from deltaglow.ui.notices import Choice, Notices

PICTURE_WIDTH, SHOWN_HEIGHT = 320, 56
DRAFT, TWO_WINDOWS, ON_DISK = "draft", "two windows", "on disk"


class Keeper(QObject):
    """Of one window. It speaks through bars and never through a dialog."""

    def __init__(
        self, lab: Lab, files: Files, notices: Notices, diagram: DiagramView, window: QWidget
    ) -> None:
        # All of it ends with the window: Python might collect it on the trainer's thread, where none belongs.
        super().__init__(window)
        self._lab, self._files, self._notices, self._diagram = lab, files, notices, diagram
        folder = data_folder()
        self.drafts = Drafts(folder / "drafts")
        self.autosave = Autosave(self.drafts, self._snapshot, self)
        self.autosave.failed.connect(lab.message)
        self.claim = Claim(folder / "claims")
        self.watch = FileWatch(self)
        self.watch.changed.connect(self._on_disk)
        self._taken = FileWatch(self)
        self._taken.changed.connect(self._on_taken_over)
        self._left: list[Draft] = []
        self._offered = False
        lab.document.stepsChanged.connect(self._on_steps)
        lab.document.undo_stack.cleanChanged.connect(self._on_clean)
        files.succeeded.connect(self._on_file)
        files.refused.connect(self._say_why_not)
        self._on_file()

    def close(self, keep: bool = False, ending: bool = False) -> None:
        """The window closes, and nobody is to be asked any more. What was only trained is no reason to ask,
        but is kept as a draft if it was since a file was saved, or for so long that one was written twice;
        and so is everything if the system is `ending` the program.
        """
        document = self._lab.document
        lasting = document.path is not None or self.autosave.times > 1
        if ending or (keep and lasting and document.modified):
            self.autosave.keep()
            self.drafts.let_go(self.autosave.key)
            self.autosave.key, self.autosave.times = "", 0
        else:
            self.autosave.clear()
        for draft in self._left:
            self.drafts.let_go(draft.key)
        self.claim.release()
        self.watch.follow(None)
        self._taken.follow(None)

    # Drafts

    @Slot()
    def offer_drafts(self) -> None:
        """What was left by a program that ended without a word, in a bar, one after the other. Looks for it
        once, when the window is up for the first time.
        """
        if self._offered:
            return
        self._offered = True
        self._left = self.drafts.left()
        self._offer_next()

    def _offer_next(self) -> None:
        if not self._left:
            return
        draft = self._left[0]
        when = draft.when.astimezone()
        more = f" ({len(self._left)} in all)" if len(self._left) > 1 else ""
        self._notices.say(
            DRAFT,
            f"{draft.name} was not saved when Deltaglow ended{more}. What was there is kept.",
            (
                Choice("Restore", f"Open {draft.name} as it was then; nothing is saved yet", self._restore),
                Choice("Discard", "Delete what was kept of it", self._discard),
                Choice("Later", "Keep it, and ask again at the next start", self._later),
            ),
            f"{when:%d %B %Y, %H:%M} · {draft.summary}",
            QPixmap(str(draft.picture)).scaledToHeight(
                SHOWN_HEIGHT, Qt.TransformationMode.SmoothTransformation
            ),
        )

    def _restore(self) -> None:
        draft = self._left[0]
        if not self._files.open_draft(draft):
            self._offer_next()
            return
        self.autosave.keep()
        self._discard()

    def _discard(self) -> None:
        self.drafts.discard(self._left.pop(0).key)
        self._offer_next()

    def _later(self) -> None:
        self.drafts.let_go(self._left.pop(0).key)
        self._offer_next()

    def _snapshot(self) -> Snapshot | None:
        lab = self._lab
        if not lab.document.modified:
            return None
        sizes = "-".join(map(str, lab.project.network.sizes))
        counted = f"{lab.project.network.parameter_count:,} parameters"
        steps = f"{lab.head:,} step{'s' * (lab.head != 1)}"
        summary = f"{sizes}, {counted}, after {steps}, loss {full(lab.frame.loss, 4)}"
        return Snapshot(
            lab.saved_project,
            self._files.name,
            lab.document.path,
            summary,
            partial(small, self._diagram.grab().toImage()),
            lab.running,
        )

    @Slot()
    def _on_steps(self) -> None:
        if self._lab.document.modified:
            self.autosave.touch()

    @Slot(bool)
    def _on_clean(self, clean: bool) -> None:
        if clean:
            self.autosave.clear()

    # The file

    @Slot()
    def _on_file(self) -> None:
        """A project was opened or saved."""
        path = self._lab.document.path
        for subject in (TWO_WINDOWS, ON_DISK):
            self._notices.drop(subject)
        self.watch.follow(path)
        self._take(force=False)

    def _take(self, force: bool) -> None:
        path = self._lab.document.path
        self._taken.follow(None)
        if path is None:
            self.claim.release()
            return
        try:
            holder = self.claim.take(path, force)
        except OSError as error:
            self._lab.message.emit(f"{path}: whether another window has it is not known: {error.strerror}")
            return
        self._files.read_only = holder is not None
        if holder is not None:
            self._say_two(f"{path.name} is open in another window (process {holder.pid}).")
        else:
            self._taken.follow(self.claim.record)
        self._files.nameChanged.emit()

    def _say_two(self, what: str) -> None:
        self._notices.say(
            TWO_WINDOWS,
            what,
            (
                Choice("Read only", "Look and try out here; saving asks for another name", lambda: None),
                Choice(
                    "Take over", "Save from here; the other window is told", lambda: self._take(force=True)
                ),
            ),
            "If both saved it, the one would undo what the other did.",
        )

    @Slot()
    def _on_taken_over(self) -> None:
        path = self._lab.document.path
        if path is None or self.claim.held:
            return
        self._files.read_only = True
        self._taken.follow(None)
        self._say_two(f"Another window has taken {path.name} over.")
        self._files.nameChanged.emit()

    @Slot()
    def _on_disk(self) -> None:
        path = self.watch.path
        if path is None:
            return
        gone = not path.exists()
        whose = "the other window" if self._files.read_only else "another program"
        keep = Choice("Keep mine", "Go on with what is here; saving writes over the file", self._keep_mine)
        load = Choice("Load it", "Take what is on the disk; undo takes that back", self._load)
        self._notices.say(
            ON_DISK,
            f"{path.name} was {'deleted or moved' if gone else 'changed'} by {whose}.",
            (keep,) if gone else (load, keep),
            "What is in this window is not changed by that.",
        )
        self._lab.document.undo_stack.resetClean()
        self._files.conflict = True

    def _keep_mine(self) -> None:
        self.watch.follow(self.watch.path)
        self._files.conflict = False

    def _load(self) -> None:
        self._keep_mine()
        self._files.revert()

    @Slot()
    def _say_why_not(self) -> None:
        self._lab.message.emit(
            "Not saved: choose first what is to stay, the file on the disk or what is here"
        )


def small(picture: QImage) -> bytes:
    """A picture as a PNG of `PICTURE_WIDTH`."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    smaller = picture.scaledToWidth(PICTURE_WIDTH, Qt.TransformationMode.SmoothTransformation)
    QImageWriter(buffer, QByteArray(b"PNG")).write(smaller)
    return bytes(buffer.data().data())
