"""The frame clock: it ticks only while something moves."""

from __future__ import annotations

from time import perf_counter

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from deltaglow.session.lab import Lab
from deltaglow.ui.later import AFTER_PAINTING

PLAYING_MS, TRAINING_MS = 16, 20
"""Milliseconds between ticks: 60 a second for motion; 50 while training, to leave the trainer its time."""
LINE_TICKS, PLOT_TICKS, TEXT_TICKS = 18, 18, 24
"""While training: ticks from one new picture of the diagram's lines and readings, one plot's turn, one round
of texts, to the next. Nobody reads faster."""
LINE_TURN, PLOT_TURN, TEXT_TURN = 3, 0, 2
"""At which of these ticks each has its turn: none falls together with another."""
FIRST_PLOTS = (6, 9)
"""Ticks after something begins to move at which the first two plots have an extra turn: a run of slow steps
shows in each of them at once.
"""
FRAME_DRAWN = QEvent.Type(QEvent.registerEventType())
LEAST_MS = 4
"""Milliseconds the trainer has at least between two frames, however long they take to draw."""
ROUNDS = 3
"""The diagram, then plots and texts, then what their painting asked for in turn."""


class FrameClock(QObject):
    """Drives the animation and pulls frames from the worker; asks for the plots in turn."""

    linesDue = Signal()
    """While training, before a frame is pulled: it is to be drawn with its lines and readings."""
    plotDue = Signal(int)
    """A plot's turn: a number that counts on."""
    textDue = Signal()
    """While training: texts that change with every step are due, a few times a second."""

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self._lab = lab
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._last = 0.0
        self._ticks = 0
        self._rounds = 0
        self._kept_back: QWidget | None = None
        lab.runningChanged.connect(self._on_state)
        lab.playingChanged.connect(self._on_state)

    @property
    def _moving(self) -> bool:
        return self._lab.running or self._lab.playing

    @Slot()
    def _on_state(self) -> None:
        if not self._moving:
            self._timer.stop()
            self._paint_kept_back()
        elif not self._timer.isActive() and self._rounds <= 0:
            self._last = perf_counter()
            self._ticks = 0
            self._timer.start(LEAST_MS)

    def keep_back(self, widget: QWidget | None) -> None:
        """While training: what a widget is about to show is painted with the next frame. To work it out, and
        to paint it, each takes a good part of the time that there is for one.
        """
        self._paint_kept_back()
        if widget is not None and self._lab.running:
            self._kept_back = widget
            widget.setUpdatesEnabled(False)

    def _paint_kept_back(self) -> bool:
        """Whether there was anything."""
        widget, self._kept_back = self._kept_back, None
        if widget is None or not isValid(widget):
            return False
        widget.setUpdatesEnabled(True)
        return True

    @Slot()
    def _tick(self) -> None:
        now = perf_counter()
        elapsed, self._last = now - self._last, now
        self._rounds = ROUNDS
        self._ticks += 1
        QCoreApplication.postEvent(self, QEvent(FRAME_DRAWN), AFTER_PAINTING)
        if self._lab.running:
            self._lab.hold()
            if self._ticks % LINE_TICKS == LINE_TURN:
                self.linesDue.emit()
            self._lab.pull()
        elif self._lab.playing:
            self._lab.advance(min(elapsed, 0.25))

    def customEvent(self, event: QEvent) -> None:
        """What was asked for is laid out and painted: first the diagram, then plots and texts, if due.

        After that the worker may go on, and the next tick is set.
        """
        if self._rounds == ROUNDS and not self._ask_for_the_rest():
            self._rounds = 1
        self._rounds -= 1
        if self._rounds > 0:
            QCoreApplication.postEvent(self, QEvent(FRAME_DRAWN), AFTER_PAINTING)
            return
        self._lab.release()
        if self._moving:
            interval = TRAINING_MS if self._lab.running else PLAYING_MS
            spent = (perf_counter() - self._last) * 1000
            self._timer.start(max(round(interval - spent), LEAST_MS))

    def _ask_for_the_rest(self) -> bool:
        """Whether there was anything due."""
        painted = self._paint_kept_back()
        turn, rest = divmod(self._ticks, PLOT_TICKS)
        early = self._ticks in FIRST_PLOTS
        if early:
            turn = FIRST_PLOTS.index(self._ticks)
        plot, text = early or rest == PLOT_TURN, self._lab.running and self._ticks % TEXT_TICKS == TEXT_TURN
        if plot:
            self.plotDue.emit(turn)
        if text:
            self.textDue.emit()
        return painted or plot or text
