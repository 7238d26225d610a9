"""The running laboratory: a document, a run, what is shown of it, and the thread that trains it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Signal, Slot

from deltaglow.data import Dataset
from deltaglow.engine import Frame, Ledger, NonFinite, Trainer, TrainerState
from deltaglow.explain.remedy import remedy
from deltaglow.model import build, run_state
from deltaglow.model.once import once
from deltaglow.model.project import Change, Project
from deltaglow.model.quantity import Quantity
from deltaglow.model.replacing import replacing
from deltaglow.session.document import Document
from deltaglow.session.history import History
from deltaglow.session.runner import Runner
from deltaglow.session.stretch import Place, Stretch, fits_between_steps, without_labels


class Lab(Viewer):
    """What the window shows and steers.

    The *head* is the number of completed steps. What is shown is one frame, of a completed step or of the
    one that comes next, and a position among its phases. While `running`, the worker owns the trainer, and
    what is shown is the newest frame, complete; otherwise the shown place can be moved into the past, and
    training goes on from there. An edit applies to the place shown: what was learned up to it stays, and a
    new stretch of the run begins. Undo and redo go between places, over edits and runs alike.
    """

    projectChanged = Signal()
    """The document's project was replaced."""
    runningChanged = Signal(bool)
    historyReset = Signal()
    """The history was replaced or shortened."""
    message = Signal(str)
    """One line for the user."""

    _trainer: Trainer

    def __init__(self, project: Project, path: Path | None = None) -> None:
        super().__init__()
        self.document = Document(project, path)
        self.document.went.connect(self._on_went)
        self._running = False
        self._closed = False
        self._broken = False
        self._told = ""
        """The last number that broke, as it was told: it is not told again while it stays the next step's."""
        self.runner = Runner()
        self.runner.ended.connect(self._on_ended)
        self.memory = StateMemory()
        """What the states of all runs share, by which their steps come back."""
        self._stretch = Stretch.fresh(project, self.memory)
        self._enter(self._stretch.first_place)
        self.select(self._first_selection())

    # What is there

    @property
    def project(self) -> Project:
        """The project as edited: the parameters it gives are those a run from the start begins with."""
        return self.document.project

    @property
    def dataset(self) -> Dataset:
        """What is learned from."""
        return self._stretch.dataset

    @property
    def history(self) -> History:
        """The scalars of every step of the run."""
        return self._stretch.history

    @property
    def running(self) -> bool:
        """True while the worker trains."""
        return self._running

    @property
    def head(self) -> int:
        """Completed steps."""
        return self._head if not self._running else self.history.length

    @property
    def first_step(self) -> int:
        """The earliest step that can be shown: 0, or where the network was last edited."""
        return self._stretch.first_shown

    @property
    def broken(self) -> bool:
        """Whether the next step is known to end in a number that is not finite."""
        return self._broken

    def past_frame(self, step: int) -> Frame:
        """The frame of a completed step from `first_step` on. Only while not running."""
        return self._stretch.frame_at(step)

    @property
    def passed(self) -> list[tuple[int, npt.NDArray[np.float64]]]:
        """Parameters that the run passed, each with its step, as far as they are kept; not while running."""
        return [(state.step, state.theta) for state in self._stretch.passed() if state.step <= self._head]

    def ledger(self) -> Ledger:
        """The memory that the run holds. Only while not running."""
        return self._trainer.ledger(self.memory.held)

    @property
    def rate(self) -> float:
        """Steps per second while training; 0 for as many as there can be."""
        return self.runner.worker.rate

    @rate.setter
    def rate(self, value: float) -> None:
        self.runner.worker.rate = value

    @property
    def place(self) -> Place:
        """Where it stands. Only while nothing runs."""
        return Place(self.project, self._stretch, self._head, self.frame.step, self.position)

    def frames(self, first: int, last: int, most: int) -> list[Frame]:
        """The frames of these steps, at most `most` of them, the one that comes next too. Only while not
        running.
        """
        first = min(max(first, self.first_step), self.head)
        last = min(max(first, last), self.head, first + most - 1)
        return [self._frame_of(step) for step in range(first, last + 1)]

    @property
    def trained_project(self) -> Project:
        """The project with the parameters that are shown now, as they stand after the step if it is
        complete.
        """
        frame = self.frame
        if frame.step == 0 and not self.complete and self._stretch.natural:
            return self.project
        return self._given

    @property
    def saved_project(self) -> Project:
        """The project as it is saved: with the parameters shown now, and where the run stands with them, so
        that it goes on from the file as it would from here. A run that is under way waits a moment for it.
        """
        if not self._running:
            step = self.frame.step + self.complete
            return self._saved(self._stretch.state(step, self.project))
        if not self.runner.park():
            return self.trained_project
        state, stretch = self._trainer.state(), self._stretch
        self.runner.go_on(self._trainer, stretch.history, stretch.timeline)
        return self._saved(state)

    def _saved(self, state: TrainerState | None) -> Project:
        if state is None:
            return self.project
        shape = self._trainer.network.architecture
        given = build.with_parameters(self.project, state.theta, state.statistics, shape)
        return replace(given, state=run_state.taken(state))

    @property
    def unseen(self) -> str:
        """Why steps before `first_step` cannot be shown."""
        return self._stretch.unseen

    @property
    def _given(self) -> Project:
        """The project with the parameters that are shown now, drawn ones too."""
        frame = self.frame
        theta = frame.theta_after if self.complete else frame.theta
        remembered = frame.statistics_after if self.complete else frame.statistics
        return build.with_parameters(self.project, theta, remembered, frame.architecture)

    # Training

    def train(self) -> None:
        """Train on the worker's thread, from the place shown."""
        if self._running:
            return
        self.set_playing(False)
        self.document.begin_run("Train", self.place)
        self._go_back_to(self.frame.step + self.complete)
        self._start()
        self.runningChanged.emit(True)

    def pause(self) -> None:
        """Stop training after the step under way, and show it."""
        if self._suspend():
            self._end_run()

    def pull(self) -> bool:
        """Take the newest frame from the worker, if there is one. On the frame clock, while running."""
        frame = self.runner.take() if self._running else None
        if frame is None:
            return False
        self.position = self.phases.end
        self._follow(frame)
        return True

    def hold(self) -> None:
        """Have the worker give way while a frame is drawn."""
        self.runner.worker.hold()

    def release(self) -> None:
        """Let the worker go on."""
        self.runner.worker.release()

    def restart(self) -> None:
        """Forget the run: step 0 with the parameters it began with. Undo brings it back."""
        self.pause()
        self.set_playing(False)
        before = self.place
        self._enter(Stretch.fresh(self.project, self.memory).first_place)
        if before.head or not before.stretch.natural:
            self.document.record("Forget the run", before, self.place)

    def close(self) -> None:
        """Stop everything and end the thread; nothing works afterwards. A second call does nothing."""
        if self._closed:
            return
        self._closed = True
        self.pause()
        self.runner.close()
        # Now, and not when Python happens to collect them: commands of Qt must not end in the midst of that.
        self.document.undo_stack.clear()

    # Editing

    def open(self, project: Project, path: Path | None = None) -> None:
        """Put another project in place of this one; its history begins empty."""
        self.pause()
        self.set_playing(False)
        self.document.open(project, path)
        self._enter(Stretch.fresh(project, self.memory).first_place)
        self.projectChanged.emit()
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
        self._enter(renamed if only_named else self._edited(change, after, before, learned))
        self.document.record(name, before, self.place, merge)
        self.projectChanged.emit()
        if going:
            self.document.begin_run("Train", self.place)
            self._start()

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
        before = Place(project, stretch, head, shown, end if shown < head else 0.0)
        if not (merge and self.document.follows(name, merge)):
            self.document.end_run(self._run_name(), before)
        place = Place(after, made, start, start, 0.0 if made.natural else end - 1.0)
        self.document.record(name, before, place, merge)
        self.document.begin_run("Train", place)
        stretch.rest()
        self._stretch, self._trainer, self._head, self._began = made, trainer, start, start
        self.phases = made.phases
        self.historyReset.emit()
        self.projectChanged.emit()
        return True

    def withdraw(self, name: str, merge: int) -> None:
        """Take back the last edit, if it is of this name and number, as if it had never been."""
        going = self._suspend()
        if going and not self.document.follows(name, merge):
            self._close_run()
        self.document.withdraw(name, merge)
        if going:
            self.document.begin_run("Train", self.place)
            self._start()

    def _edited(self, change: Change, after: Project, place: Place, learned: bool) -> Place:
        """The place that an edit of the place shown leads to; learned: all that was learned stays as it is.

        Where it does not, the next step is shown, with the numbers as far as they were shown.
        """
        stretch = place.stretch
        step = place.step + self.complete
        made = stretch.holding(step).branch(step, change, after)
        if learned and made.first_shown <= place.step and made.begins:
            return Place(after, made, step, place.step, place.position)
        at_start = made.begins if not made.natural else 0
        position = place.position if made.phases.end == self.phases.end else 0.0
        if self.complete:  # all but the update, which only the next step forward makes
            position = 0.0 if made.natural else made.phases.end - 1.0
        return Place(after, made, at_start, at_start, position)

    # Inside

    def _enter(self, place: Place) -> None:
        """Be there."""
        if place.stretch is not self._stretch:
            self._stretch.rest()
            self._stretch = place.stretch
        self.phases = place.stretch.phases
        self._trainer = place.stretch.trainer(place.head)
        self._head = place.head
        self._broken = False
        self.history.go_to(place.head)
        self.document.project = place.project
        self._set_frame(self._frame_of(place.step))
        self.position = min(place.position, self.phases.end)
        self.historyReset.emit()
        self.positionChanged.emit()

    @Slot(object)
    def _on_went(self, place: Place) -> None:
        """Undo or redo."""
        self.set_playing(False)
        if self._suspend():
            self.document.undo_run(self._run_name(), self.place)
            self.runningChanged.emit(False)
        self._enter(place)
        self.projectChanged.emit()

    def _first_selection(self) -> Quantity:
        return Quantity("delta", 1, (0,))

    def _frame_of(self, step: int) -> Frame:
        if step < self._head:
            return self._stretch.frame_at(step)
        try:
            return self._trainer.preview()
        except NonFinite as stop:
            self._report(stop)
            assert stop.frame is not None
            return stop.frame

    def _complete_step(self) -> None:
        try:
            self._trainer.step()
        except NonFinite as stop:
            self._report(stop)
            return
        self._head += 1
        self._told = ""
        if self._trainer.watch.stopped_at == self._head:
            self._announce_early_stop()
        with np.errstate(over="ignore"):
            self.history.append(self._trainer.scalars)
        if self._head >= self._stretch.timeline.next_step:
            self._stretch.timeline.keep(self._trainer.state())

    def _go_back_to(self, step: int) -> None:
        """Put the trainer where step number `step` begins, with the project as it is now."""
        if step >= self._head:
            return
        stretch = self._stretch.holding(step)
        if stretch is not self._stretch:
            stretch = stretch.branch(step, lambda project: project, self.project)
        self._enter(Place(self.project, stretch, step, step, 0.0))

    def _start(self) -> None:
        self._running = True
        self._began = self._head
        self.runner.start(self._trainer, self.history, self._stretch.timeline)

    def _suspend(self) -> bool:
        """Have the worker stop after the step under way, and show that; whether there was one.

        Nobody is told: it may go on at once.
        """
        if not self._running:
            return False
        if not self.runner.stop():
            self.message.emit("The trainer does not answer: its step takes longer than expected")
            return False
        self._take_over()
        return True

    def _take_over(self) -> None:
        """Once the worker is idle: show where it came to."""
        self._running = False
        frame = self.runner.finish()
        self._head = self._trainer.step_count
        last = self._head - 1
        if frame is None or frame.step != last:
            frame = self._frame_of(last) if last >= self.first_step else None
        self.position = 0.0 if frame is None else self.phases.end
        self._set_frame(frame or self._frame_of(self._head))

    def _run_name(self) -> str:
        steps = self._head - self._began
        return f"Train {steps:,} step{'s' * (steps != 1)}"

    def _close_run(self) -> None:
        self.document.end_run(self._run_name(), self.place)

    def _end_run(self) -> None:
        self._close_run()
        self.positionChanged.emit()
        self.runningChanged.emit(False)

    @Slot(str)
    def _on_ended(self, reason: str) -> None:
        if self._running and self.runner.idle:
            self._take_over()
            self._end_run()
            if self._trainer.stopped_early:
                self.show_step(self._head)
                self._announce_early_stop()
        if reason:
            self._announce(reason)

    def _report(self, stop: NonFinite) -> None:
        self._broken = True
        if str(stop) != self._told:
            self._announce(str(stop))

    def _announce(self, reason: str) -> None:
        self._broken, self._told = True, reason
        self.message.emit(f"Stopped at {reason}. {remedy(self.project, reason)}")

    def _announce_early_stop(self) -> None:
        watch = self._trainer.watch
        stopping = self.project.training.early_stopping
        back = ", whose parameters are back" if stopping and stopping.restore_best else ""
        self.message.emit(
            f"Stopped early at step {watch.stopped_at}: the loss was lowest, {watch.best_loss:.4g}, "
            f"after step {watch.best_step}{back}."
        )
