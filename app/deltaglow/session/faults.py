"""Errors nobody caught: collected from every thread, handed to the window on its own."""

from __future__ import annotations

import sys
import threading
import traceback
from types import TracebackType

from PySide6.QtCore import QObject, Qt, Signal, Slot


class Faults(QObject):
    """Takes over `sys.excepthook`: Qt reports an exception in a slot there, on the thread it happened in.

    `caught` carries the traceback as text and is always emitted on the thread that made this object, where a
    dialog may be opened. `texts` keeps every one.
    """

    caught = Signal(str)
    _arrived = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._arrived.connect(self._hand_over, Qt.ConnectionType.QueuedConnection)
        self._before = sys.excepthook
        sys.excepthook = self._hook
        threading.excepthook = self._thread_hook

    def release(self) -> None:
        """Put back what was there before."""
        sys.excepthook = self._before
        threading.excepthook = threading.__excepthook__

    def _hook(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._before(kind, error, trace)
            return
        text = "".join(traceback.format_exception(kind, error, trace))
        self.texts.append(text)
        sys.stderr.write(text)
        self._arrived.emit(text)

    def _thread_hook(self, arguments: threading.ExceptHookArgs) -> None:
        error = arguments.exc_value
        if error is not None:
            self._hook(arguments.exc_type, error, arguments.exc_traceback)

    @Slot(str)
    def _hand_over(self, text: str) -> None:
        self.caught.emit(text)
