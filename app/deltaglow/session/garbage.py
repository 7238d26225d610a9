"""Cyclic garbage is collected between two events of the window, all of it at once, and at no other time.

Python by itself collects wherever something happens to be allocated. On the trainer's thread widgets that are
garbage would be destroyed where Qt allows none of that; on the window's own, in the midst of work that Qt
does on all of them, which then goes on with one that is no more. And it mostly looks at what is young alone:
what an older object holds then counts as held by references that nobody has seen, and Qt's binding shows more
references than there are, so that widgets in use were taken for garbage. Where everything is gone through
they are found again.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Slot

INTERVAL_MS = 500
SHARE = 0.25
"""So much more must there be than was left last time: Python's own rule for going through everything, by
which all collecting together costs time in proportion to what is made."""


class Garbage(QObject):
    """Takes collecting over from Python, for as long as the program lives. Belongs to the window's thread."""

    def __init__(self, parent: QCoreApplication) -> None:
        super().__init__(parent)
        gc.disable()
        self._lasting = 0
        """Objects that were left last time."""
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    @classmethod
    def of(cls, app: QCoreApplication) -> Garbage:
        """The one of this application."""
        return app.findChild(cls) or cls(app)

    @Slot()
    def collect(self) -> None:
        """If it is time."""
        if not self._lasting:
            gc.freeze()  # what the program is built of is no garbage: from here on is counted
            gc.unfreeze()
        elif gc.get_count()[0] > SHARE * self._lasting:
            gc.collect()
        else:
            return
        self._lasting = len(gc.get_objects())
