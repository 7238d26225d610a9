"""The worker: trains on a thread of its own until told to stop."""

from __future__ import annotations

import threading
from time import perf_counter

import numpy as np
from PySide6.QtCore import QMetaMethod, QObject, Signal, Slot

from deltaglow.engine import NonFinite, Trainer
from deltaglow.session.mailbox import Mailbox

AT_ONCE = 32
"""Steps between two looks at what is wanted, at most: half a millisecond."""
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
        self._heard = False
        """Whether anybody ever listened to `stepped`: a signal that nobody hears costs a tenth of a step."""
        self._job: tuple[Trainer, Mailbox] | None = None
        self._parking = False
        self._parked, self._orders, self._wake = threading.Event(), threading.Event(), threading.Event()
        self._due = 0.0
        self.rate = 0.0
        """Steps per second; 0 for as many as there can be."""

    def connectNotify(self, signal: QMetaMethod) -> None:
        """Qt tells of every connection that is made. (Of one that ends it tells under a lock, in which
        nothing can be asked; who stops listening leaves a signal that nobody hears, no more.)
        """
        self._heard = self._heard or signal.name() == b"stepped"
        super().connectNotify(signal)

    def prepare(self, trainer: Trainer, mailbox: Mailbox) -> None:
        """Before `run` is invoked: what to train. Called while idle, from any thread."""
        self._job = (trainer, mailbox)
        self._due = perf_counter()
        self._stop.clear()
        self._wake.clear()
        self.idle.clear()

    def ask_to_stop(self) -> None:
        """End the run after the step under way. Thread-safe; wait for `idle` afterwards."""
        self._stop.set()
        self._wake.set()

    def park(self, patience: float) -> bool:
        """Have it wait after the step under way, until `go_on`: what it trains can be changed meanwhile.

        False if the run ended first, or the step takes longer than `patience` seconds. Called by the window.
        """
        self._parked.clear()
        self._orders.clear()
        self._parking = True
        self._wake.set()
        self._clear.set()
        if not self.idle.is_set() and self._parked.wait(patience) and not self.idle.is_set():
            return True
        self._parking = False
        if not self._stop.is_set():
            self._wake.clear()
        self._orders.set()
        return False

    def go_on(self, trainer: Trainer, mailbox: Mailbox) -> None:
        """After `park`: train this."""
        self._job = (trainer, mailbox)
        self._parking = False
        self._wake.clear()
        self._orders.set()

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
        reason = ""
        try:
            with np.errstate(all="ignore"):
                while self._train():
                    self._parked.set()
                    self._orders.wait()
        except NonFinite as stop:
            reason = str(stop)
        finally:
            self._job = None
            self.idle.set()
            self._parked.set()
        self.stopped.emit(reason)

    def _train(self) -> bool:
        """Until it is asked to stop, False, or to wait, True."""
        assert self._job is not None
        trainer, mailbox = self._job
        with trainer.threads():
            return self._loop(trainer, mailbox)

    def _loop(self, trainer: Trainer, mailbox: Mailbox) -> bool:
        stopping, emit = self._stop.is_set, self.stepped.emit
        clear, undisturbed, step = self._clear, self._clear.is_set, mailbox.step
        watched = trainer.watched
        while not stopping():
            if not undisturbed():
                clear.wait(GIVE_WAY)
            if self.rate and self._wake.wait(max(self._due - perf_counter(), 0.0)) and stopping():
                break
            if self._parking:
                return True
            if watched and trainer.stopped_early:
                break
            step(1 if self.rate or self._heard else AT_ONCE, undisturbed)
            if self._heard:
                emit()
            if self.rate:
                self._due = max(self._due + 1.0 / self.rate, perf_counter() - 0.1)
        if mailbox.behind and not trainer.stopped_early:
            mailbox.last_step()
            if self._heard:
                emit()
        return False
