"""The worker: trains on a thread of its own until told to stop."""

from __future__ import annotations

import threading
from time import perf_counter

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from deltaglow.engine import NonFinite, Trainer
from deltaglow.session.mailbox import Mailbox

GIVE_WAY = 0.05
"""Seconds the worker waits at most while a frame is drawn: a window that hangs does not stop the training."""


class Worker(QObject):
    """Steps a trainer while running. While `idle` is set it does not touch the trainer, and others may.

    A queued signal would never reach its busy loop, so stopping goes through an Event.
    """

    stepped = Signal()
    """After every step, in the worker's thread: connect directly, or the receiver's queue grows without
    bound.
    """
    stopped = Signal(str)
    """When a run ended: with a reason if a number broke, empty if it was asked to or stopped early."""

    def __init__(self) -> None:
        super().__init__()
        self.idle = threading.Event()
        self.idle.set()
        self._stop = threading.Event()
        self._clear = threading.Event()
        self._clear.set()
        self._job: tuple[Trainer, Mailbox] | None = None
        self.rate = 0.0
        """Steps per second; 0 for as many as there can be."""

    def prepare(self, trainer: Trainer, mailbox: Mailbox) -> None:
        """Before `run` is invoked: what to train. Called while idle, from any thread."""
        self._job = (trainer, mailbox)
        self._stop.clear()
        self.idle.clear()

    def ask_to_stop(self) -> None:
        """End the run after the step under way. Thread-safe; wait for `idle` afterwards."""
        self._stop.set()

    def hold(self) -> None:
        """Let the window have the interpreter to itself while it draws a frame; `release` ends that.

        Two threads that both want the interpreter hand it to and fro at every turn, and each is slowed by
        more than the other's work. Giving way once a frame costs training just the time of the drawing.
        """
        self._clear.clear()

    def release(self) -> None:
        """The frame is drawn."""
        self._clear.set()

    @Slot()
    def run(self) -> None:
        """Train until asked to stop; the last step leaves its frame in the mailbox."""
        assert self._job is not None
        trainer, mailbox = self._job
        reason = ""
        try:
            with np.errstate(all="ignore"), trainer.threads():
                self._loop(trainer, mailbox)
        except NonFinite as stop:
            reason = str(stop)
        finally:
            self._job = None
            self.idle.set()
        self.stopped.emit(reason)

    def _loop(self, trainer: Trainer, mailbox: Mailbox) -> None:
        stopping, emit = self._stop.is_set, self.stepped.emit
        clear, undisturbed, step = self._clear, self._clear.is_set, mailbox.step
        due = perf_counter()
        while not stopping():
            if not undisturbed():
                clear.wait(GIVE_WAY)
            if trainer.stopped_early:
                break
            step()
            emit()
            if self.rate:
                due = max(due + 1.0 / self.rate, perf_counter() - 0.1)
                self._stop.wait(max(due - perf_counter(), 0.0))
        if mailbox.behind and not trainer.stopped_early:
            mailbox.step(last=True)
            emit()
