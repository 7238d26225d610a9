"""A laboratory that trains: the run on the worker's thread, from its start to its end."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal, Slot

from deltaglow.model.project import Project
from deltaglow.model.run_history import RunHistory
from deltaglow.session.runner import Runner
from deltaglow.session.standing import Standing


class Training(Standing):
    """While `running`, the worker owns the trainer, and what is shown is the newest frame, complete."""

    runningChanged = Signal(bool)
    closing = Signal()
    """Everything ends: threads that others have begun must end too."""

    def __init__(self, project: Project, path: Path | None = None, past: RunHistory | None = None) -> None:
        super().__init__(project, path, past)
        self._closed = False
        self._spill_told = ""
        self.runner = Runner()
        self.runner.ended.connect(self._on_ended)

    @property
    def rate(self) -> float:
        """Steps per second while training; 0 for as many as there can be."""
        return self.runner.worker.rate

    @rate.setter
    def rate(self, value: float) -> None:
        self.runner.worker.rate = value

    @property
    def saved_project(self) -> Project:
        """The project as it is saved: with the parameters shown now, and where the run stands with them, so
        that it goes on from the file as it would from here. A run that is under way waits a moment for it.
        """
        if not self._running:
            step = self.frame.step + self.complete
            return self._saved(self._seen.state(step, self.project))
        if not self.runner.park():
            return self.trained_project
        state, stretch = self._trainer.state(), self._stretch
        self.runner.go_on(self._trainer, stretch.history, stretch.timeline)
        return self._saved(state)

    def train(self, until: int | None = None) -> None:
        """Train on the worker's thread, from the place shown, until it is paused, or until there are so many
        steps.
        """
        if self._running or (until is not None and until <= self.frame.step + self.complete):
            return
        self.set_playing(False)
        self.document.begin_run("Train", self.place)
        self._go_back_to(self.frame.step + self.complete)
        self._start(until)
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
        self.history.pace.note(self.history.length)
        self._tell_of_spill()
        return True

    def hold(self) -> None:
        """Have the worker give way while a frame is drawn."""
        self.runner.worker.hold()

    def release(self) -> None:
        """Let the worker go on."""
        self.runner.worker.release()

    def close(self) -> None:
        """Stop everything and end the thread; nothing works afterwards. A second call does nothing."""
        if self._closed:
            return
        self._closed = True
        self.closing.emit()
        self.pause()
        self.runner.close()
        # Now, and not when Python happens to collect them: commands of Qt must not end in the midst of that.
        self.document.undo_stack.clear()

    # Inside

    def _start(self, until: int | None = None) -> None:
        self._running = True
        self._began = self._head
        self.history.pace.begin(self._head)
        self.runner.start(self._trainer, self.history, self._stretch.timeline, until)

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
        self.history.pace.end(self._head)
        last = self._head - 1
        if frame is None or frame.step != last:
            frame = self._frame_of(last) if last >= self._stretch.first_shown else None
        self.position = 0.0 if frame is None else self.phases.end
        self._set_frame(frame or self._frame_of(self._head))

    def _run_name(self) -> str:
        steps = self._head - self._began
        return f"Train {steps:,} step{'s' * (steps != 1)}"

    def _close_run(self) -> None:
        self.document.end_run(self._run_name(), self.place)

    def _end_run(self) -> None:
        self._close_run()
        self.branchesChanged.emit()
        self.positionChanged.emit()
        self.runningChanged.emit(False)

    def _tell_of_spill(self) -> None:
        """Say once that curves find no room on the disk."""
        trouble = self.memory.spill.trouble
        if trouble != self._spill_told:
            self._spill_told = trouble
            if trouble:
                self.message.emit(self.memory.spill.said)

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
