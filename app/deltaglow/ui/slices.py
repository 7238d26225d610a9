"""Work that takes seconds on the window's thread, done in slices so that the window goes on."""

from __future__ import annotations

from collections.abc import Generator
from time import perf_counter

from PySide6.QtCore import QObject, QTimer, Signal, Slot

SLICE_S = 0.012
"""About how long a slice is: less than a frame."""


class Slices(QObject):
    """Goes through a generator that gives how much is done, 0 to 1, and returns the outcome."""

    progressed = Signal(float)
    finished = Signal(object)

    def __init__(self, work: Generator[float, None, object], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work = work
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._go_on)
        self._timer.start()

    @Slot()
    def stop(self) -> None:
        """Leave it: it is not finished."""
        self._timer.stop()
        self._work.close()

    @Slot()
    def _go_on(self) -> None:
        until, done = perf_counter() + SLICE_S, 0.0
        try:
            while perf_counter() < until:
                done = next(self._work)
        except StopIteration as end:
            self._timer.stop()
            self.finished.emit(end.value)
            return
        self.progressed.emit(done)
