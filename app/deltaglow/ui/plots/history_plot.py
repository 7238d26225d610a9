"""A card with one plot of the run's history: heading, legend or readout, log switch, and the chart itself."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from deltaglow.session.history import History
from deltaglow.session.lab import Lab
from deltaglow.ui.past_choice import TEXT
from deltaglow.ui.theme import Theme

from .card import PlotCard
from .choice_menu import offer, offer_tick
from .company import Company
from .curve_words import hints
from .export import Table
from .headline import lead, legend, tinted, told
from .orders import AS_DRAWN, ORDERS
from .pyramid import Pyramid
from .readout import Entry
from .scales import ACROSS, STEP, scale
from .smooth_slider import SmoothSlider
from .versus import PIECE, other, steps_of

if TYPE_CHECKING:
    from .chart import Chart

ROOMY = 460
"""Pixels of a card's width from which there is room for the smoothing beside the heading."""


class HistoryPlot(PlotCard):
    """Base of the plots of a run. A subclass names its columns; everything else is here.

    The owner calls `refresh()` on its clock: new rows of `lab.history` are pulled, none is skipped. The chart
    (and pyqtgraph) is built on the first refresh that has something to show, or by `prepare()`.
    """

    quantity = ""
    log_by_default = False

    def __init__(self, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(lab, theme, parent)
        self._columns: list[str] = []
        self._pyramid = Pyramid(0)
        self._history: History | None = None
        self._chart: Chart | None = None
        self._fresh = True
        self._log = self.log_by_default
        self.across = "step"
        """What the curves are drawn against, one of ACROSS."""
        self._hover = -1
        self._company = Company(lab, theme)
        self.order = AS_DRAWN
        """In which order the values under the pointer are told, one of ORDERS."""
        self.bulk_only = False
        self._build()
        lab.historyReset.connect(self._on_reset)
        lab.positionChanged.connect(self._mark_shown)
        lab.runningChanged.connect(self._mark_shown)
        for signal in (lab.overlays.changed, lab.bandChanged):
            signal.connect(self._on_company)
        theme.changed.connect(self._on_theme)
        self._on_reset()
        self._show(False)

    # what a subclass says

    def axis_label(self) -> str:
        """What the vertical axis shows, with its unit."""
        return self.quantity

    @abstractmethod
    def columns(self, names: Sequence[str]) -> list[str]:
        """Which of the history's column `names` to draw, in order."""

    @abstractmethod
    def label(self, column: str) -> str:
        """The legend's word for `column`."""

    def short_label(self, column: str) -> str:
        """The same where there is little room."""
        return self.label(column)

    def end_label(self, column: str) -> str:
        """The short name written at the end of the curve; "" for none."""
        del column
        return ""

    @abstractmethod
    def colour(self, column: str) -> QColor:
        """The curve's colour."""

    def sparse(self, column: str) -> bool:
        """Whether the column has a number for some steps only, as of evaluations now and then."""
        del column
        return False

    def readout_label(self, column: str) -> str:
        """The short name before a value under the pointer; "" for none."""
        return self.end_label(column)

    @property
    def has_log_scale(self) -> bool:
        """Whether a logarithmic scale makes sense of what is shown."""
        return True

    # the card

    def _build(self) -> None:
        self._log_button = QToolButton()
        self._log_button.setText("log")
        self._log_button.setProperty("role", "quiet")
        self._log_button.setCheckable(True)
        self._log_button.setChecked(self._log)
        self._log_button.setToolTip("Logarithmic scale of the vertical axis, on or off")
        self._log_button.setAccessibleName(f"Logarithmic scale of the {self.heading.lower()} plot")
        self._log_button.toggled.connect(self.set_log)
        self._legend.linkActivated.connect(self._explain)
        self._smoother = SmoothSlider(self.heading, self)
        self._smoother.chosen.connect(self.set_smoothing)
        self._header.addWidget(self._smoother)
        self._header.addWidget(self._log_button)

    @property
    def log_scale(self) -> bool:
        """Is the vertical axis logarithmic?"""
        return self._log

    @property
    def steps_shown(self) -> int:
        """How many steps of the history are in the plot."""
        return len(self._pyramid)

    def renew(self) -> None:
        """Shows the columns anew, when a subclass has come to name others."""
        self._history = None
        self._on_reset()
        self._log_button.setEnabled(self.has_log_scale)
        if self._chart is not None:
            self._chart.set_log(self._log and self.has_log_scale)
        self.refresh()

    @Slot(int)
    def set_smoothing(self, steps: int) -> None:
        """Averages the curves over about so many steps, over their values; 0: not."""
        if self._chart is not None:
            self._chart.set_smoothing(steps)
        self._say()

    @Slot(bool)
    def set_log(self, on: bool) -> None:
        """Switches the vertical axis between linear and logarithmic."""
        self._log = on
        self._log_button.setChecked(on)
        if self._chart is not None:
            self._chart.set_log(on and self.has_log_scale)
        self._say()

    @Slot(bool)
    def set_bulk_only(self, on: bool) -> None:
        """Leaves outliers out of account by the vertical axis, or not."""
        self.bulk_only = on
        if self._chart is not None:
            self._chart.set_bulk_only(on)
        self._say()

    def set_order(self, order: str) -> None:
        """Tells the values of several runs in one of ORDERS."""
        self.order = order
        self._say()

    def set_across(self, across: str) -> None:
        """Draws the curves against the step, the epoch or the time."""
        self.across = across
        self._on_company()
        self._measure()
        self._dress()

    def _measure(self) -> None:
        """Where the steps of all runs are on the axis."""
        if self._chart is None:
            return
        branch, lab = other(self._lab), self._lab
        own = scale(self.across, lab.stretch.steps_per_epoch, lab.history) if self.across != "step" else STEP
        theirs = own
        if branch is not None:
            theirs = scale(self.across, branch.stretch.steps_per_epoch, branch.history)
        self._chart.draw_against(own, theirs)

    def prepare(self) -> None:
        """Builds the chart now (which imports pyqtgraph), rather than when the first step arrives."""
        if self._chart is not None:
            return
        from .chart import Chart  # late on purpose: pyqtgraph costs more time than the first frame has

        self._chart = Chart(self._theme, self.axis_label(), self)
        self._chart.setVisible(False)
        self._chart.setAccessibleName(f"{self.heading} by step")
        self._chart.hovered.connect(self._on_hover)
        self._chart.chosen.connect(self.go_to)
        self._layout.addWidget(self._chart, 1)
        self._dress()
        self._chart.set_log(self._log)
        self._chart.set_smoothing(self._smoother.steps)
        self._chart.set_bulk_only(self.bulk_only)
        self._on_company()

    def refresh(self) -> None:
        """Pulls the steps that have come since the last call, and draws if there were any."""
        if not self._columns:
            self._show(False)
            return
        history = self._lab.history
        length = history.length
        if length < len(self._pyramid):
            self._pyramid.truncate(length)
        elif length == len(self._pyramid) and not self._fresh:
            return
        while len(self._pyramid) < length:
            self._pyramid.reach(min(length, len(self._pyramid) + PIECE))
        begins = self._first_known()
        self._show(length > begins)
        if length <= begins:
            self._fresh = True
            return
        self.prepare()
        if self._chart is not None:
            self._chart.begins = begins
            self._chart.show_data(self._pyramid, self._fresh)
        self._fresh = False
        self._say()

    def _first_known(self) -> int:
        """The step from which on there are numbers: a file may have been saved without those before."""
        first = min(self._lab.first_step, len(self._pyramid))
        if first and np.isfinite(np.concatenate(self._pyramid.extremes(0, first))).any():
            return 0
        return first

    def _empty_text(self) -> str:
        lab, what = self._lab, self.heading.lower()
        if not lab.first_step:
            return super()._empty_text()
        choice = TEXT.replace("&", "")
        return (
            f"The file has no curves of its first {lab.first_step:,} steps: “{choice}” in the menu keeps "
            f"them. Press Train (T) or play a step: the {what} goes on here."
        )

    @Slot()
    def view_all(self) -> None:
        """Shows the whole run and follows it again."""
        if self._chart is not None:
            self._chart.follow()

    def _show(self, curves: bool) -> None:
        if curves:
            self.prepare()
        self._empty.setVisible(not curves)
        self._empty.setText(self._empty_text())
        self._legend.setVisible(curves)
        self._log_button.setVisible(curves)
        self._smoother.setVisible(curves and self.width() >= ROOMY)
        if self._chart is not None:
            self._chart.setVisible(curves)

    @Slot()
    def _on_reset(self) -> None:
        history = self._lab.history
        if self._history is not None and history.names == self._history.names:
            self._pyramid.truncate(min(history.common(self._history), len(self._pyramid)))
        else:
            self._columns = self.columns(history.names)
            self._pyramid = Pyramid(len(self._columns), spill=history.spill)
        self._pyramid.source = partial(history.columns, self._columns)
        self._history = history
        self._fresh = True
        self._hover = -1
        if history.length == 0 and not self._empty.isVisibleTo(self):
            self._show(False)
        self._measure()
        self._dress()
        self._on_company()

    @Slot()
    def _on_company(self) -> None:
        """Shows the curves of other runs, as far as they are wanted."""
        if self._chart is not None and self._company.bring(self._chart, self._columns, self.across):
            self._dress()
            self._measure()
            self._chart.follow()

    @Slot()
    def _on_theme(self) -> None:
        super()._on_theme()
        self._dress()
        if self._chart is not None and len(self._pyramid):
            self._chart.show_data(self._pyramid, fresh=False)

    def _dress(self) -> None:
        self.title.setText(self.heading)
        self.setAccessibleName(f"{self.heading} plot")
        if self._chart is not None:
            colours = [self.colour(column) for column in self._columns]
            self._chart.quantity = self.axis_label()
            self._chart.recolour(colours, [self.end_label(column) for column in self._columns])
            self._chart.sparse = [self.sparse(column) for column in self._columns]
        self._say()

    @Slot()
    def _mark_shown(self) -> None:
        """While the step shown is not the newest, a line tells where it is."""
        if self._chart is not None:
            self._chart.mark_shown(self.step_shown)

    # the words in the header

    @Slot(int)
    def _on_hover(self, step: int) -> None:
        self._hover = step
        if self._chart is not None:
            self._chart.mark(step)
        self._say()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room, smoothing is left to the menu."""
        super().resizeEvent(event)
        self._smoother.setVisible(self._full and self.width() >= ROOMY)

    @Slot()
    def _on_room(self) -> None:
        self._say()

    def _say(self) -> None:
        entries: list[Entry] = []
        if 0 <= self._hover < len(self._pyramid):
            words, entries = told(self, self._lab, self._chart, self._hover)
        else:
            words = legend(self, self._lab, self._theme, self._chart)
        self._write_rich(words)
        if self._chart is not None:
            self._chart.tell(entries, self._hover)
            self._chart.setToolTip(
                "\n".join(hints(self._chart, self._lab, any(map(self.sparse, self._columns))))
            )

    @property
    def drawn_columns(self) -> list[str]:
        """Which of the history's columns are drawn."""
        return self._columns

    @property
    def pyramid(self) -> Pyramid:
        """Their numbers."""
        return self._pyramid

    def too_long(self, text: str) -> bool:
        """Whether there is no room for it beside the heading."""
        return self._legend.fontMetrics().horizontalAdvance(text) > self._legend.width()

    @property
    def readout(self) -> str:
        """The words beside the heading, and what stands beside the crosshair (rich text)."""
        return super().readout + ("" if self._chart is None else self._chart.told)

    @Slot(str)
    def _explain(self, address: str) -> None:
        lead(self._lab, address)

    def tinted(self, column: str, text: str) -> str:
        """Rich text in a curve's colour, and a link where the column is an address."""
        return tinted(column, text, self.colour(column).name())

    # the menu

    def _fill(self, menu: QMenu) -> None:
        view = menu.addAction("View all")
        view.triggered.connect(self.view_all)
        view.setEnabled(self._full)
        view.setToolTip("" if self._full else "There is no step to show yet")
        tip = "Every power of ten takes up as much room"
        offer_tick(menu, "Logarithmic scale", tip, self._log, self.set_log).setEnabled(self.has_log_scale)
        tip = "The vertical axis is for the middle nine tenths of all numbers alone"
        offer_tick(menu, "Ignore outliers", tip, self.bulk_only, self.set_bulk_only)
        offer(menu.addMenu("Across"), ACROSS, self.across, self.set_across)
        self._company.fill(menu.addMenu("Runs"))
        offer(menu.addMenu("Order of values"), ORDERS, self.order, self.set_order)
        smoothing = menu.addMenu("Smoothing")
        smoothing.setEnabled(self._full)
        self._smoother.fill(smoothing)

    @property
    def _full(self) -> bool:
        return len(self._pyramid) > 0

    @property
    def body(self) -> QWidget | None:
        """The chart."""
        return self._chart

    def table(self) -> Table | None:
        """Every step's values, of all the run, and of those that are drawn beside it."""
        if not self._full:
            return None
        length, history, branch = len(self._pyramid), self._lab.history, other(self._lab)
        kept = history.branch(min(length, history.length), history.names)  # whatever the run does meanwhile
        others = [] if branch is None else [(branch.title, branch.history)]
        others += [(one.title, one.history) for one, _ in self._lab.overlays.drawn]
        names = [f"{title}: {column}" for title, _ in others for column in self._columns]
        runs = [kept, *(history for _, history in others)]
        rows = steps_of([(run, self._columns) for run in runs])
        return Table(["step", *self._columns, *names], rows, max(run.length for run in runs))
