"""What can wait until what was asked for is painted: however often it is asked for, it is done once."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Slot

PAINTED = QEvent.Type(QEvent.registerEventType())
AFTER_PAINTING = Qt.EventPriority.LowEventPriority.value - 1
"""Paint requests are posted at low priority; what is posted below that comes after them."""


class Later(QObject):
    """Does something in the same turn of the event loop as it was asked for, once all that has to be painted
    is. An edit tells of a new frame, a new history, another position and another project, one after the
    other: what shows all of them is brought up to them once, and nobody waits for it to see the edit.
    """

    def __init__(self, action: Callable[[], object], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._action = action
        self.asked = False
        """Whether it is still to be done."""

    @Slot()
    def ask(self) -> None:
        """Do it once what is under way is painted."""
        if not self.asked:
            self.asked = True
            QCoreApplication.postEvent(self, QEvent(PAINTED), AFTER_PAINTING)

    @Slot()
    def now(self) -> None:
        """Do it, if it was asked for and is not done yet."""
        if self.asked:
            self.asked = False
            self._action()

    def customEvent(self, event: QEvent) -> None:
        del event
        self.now()
