"""A plot that takes work: begun by a button, done slice by slice, cancelled by the same button."""

from __future__ import annotations

from abc import abstractmethod
from time import perf_counter
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QPushButton, QWidget

from deltaglow.session.lab import Lab
from deltaglow.ui.theme import Theme

from .card import PlotCard

if TYPE_CHECKING:
    from .plane import Plane

SLICE_S = 0.012
"""Seconds of work between two looks at what the window wants."""
DRAWN_S = 0.15
"""Seconds between two pictures of what is done so far."""


class Work(Protocol):
    """What is done step by step."""

    done: bool

    @property
    def share(self) -> float:
        """How much of it is done, 0 to 1."""

    def step(self) -> None:
        """Do a little of it."""


class WorkPlot(PlotCard):
    """Base of such plots. A subclass says what to do and draws it, in its own plane.

    verb: the button's words before the first time. does: what it does, for the tooltip.
    """

    verb = ""
    does = ""

    def __init__(self, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(lab, theme, parent)
        self._plane: Plane | None = None
        self._drawn = 0.0
        self._go = QTimer(self)
        self._go.setInterval(0)
        self._go.timeout.connect(self._work_on)
        self._button = QPushButton(self.verb, self)
        self._button.setAccessibleName(f"{self.verb}, or cancel it")
        self._button.clicked.connect(self._on_button)
        self._header.addWidget(self._button)
        lab.runningChanged.connect(self._on_running)
        lab.opened.connect(self.put_away)
        lab.projectChanged.connect(self._on_project)
        theme.changed.connect(self._on_theme)
        self.say()

    # what a subclass says

    @property
    @abstractmethod
    def work(self) -> Work | None:
        """What is being done, or was."""

    @abstractmethod
    def begin(self) -> None:
        """Start anew."""

    @abstractmethod
    def draw(self) -> None:
        """Draw what there is of it."""

    @abstractmethod
    def forget(self) -> None:
        """There is none: `work` is None from now on."""

    def outdated(self) -> bool:
        """Whether the work, if there is any, is of another network or of other data than there are now."""
        return False

    def dress(self, plane: Plane) -> None:
        """The plane was made: connect and label it."""

    # the plane and the work

    def prepare(self) -> None:
        """Builds the plane, which imports pyqtgraph."""
        if self._plane is None:
            from .plane import Plane  # late on purpose: pyqtgraph costs more time than the first frame has

            self._plane = Plane(self._theme, self)
            self._plane.setAccessibleName(f"{self.heading}, a picture")
            self._plane.hide()
            self._layout.addWidget(self._plane, 1)
            self.dress(self._plane)

    @property
    def body(self) -> QWidget | None:
        """The plane."""
        return self._plane

    def settle(self) -> None:
        """Finish what is under way now."""
        while self._go.isActive():
            self._work_on()

    @Slot()
    def _on_button(self) -> None:
        if self._go.isActive():
            self.stop()
        else:
            self.start()

    def start(self) -> None:
        """Begin, in the place of what is there."""
        self.prepare()
        self.begin()
        if self.work is not None:
            self._go.start()
        else:
            self.draw()
        self.say()

    def stop(self) -> None:
        """Work no further, and draw what there is."""
        self._go.stop()
        self.draw()
        self.say()

    @Slot()
    def put_away(self) -> None:
        """Show nothing: there is another project, whether anybody looks or not."""
        self.forget()
        self.stop()

    @Slot()
    def _on_project(self) -> None:
        if self.work is not None and self.outdated():
            self.put_away()

    @Slot()
    def _work_on(self) -> None:
        work = self.work
        assert work is not None
        end = perf_counter() + SLICE_S
        while not work.done and perf_counter() < end:
            work.step()
        if work.done:
            self._go.stop()
        if work.done or end - self._drawn > DRAWN_S:
            self._drawn = end
            self.draw()
            self.say()

    def show_plane(self, there: bool) -> None:
        """The plane, or the words of an empty card."""
        self._empty.setVisible(not there)
        if self._plane is not None:
            self._plane.setVisible(there)

    def say(self) -> None:
        """The button's words, and how far it is."""
        running, work = self._lab.running, self.work
        self._button.setText("Cancel" if self._go.isActive() else self.verb if work is None else "Again")
        self._button.setEnabled(not running)
        self._button.setToolTip("The run under way must pause first" if running else self.does)
        self._write(f"{100 * work.share:.0f} %" if work is not None and self._go.isActive() else "")

    @Slot()
    def _on_running(self) -> None:
        self._go.stop()
        self.say()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks."""
        self._go.stop()
        self.say()
        super().hideEvent(event)

    @Slot()
    def _on_theme(self) -> None:
        super()._on_theme()
        self.draw()
