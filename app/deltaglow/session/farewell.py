"""The system ends the program: at the end of a session, at a shutdown, or because somebody said `kill`."""

from __future__ import annotations

import signal
import socket
from types import FrameType

from PySide6.QtCore import QObject, QSocketNotifier, Signal, Slot

WORDS = ("SIGTERM", "SIGHUP")
"""The signals that ask a program to end; where there are others, they are left as they are."""


class Farewell(QObject):
    """Tells so while there is a moment left to keep what is not saved. A signal that whoever started the
    program has it ignore stays ignored.

    Python itself hears a signal only when the interpreter runs next, which in a window that waits may be
    never; so the system writes each into a socket, and the event loop reads it.
    """

    asked = Signal(int)
    """The number of the signal."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        numbers = [getattr(signal, word) for word in WORDS if hasattr(signal, word)]
        self._heard = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
        self._ours, self._theirs = socket.socketpair()
        for end in (self._ours, self._theirs):
            end.setblocking(False)
        for number in self._heard:
            signal.signal(number, _hear)
        self._before = signal.set_wakeup_fd(self._theirs.fileno(), warn_on_full_buffer=False)
        self._notifier = QSocketNotifier(self._ours.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._read)

    def release(self) -> None:
        """Put back what was there before."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._before)
        for number in self._heard:
            signal.signal(number, signal.SIG_DFL)
        self._ours.close()
        self._theirs.close()

    @Slot()
    def _read(self) -> None:
        for number in self._ours.recv(64):
            if number in self._heard:
                self.asked.emit(number)


def _hear(number: int, frame: FrameType | None) -> None:
    """Python has to be told that the signal is taken; the socket tells the window."""
