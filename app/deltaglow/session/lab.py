"""The running laboratory: a document, a run, what is shown of it, and the thread that trains it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Slot

from deltaglow.model.once import once
from deltaglow.model.project import Change, Project
from deltaglow.model.replacing import replacing
from deltaglow.model.run_history import RunHistory
from deltaglow.session.branches import Branches
from deltaglow.session.stretch import Place, Stretch, fits_between_steps, without_labels
from deltaglow.session.training import Training


class Lab(Training):
    """What the window shows and steers.

    The *head* is the number of completed steps. What is shown is one frame, of a completed step or of the
    one that comes next, and a position among its phases. While `running`, the worker owns the trainer, and
    what is shown is the newest frame, complete; otherwise the shown place can be moved into the past, and
    training goes on from there. An edit applies to the place shown: what was learned up to it stays, and a
    new stretch of the run begins. Undo and redo go between places, over edits and runs alike.
    """

    def __init__(self, project: Project, path: Path | None = None, past: RunHistory | None = None) -> None:
        super().__init__(project, path, past)
        self.document.went.connect(self._on_went)
        self.projectChanged.connect(self._on_project)

    def restart(self) -> None:
        """Forget the run: step 0 with the parameters it began with. Undo brings it back."""
        self.pause()
        self.set_playing(False)
        before, earlier = self.place, self._visited
        place = Stretch.fresh(self.document.project, self.memory).first_place
        self._enter(replace(place, branches=self.branches.restarted(place)))
        if before.head or not before.stretch.natural:
            self.document.record("Forget the run", before, self.place)
        if earlier is not None:
            self.projectChanged.emit()

    def open(self, project: Project, path: Path | None = None, past: RunHistory | None = None) -> None:
        """Put another project in place of this one, with the past of its run if its file kept that."""
        self.pause()
        self.set_playing(False)
        self.document.open(project, path)
        self.document.keeps_past = past is not None
        self._compared = None
        place = Stretch.fresh(project, self.memory, past).first_place
        self._enter(replace(place, branches=Branches.of(place)))
        self.projectChanged.emit()
        self.opened.emit()
        self.select(self._first_selection())

    def replace(self, name: str, project: Project) -> None:
        """Put another project in place of this one as one undoable step: a run from its very start."""
        self.pause()
        self.set_playing(False)
        before = self.place
        self._enter(Stretch.fresh(project, self.memory).first_place)
        self.document.record(name, before, self.place)
        self.projectChanged.emit()

    def edit(self, name: str, edit: Project | Change, merge: int = 0) -> None:
        """Edit the project as one undoable step; successive edits of one name and one number `merge`
        are one, but for 0.

        edit: a function from a project to a project, which is applied to what was learned as well; or the
        edited project, from which it is guessed what was done to it. A run that is under way goes on.
        """
        change = once(edit if callable(edit) else replacing(self.project, edit))
        if self._running and self._edit_between(name, change, merge):
            return
        after, given = change(self.project), self._given
        moved = change(given)
        if after == self.project and moved == given:
            return
        named = without_labels(after) == without_labels(self.project)
        only_named = named and without_labels(moved) == without_labels(given)
        going = self._suspend()
        if going and not (merge and self.document.follows(name, merge)):
            self._close_run()
        before = self.place
        self.set_playing(False)
        renamed = Place(after, before.stretch, before.head, before.step, before.position)
        learned = moved.network == given.network
        stays = only_named and self._visited is None
        self._enter(renamed if stays else self._edited(change, after, before, learned))
        self.document.record(name, before, self.place, merge)
        self.projectChanged.emit()
        if going:
            self.document.begin_run("Train", self.place)
            self._start()

    def withdraw(self, name: str, merge: int) -> None:
        """Take back the last edit, if it is of this name and number, as if it had never been."""
        going = self._suspend()
        if going and not self.document.follows(name, merge):
            self._close_run()
        self.document.withdraw(name, merge)
        if going:
            self.document.begin_run("Train", self.place)
            self._start()

    # Branches

    def switch_to(self, number: int) -> None:
        """Go to the end of a branch, as one undoable step. KeyError if there is none of this number. In a
        comparison of the two, A and B change places.
        """
        self.pause()
        branch = self.branches[number]
        if self._compared == number:
            self._compared = self.branches.current
        last = max(branch.head - 1, branch.stretch.first_shown)
        position = branch.stretch.phases.end if last < branch.head else 0.0
        at = branch.project, branch.stretch, branch.head
        self._go(f"Switch to {branch.title}", Place(*at, last, position, self.branches.at(number)))

    def rename_branch(self, number: int, name: str) -> None:
        """Give a branch a name, as one undoable step. KeyError if there is none of this number."""
        made = self.branches.renamed(number, name)
        if made[number].name != self.branches[number].name:
            self.pause()
            self._set_branches(f"Name a branch {made[number].title}", self.branches.renamed(number, name))

    def delete_branch(self, number: int) -> None:
        """Delete a branch that is not stood on, as one undoable step. KeyError if there is none of this
        number, ValueError if it is stood on.
        """
        self.pause()
        self._set_branches(f"Delete {self.branches[number].title}", self.branches.without(number))

    def compare_with(self, number: int | None) -> None:
        """Compare the branch that is stood on, A, with this one, B; None compares no more. KeyError if there
        is none of this number, ValueError if it is stood on.
        """
        if number is not None and self.branches[number].number == self.branches.current:
            raise ValueError("a branch is not compared with itself")
        if number != self._compared:
            self._compared = number
            self.comparedChanged.emit()

    def _set_branches(self, name: str, branches: Branches) -> None:
        before = self.place
        self._branches = branches
        self.document.record(name, before, replace(before, branches=branches))
        self.branchesChanged.emit()

    def _go(self, name: str, place: Place) -> None:
        """Go to another place as one undoable step."""
        self.set_playing(False)
        before = self.place
        self._enter(place)
        self.document.record(name, before, self.place)
        self.projectChanged.emit()

    # Inside

    def _edit_between(self, name: str, change: Change, merge: int) -> bool:
        """Make an edit between two steps of the run, which goes on; False if that cannot be."""
        project, stretch, after = self.project, self._stretch, change(self.project)
        if not fits_between_steps(project, after) or not self.runner.park():
            return False
        head = self._head = self._trainer.step_count
        trains = self._trainer, stretch.history, stretch.timeline
        try:
            made = stretch.branch(head, change, after)
            start, end = made.begins, made.phases.end
            trainer = made.trainer(start)
            trains = trainer, made.history, made.timeline
        finally:  # a run that is not told to go on would wait for ever
            self.runner.go_on(*trains)
        shown = head - (head > stretch.first_shown)
        led = self._branches.followed(project, stretch, head, self._compared)
        before = Place(project, stretch, head, shown, end if shown < head else 0.0, led)
        if not (merge and self.document.follows(name, merge)):
            self.document.end_run(self._run_name(), before)
        self._branches = led.followed(after, made, start, self._compared)
        position = 0.0 if made.natural else end - 1.0
        place = Place(after, made, start, start, position, self._branches)
        self.document.record(name, before, place, merge)
        self.document.begin_run("Train", place)
        stretch.rest()
        self._stretch, self._trainer, self._head, self._began = made, trainer, start, start
        self.phases = made.phases
        made.history.pace.begin(start)
        self.historyReset.emit()
        self.branchesChanged.emit()
        self.projectChanged.emit()
        return True

    def _edited(self, change: Change, after: Project, place: Place, learned: bool) -> Place:
        """The place that an edit of the place shown leads to; learned: all that was learned stays as it is.

        Where it does not, the next step is shown, with the numbers as far as they were shown.
        """
        stretch = place.stretch
        step = place.step + self.complete
        made = (self._visited or stretch.holding(step)).branch(step, change, after)
        if learned and made.first_shown <= place.step and made.begins:
            return Place(after, made, step, place.step, place.position)
        at_start = made.begins if not made.natural else 0
        position = place.position if made.phases.end == self.phases.end else 0.0
        if self.complete:  # all but the update, which only the next step forward makes
            position = 0.0 if made.natural else made.phases.end - 1.0
        return Place(after, made, at_start, at_start, position)

    @Slot()
    def _on_project(self) -> None:
        """A band is of one project, whatever its seed."""
        if self.band is not None and not self.band.fits(self.document.project):
            self.set_band(None)
            self.message.emit("The band of several seeds is put away: it is of the project before this edit")

    @Slot(object)
    def _on_went(self, place: Place) -> None:
        """Undo or redo."""
        self.set_playing(False)
        if self._suspend():
            self.document.undo_run(self._run_name(), self.place)
            self.runningChanged.emit(False)
        self._enter(place)
        self.projectChanged.emit()
