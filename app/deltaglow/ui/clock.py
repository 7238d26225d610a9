"""The frame clock: it ticks only while something moves."""

from __future__ import annotations

from time import perf_counter

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal, Slot

from deltaglow.session.lab import Lab

PLAYING_MS, TRAINING_MS = 16, 20
"""Milliseconds between ticks: 60 a second for motion; 50 while training, to leave the trainer its time."""
PLOT_TICKS = 8
"""Ticks from one plot's turn to the next one's."""
TEXT_TICKS = 8
FRAME_DRAWN = QEvent.Type(QEvent.registerEventType())
AFTER_PAINTING = Qt.EventPriority.LowEventPriority.value - 1
"""Paint requests are posted at low priority; what is posted below that comes after them."""
ROUNDS = 2
"""Painting can ask for a new layout, and that for more painting: the second time round all is done."""


class FrameClock(QObject):
    """Drives the animation and pulls frames from the worker; asks for the plots in turn."""

    plotDue = Signal(int)
    """A plot's turn: a number that counts on."""
    textDue = Signal()
    """While training: texts that change with every step are due, a few times a second."""

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self._lab = lab
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._last = 0.0
        self._ticks = 0
        self._rounds = 0
        lab.runningChanged.connect(self._on_state)
        lab.playingChanged.connect(self._on_state)

    def customEvent(self, event: QEvent) -> None:
        """When all that this tick asked for is laid out and painted, the worker may go on."""
        self._rounds -= 1
        if self._rounds > 0:
            QCoreApplication.postEvent(self, QEvent(FRAME_DRAWN), AFTER_PAINTING)
        else:
            self._lab.release()

    @Slot()
    def _on_state(self) -> None:
        moving = self._lab.running or self._lab.playing
        self._timer.setInterval(TRAINING_MS if self._lab.running else PLAYING_MS)
        if moving and not self._timer.isActive():
            self._last = perf_counter()
            self._timer.start()
        elif not moving:
            self._timer.stop()

    @Slot()
    def _tick(self) -> None:
        now = perf_counter()
        elapsed, self._last = now - self._last, now
        if self._lab.running:
            self._lab.hold()
            self._rounds = ROUNDS
            QCoreApplication.postEvent(self, QEvent(FRAME_DRAWN), AFTER_PAINTING)
            self._lab.pull()
        elif self._lab.playing:
            self._lab.advance(min(elapsed, 0.25))
        self._ticks += 1
        turn, rest = divmod(self._ticks, PLOT_TICKS)
        if rest == 0:
            self.plotDue.emit(turn)
        if self._lab.running and self._ticks % TEXT_TICKS == 2:
            self.textDue.emit()
