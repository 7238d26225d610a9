"""A place for a plot: any of them, chosen by its heading."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QStackedWidget, QWidget

from deltaglow.session.lab import Lab
from deltaglow.ui.clock import FrameClock
from deltaglow.ui.theme import Theme

from .card import PlotCard


class PlotSlot(QStackedWidget):
    """Shows one of `kinds`, the plots by their names. Those that are never chosen are never made, and those
    that are not shown are not refreshed.
    """

    chosen = Signal(str)
    enlargeWanted = Signal(object)
    """The slot itself: somebody wants its plot large, or as it was."""

    def __init__(
        self,
        lab: Lab,
        theme: Theme,
        kinds: Mapping[str, type[PlotCard]],
        first: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._lab = lab
        self._theme = theme
        self._kinds = kinds
        self._made: dict[str, PlotCard] = {}
        self._enlarged = False
        self.choices = QActionGroup(self)
        """One checkable action a plot: the menus show these."""
        for name, kind in kinds.items():
            action = self.choices.addAction(kind.heading)
            action.setCheckable(True)
            action.setToolTip(kind.about)
            action.setData(name)
        self.choices.triggered.connect(self._on_triggered)
        self.choose(first if first in kinds else next(iter(kinds)))

    @property
    def plot(self) -> PlotCard:
        """The one that is shown."""
        return self._made[self.name]

    @property
    def enlarged(self) -> bool:
        """Whether the plot is the only one, and large."""
        return self._enlarged

    @enlarged.setter
    def enlarged(self, enlarged: bool) -> None:
        self._enlarged = enlarged
        for plot in self._made.values():
            plot.enlarged = enlarged

    def choose(self, name: str) -> None:
        """Show the plot of this name; KeyError if there is none."""
        if name not in self._made:
            made = self._made[name] = self._kinds[name](self._lab, self._theme)
            made.title.offer(self.choices)
            made.enlarged = self._enlarged
            made.enlargeWanted.connect(lambda: self.enlargeWanted.emit(self))
            self.addWidget(made)
        self.name = name
        self.setCurrentWidget(self._made[name])
        for action in self.choices.actions():
            action.setChecked(action.data() == name)
        if self.isVisible():  # or else a window would wait for plots that nobody sees
            self.plot.refresh()
        self.chosen.emit(name)

    def refresh(self) -> None:
        """Bring the plot up to what is shown, if anybody sees it."""
        if self.isVisibleTo(self.window()):
            self.plot.refresh()

    def take_turn(self, clock: FrameClock) -> None:
        """As `refresh`, when the clock says so: what comes of it is painted when there is time."""
        clock.keep_back(self.plot.body)
        self.refresh()

    def prepare(self) -> None:
        """Build what is costly of the plot now."""
        self.plot.prepare()

    @Slot(QAction)
    def _on_triggered(self, action: QAction) -> None:
        self.choose(str(action.data()))
