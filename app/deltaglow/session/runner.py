"""The thread that trains: started with a trainer, stopped between two steps."""

from __future__ import annotations

from PySide6.QtCore import QObject, QThread, Signal

from deltaglow.engine import Frame, Trainer
from deltaglow.session.history import History
from deltaglow.session.mailbox import Mailbox
from deltaglow.session.timeline import Timeline
from deltaglow.session.worker import Worker

PATIENCE = 30.0
"""Seconds to wait for a step to end before giving up on the worker."""


class Runner(QObject):
    """Owns the worker and its thread. Between `start` and a `stop` that succeeds, the trainer is theirs."""

    ended = Signal(str)
    """A run ended by itself: with a reason if a number broke, empty if it stopped early."""
    _started = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.thread_ = QThread()
        self.thread_.setObjectName("trainer")
        self.worker = Worker()
        self.worker.moveToThread(self.thread_)
        self._started.connect(self.worker.run)
        self.worker.stopped.connect(self.ended)
        self._mailbox: Mailbox | None = None
        self._until: int | None = None

    @property
    def idle(self) -> bool:
        """Whether the worker leaves the trainer alone."""
        return self.worker.idle.is_set()

    def start(self, trainer: Trainer, history: History, timeline: Timeline, until: int | None = None) -> None:
        """Train on the worker's thread until stopped, or until there are so many steps."""
        self._until = until
        self._mailbox = Mailbox(trainer, history, timeline, until, self.worker.ask_to_stop)
        self.worker.prepare(trainer, self._mailbox)
        if self._mailbox.nearly_there:
            self.worker.ask_to_stop()
        if not self.thread_.isRunning():
            self.thread_.start()
        self._started.emit()

    def stop(self) -> bool:
        """Stop after the step under way. False if the worker does not answer in time."""
        self.worker.ask_to_stop()
        self.worker.release()
        return self.worker.idle.wait(PATIENCE)

    def park(self) -> bool:
        """Have the run wait between two steps, until `go_on`. False if it ended, or does not answer."""
        return self.worker.park(PATIENCE)

    def go_on(self, trainer: Trainer, history: History, timeline: Timeline) -> None:
        """After `park`: the run goes on with these."""
        self._mailbox = Mailbox(trainer, history, timeline, self._until, self.worker.ask_to_stop)
        self.worker.go_on(trainer, self._mailbox)

    def take(self) -> Frame | None:
        """The newest frame, if there is one that was not taken yet."""
        return self._mailbox.take() if self._mailbox is not None else None

    def finish(self) -> Frame | None:
        """Once it is idle: end the thread, and take the trainer back, with the last frame if that was not
        taken yet.
        """
        self.thread_.quit()
        self.thread_.wait()
        frame = self.take()
        self._mailbox = None
        return frame

    def close(self) -> None:
        """End the thread; nothing works afterwards."""
        self.worker.stopped.disconnect(self.ended)
        self.thread_.quit()
        self.thread_.wait()
