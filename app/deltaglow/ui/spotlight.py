"""One plot in the place of all that is left of the explanation: for a look at it from near, or from afar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from deltaglow.ui.plots import PlotSlot

if TYPE_CHECKING:
    from deltaglow.ui.main_window import MainWindow

UNBOUNDED = (1 << 24) - 1
"""Qt's own word for a widget that may be as large as it likes."""


class Spotlight(QObject):
    """Which plot is enlarged, if any."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.slot: PlotSlot | None = None
        for slot in window.slots:
            slot.enlargeWanted.connect(self.toggle)

    @Slot(object)
    def toggle(self, slot: PlotSlot) -> None:
        """Enlarge this one, or put it back."""
        self._show(None if self.slot is slot else slot)

    def leave(self) -> None:
        """Put back the one that is enlarged."""
        if self.slot is not None:
            self._show(None)

    def _show(self, slot: PlotSlot | None) -> None:
        self.slot = slot
        window = self._window
        if slot is not None:
            window.presenter.leave()
        for beside in (window.parameters, window.canvas):
            beside.setVisible(slot is None)
        above, _, plots = range(window.work.count())
        window.work.setStretch(above, int(slot is None))
        window.work.setStretch(plots, int(slot is not None))
        for each in window.slots:
            each.enlarged = each is slot
        window.share_out()
        if slot is None:
            window.centre.setFocus()
        else:
            slot.refresh()
            window.setFocus()  # keys are for the run: what had them is hidden

    def share_out(self) -> None:
        """Give the plot what the others and the diagram leave."""
        for slot in self._window.slots:
            slot.setVisible(slot is self.slot)
            slot.setMinimumHeight(0)
            slot.setMaximumHeight(UNBOUNDED)
