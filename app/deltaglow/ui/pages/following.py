"""What every page in the centre does: it shows what the laboratory shows, while it is seen."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from deltaglow.session.lab import Lab

if TYPE_CHECKING:
    _Widget = QWidget
else:
    _Widget = object  # it stands before the kind of widget that a page is: Qt takes one such base


class Following(_Widget):
    """Of a page: `renew` brings it up to what there is now."""

    lab: Lab

    @abstractmethod
    def renew(self) -> None:
        """Show what there is now."""

    @Slot()
    def follow(self) -> None:
        """Something may have changed: show it, if the page is seen and nothing runs flat out."""
        if self.isVisible() and not self.lab.running:
            self.renew()

    @Slot()
    def follow_run(self) -> None:
        """While training: a new frame may be read now."""
        if self.isVisible():
            self.renew()

    def settle(self) -> None:
        """Bring everything up to date now."""
        self.renew()
