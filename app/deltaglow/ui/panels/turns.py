"""Work in several turns, so that no frame of what moves meanwhile has to wait for all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject, QTimer, Slot

from deltaglow.ui.formula import GENTLE_MS


class Turns(QObject):
    """Takes up `work` from one `yield` to the next, a turn a frame."""

    def __init__(self, work: Callable[[], Iterator[None]], parent: QObject) -> None:
        super().__init__(parent)
        self._work = work
        self._left: Iterator[None] | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(GENTLE_MS)
        self._timer.timeout.connect(self._next)

    @property
    def active(self) -> bool:
        """Whether something is left to do."""
        return self._left is not None

    def begin(self) -> None:
        """The first turn comes after the frame that is being drawn."""
        self._left = self._work()
        self._timer.start()

    def drop(self) -> None:
        """Leaves undone what is left."""
        self._left = None
        self._timer.stop()

    @Slot()
    def _next(self) -> None:
        left = self._left
        for _ in left or ():
            return
        if self._left is left:
            self.drop()
