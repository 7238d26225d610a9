"""The running laboratory: a document, a trainer, what is shown of it, and the thread that trains it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import Signal, Slot

from deltaglow.engine import Frame, NonFinite, Trainer
from deltaglow.explain.phases import Phases
from deltaglow.model import build
from deltaglow.model.project import Project
from deltaglow.model.quantity import Quantity
from deltaglow.session.document import Document
from deltaglow.session.history import History
from deltaglow.session.runner import Runner
from deltaglow.session.timeline import Timeline
from deltaglow.session.viewer import Viewer


class Lab(Viewer):
    """What the window shows and steers.

    The *head* is the number of completed steps. What is shown is one frame, of a completed step or of the
    one that comes next, and a position among its phases. While `running`, the worker owns the trainer, and
    what is shown is the newest frame, complete; otherwise the shown place can be moved anywhere in the past,
    and training goes on from there: the run is deterministic, so what it forgets it will find again.
    """

    projectChanged = Signal()
    """The document's project was replaced."""
    runningChanged = Signal(bool)
    historyReset = Signal()
    """The history was replaced or shortened."""
    message = Signal(str)
    """One line for the user."""

    def __init__(self, project: Project, path: Path | None = None) -> None:
        super().__init__()
        self.document = Document(project, path)
        self.document.changed.connect(self._on_document_changed)
        self._running = False
        self._closed = False
        self.runner = Runner()
        self.runner.ended.connect(self._on_ended)
        self._rebuild()
        self.select(self._first_selection())

    # What is there

    @property
    def project(self) -> Project:
        """The project as edited: its parameters are those before the first step."""
        return self.document.project

    @property
    def running(self) -> bool:
        """True while the worker trains."""
        return self._running

    @property
    def head(self) -> int:
        """Completed steps."""
        return self._head if not self._running else self.history.length

    @property
    def broken(self) -> bool:
        """Whether the next step is known to end in a number that is not finite."""
        return bool(self._broken)

    @property
    def rate(self) -> float:
        """Steps per second while training; 0 for as many as there can be."""
        return self.runner.worker.rate

    @rate.setter
    def rate(self, value: float) -> None:
        self.runner.worker.rate = value

    @property
    def trained_project(self) -> Project:
        """The project with the parameters that are shown now, as they stand after the step if it is
        complete.
        """
        frame = self.frame
        theta = frame.theta_after if self.complete else frame.theta
        remembered = frame.statistics_after if self.complete else frame.statistics
        return (
            self.project
            if self.frame.step == 0 and not self.complete
            else build.with_parameters(self.project, theta, remembered)
        )

    # Training

    def train(self) -> None:
        """Train on the worker's thread, from the place shown."""
        if self._running:
            return
        self.set_playing(False)
        self._go_back_to(self.frame.step + self.complete)
        self._running = True
        self.runner.start(self._trainer, self.history, self._timeline)
        self.runningChanged.emit(True)

    def pause(self) -> None:
        """Stop training after the step under way, and show it."""
        if not self._running:
            return
        if not self.runner.stop():
            self.message.emit("The trainer does not answer: its step takes longer than expected")
            return
        self._finish_run()

    def pull(self) -> bool:
        """Take the newest frame from the worker, if there is one. On the frame clock, while running."""
        frame = self.runner.take() if self._running else None
        if frame is None:
            return False
        self.position = self.phases.end
        self._set_frame(frame)
        return True

    def hold(self) -> None:
        """Have the worker give way while a frame is drawn."""
        self.runner.worker.hold()

    def release(self) -> None:
        """Let the worker go on."""
        self.runner.worker.release()

    def restart(self) -> None:
        """Forget the run: step 0 with the parameters it began with."""
        self.pause()
        self.set_playing(False)
        self._rebuild()

    def close(self) -> None:
        """Stop everything and end the thread; nothing works afterwards. A second call does nothing."""
        if self._closed:
            return
        self._closed = True
        self.pause()
        self.runner.close()

    # Editing

    def open(self, project: Project, path: Path | None = None) -> None:
        """Put another project in place of this one; its history begins empty."""
        self.pause()
        self.set_playing(False)
        self.document.open(project, path)
        self._rebuild()
        self.projectChanged.emit()
        self.select(self._first_selection())

    def edit(self, label: str, project: Project, merge: bool = False) -> None:
        """Replace the project as one undoable step; with `merge`, successive edits of that name are one."""
        self.document.edit(label, project, merge)

    def _on_document_changed(self, before: Project, after: Project) -> None:
        if _without_rate(before) == _without_rate(after):
            self._set_learning_rate(after.training.optimizer.learning_rate)
        elif _without_labels(before) != _without_labels(after):
            was_running = self._running
            self.pause()
            self.set_playing(False)
            self._rebuild()
            self.projectChanged.emit()
            if was_running:
                self.train()
            return
        self.projectChanged.emit()

    def _set_learning_rate(self, value: float) -> None:
        if self._running:
            timeline = self._timeline

            def apply(trainer: Trainer) -> None:
                trainer.learning_rate = value
                timeline.keep(trainer.state(), pinned=True)

            self.runner.worker.post(apply)
            return
        shown_next = self.frame.step == self._head
        self._trainer.learning_rate = value
        self._timeline.keep(self._trainer.state(), pinned=True)
        if shown_next:
            self._set_frame(self._frame_of(self._head))

    # Inside

    def _rebuild(self) -> None:
        project = self.project
        self.dataset = build.dataset(project)
        self._trainer = build.trainer(project)
        self._timeline = Timeline(lambda: build.trainer(project), self._trainer.state())
        self.history = History(self._trainer.scalar_names)
        self.phases = Phases(len(project.network.layers), project.network.loss)
        self._head = 0
        self._broken = ""
        self.position = 0.0
        self._set_frame(self._frame_of(0))
        self.historyReset.emit()
        self.positionChanged.emit()

    def _first_selection(self) -> Quantity:
        return Quantity("delta", 1, (0,))

    def _frame_of(self, step: int) -> Frame:
        if step < self._head:
            return self._timeline.frame_at(step)
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
        if self._trainer.watch.stopped_at == self._head:
            self._announce_early_stop()
        with np.errstate(over="ignore"):
            self.history.append(self._trainer.scalars)
        if self._head >= self._timeline.next_step:
            self._timeline.keep(self._trainer.state())

    def _go_back_to(self, step: int) -> None:
        """Put the trainer where step number `step` begins, and forget what came after."""
        step = min(step, self._head)
        if step < self._head:
            self._trainer.restore(self._timeline.state_at(step))
            self._trainer.learning_rate = self.project.training.optimizer.learning_rate
            self._timeline.truncate(step)
            self._timeline.keep(self._trainer.state(), pinned=True)
            self.history.truncate(step)
            self._head = step
            self.historyReset.emit()

    def _finish_run(self) -> None:
        self._running = False
        frame = self.runner.finish()
        self._head = self._trainer.step_count
        if frame is None or frame.step != self._head - 1:
            frame = self._frame_of(self._head - 1) if self._head else None
        if frame is None:
            self.position = 0.0
            frame = self._frame_of(0)
        else:
            self.position = self.phases.end
        self._set_frame(frame)
        self.positionChanged.emit()
        self.runningChanged.emit(False)

    @Slot(str)
    def _on_ended(self, reason: str) -> None:
        if self._running and self.runner.idle:
            self._finish_run()
            if self._trainer.stopped_early:
                self.show_step(self._head)
                self._announce_early_stop()
        if reason:
            self._announce(reason)

    def _report(self, stop: NonFinite) -> None:
        if str(stop) != self._broken:
            self._announce(str(stop))

    def _announce(self, reason: str) -> None:
        self._broken = reason
        self.message.emit(f"Training stopped at {reason}. Lower the learning rate and rewind (Home).")

    def _announce_early_stop(self) -> None:
        watch = self._trainer.watch
        stopping = self.project.training.early_stopping
        back = ", whose parameters are back" if stopping and stopping.restore_best else ""
        self.message.emit(
            f"Stopped early at step {watch.stopped_at}: the loss was lowest, {watch.best_loss:.4g}, "
            f"after step {watch.best_step}{back}."
        )


def _without_rate(project: Project) -> Project:
    optimizer = replace(project.training.optimizer, learning_rate=0.0)
    return replace(project, title="", training=replace(project.training, optimizer=optimizer))


def _without_labels(project: Project) -> Project:
    return replace(project, title="")
