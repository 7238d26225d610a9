"""Cyclic garbage is collected between two events of the window, and at no other time.

Python by itself collects wherever something happens to be allocated. On the trainer's thread widgets that are
garbage would be destroyed where Qt allows none of that; on the window's own, in the midst of work that Qt
does on all of them, which then goes on with one that is no more.
"""

from __future__ import annotations

import atexit
import gc

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Slot

INTERVAL_MS = 500
GROWTH = 1.25
"""By how much there must be more objects than there were until old ones are gone through again: Python's own
rule, by which all collecting together costs time in proportion to what is made."""


class Garbage(QObject):
    """Takes collecting over from Python, for as long as the program lives. Belongs to the window's thread.

    What has lasted is left out of collections until there is much more of it: to go through all of it takes
    as long as several frames.
    """

    def __init__(self, parent: QCoreApplication) -> None:
        super().__init__(parent)
        gc.disable()
        atexit.register(gc.unfreeze)
        self._lasting = 0
        """Objects that were left when all were gone through last."""
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
        """The oldest generation whose turn it is, as Python would choose it."""
        young, middle, old = (
            count > most for count, most in zip(gc.get_count(), gc.get_threshold(), strict=True)
        )
        if not self._lasting:
            self._keep()  # what the program was built of is no garbage
        elif old:
            self._collect_all()
        elif young:
            gc.collect(1 if middle else 0)

    def _collect_all(self) -> None:
        if gc.get_freeze_count() + len(gc.get_objects()) > GROWTH * self._lasting:
            gc.unfreeze()
            gc.collect()
            self._keep()
        else:
            gc.collect()
            gc.freeze()

    def _keep(self) -> None:
        gc.freeze()
        self._lasting = gc.get_freeze_count()
