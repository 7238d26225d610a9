"""Cyclic garbage is collected on the window's thread while another one computes.

Python collects on whichever thread happens to allocate. Widgets that are garbage would then be destroyed on
the trainer's thread, where Qt allows none of that.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject, QTimer, Slot

INTERVAL_MS = 500


@contextmanager
def none_collected() -> Iterator[None]:
    """While Qt goes through all the widgets that there are: one that Python's collector takes away meanwhile
    leaves it with a pointer to nothing.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


class Garbage(QObject):
    """Lives on the window's thread. From `hold` to `release` Python collects nothing by itself: a timer has
    it do so.
    """

    _held = 0
    """How many hold: garbage is the process's, not a window's."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self._collect)

    def hold(self) -> None:
        """A thread is about to compute. What there is now is left out of collections: it would only be gone
        through in vain, again and again, while somebody watches.
        """
        if self._timer.isActive():
            return
        self._timer.start()
        Garbage._held += 1
        gc.disable()
        gc.freeze()

    @Slot()
    def release(self) -> None:
        """The thread is idle again, or has been all along."""
        if not self._timer.isActive():
            return
        self._timer.stop()
        Garbage._held -= 1
        if not Garbage._held:
            gc.unfreeze()
            gc.enable()

    @Slot()
    def _collect(self) -> None:
        """The oldest generation whose turn it is, as Python would choose it."""
        due = [count > limit for count, limit in zip(gc.get_count(), gc.get_threshold(), strict=True)]
        if due[0]:
            gc.collect(2 if due[2] else 1 if due[1] else 0)
