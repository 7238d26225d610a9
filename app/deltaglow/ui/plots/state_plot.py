"""A plot of where a run stands: drawn from the frame shown, not from the run's history."""

from __future__ import annotations

from abc import abstractmethod

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from deltaglow.model.project import Project
from deltaglow.session.lab import Lab
from deltaglow.ui.later import Later
from deltaglow.ui.theme import Theme

from .card import PlotCard


class StatePlot(PlotCard):
    """Base of the plots that are made anew from each frame. A subclass begins and draws; here is when.

    While a run goes, or plays, the owner's clock asks; else it follows what is shown, if it is seen, right
    after the diagram has.
    """

    def __init__(self, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(lab, theme, parent)
        self._project: Project | None = None
        self._drawn: object = None
        self._soon = Later(self._follow, self)
        for signal in (lab.projectChanged, lab.positionChanged, lab.frameChanged):
            signal.connect(self._soon.ask)
        lab.selectionChanged.connect(self._on_selection)
        theme.changed.connect(self._on_theme)

    # what a subclass says

    def begin(self) -> None:
        """The project is another: make what depends on it."""

    @abstractmethod
    def draw(self) -> None:
        """Draw the frame shown."""

    def mark(self) -> None:
        """Show what is selected."""

    # when

    def refresh(self) -> None:
        """Draws the frame shown, if it is not drawn yet."""
        lab = self._lab
        if self._project is not lab.project:
            self._project = lab.project
            self._drawn = None
            self.prepare()
            self.begin()
        state = (lab.frame, lab.complete, self._theme.name)
        if state != self._drawn:
            self._drawn = state
            self.draw()
            self.mark()

    def renew(self) -> None:
        """Begin again, as for another project."""
        self._project = None
        self.refresh()

    def _follow(self) -> None:
        lab = self._lab
        still = not lab.running and not lab.playing
        if self.isVisible() and (still or self._project is not lab.project):
            self.refresh()

    @Slot()
    def _on_selection(self) -> None:
        if self._soon.asked:
            self._drawn = None  # what is drawn now is of another frame: it is marked when that is drawn
        elif self.isVisible() and self._drawn is not None:
            self.mark()

    @Slot()
    def _on_theme(self) -> None:
        super()._on_theme()
        if self.isVisible():
            self.renew()
