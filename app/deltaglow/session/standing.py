"""Where a laboratory stands: on which stretch of which run, after how many steps, and what is known there."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from pathlib import Path
from time import perf_counter

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Signal

from deltaglow.data import Dataset
from deltaglow.engine import Frame, Ledger, NonFinite, Trainer, TrainerState
from deltaglow.explain.band import Band
from deltaglow.explain.remedy import remedy
from deltaglow.model import build, run_history, run_state
from deltaglow.model.project import Project
from deltaglow.model.quantity import Quantity
from deltaglow.model.run_history import RunHistory
from deltaglow.session.branches import Branches
from deltaglow.session.document import Document
from deltaglow.session.history import History
from deltaglow.session.looking import Looking
from deltaglow.session.memory import StateMemory
from deltaglow.session.overlays import Overlays
from deltaglow.session.stretch import SAVED, Place, Stretch


class Standing(Looking):
    """A viewer of a document and a run of it, between whose places it goes. It neither trains nor edits."""

    opened = Signal()
    """Another project was put in place of this one, not by an edit."""
    projectChanged = Signal()
    """The document's project was replaced."""
    historyReset = Signal()
    """The history was replaced or shortened."""
    message = Signal(str)
    """One line for the user."""
    branchesChanged = Signal()
    """Another branch is there, or stood on, or one has another name."""
    bandChanged = Signal()
    """There is another band of several seeds, or none any more."""
    comparedChanged = Signal()
    """The branch that is stood on is compared with another one, or with none."""

    _trainer: Trainer

    def __init__(self, project: Project, path: Path | None = None, past: RunHistory | None = None) -> None:
        super().__init__()
        self.document = Document(project, path)
        self.document.keeps_past = past is not None
        self._running = False
        self._broken = False
        self._told = ""
        """The last number that broke, as it was told: it is not told again while it stays the next step's."""
        self.memory = StateMemory()
        """What the states of all runs share, by which their steps come back."""
        self._stretch = Stretch.fresh(project, self.memory, past)
        self._visited: Stretch | None = None
        """The stretch that the step shown is of, if that is of another network or other data than now."""
        self._head = self._stretch.first_place.head
        self._compared: int | None = None
        self.band: Band | None = None
        """What the run is like from several seeds, if that was asked for and it is still the same project."""
        self._branches = Branches.of(self._stretch.first_place)
        self.overlays = Overlays(self)
        self._enter(self._stretch.first_place)
        self.select(self._first_selection())

    # What is there

    @property
    def project(self) -> Project:
        """The project as edited: the parameters it gives are those a run from the start begins with. While a
        step of an earlier network, or of other data, is shown, the project that it belongs to.
        """
        return self.document.project if self._visited is None else self._visited.project

    @property
    def dataset(self) -> Dataset:
        """What is learned from."""
        return self._seen.dataset

    @property
    def history(self) -> History:
        """The scalars of every step of the run."""
        return self._stretch.history

    @property
    def stretch(self) -> Stretch:
        """The stretch of the run that it stands on. While it trains, the worker writes what that keeps."""
        return self._stretch

    @property
    def running(self) -> bool:
        """True while the worker trains."""
        return self._running

    @property
    def head(self) -> int:
        """Completed steps."""
        return self._head if not self._running else self.history.length

    @property
    def first_step(self) -> int:
        """The earliest step that can be shown: 0, or where a file was saved without its past."""
        return self._stretch.first.first_shown

    @property
    def alike(self) -> tuple[int, int]:
        """The first and the last step that can be shown with the project that is shown; the last may be the
        one that comes next.
        """
        visited = self._visited
        if visited is None:
            return self._stretch.first_shown, self.head
        return visited.first_shown, self._stretch.after(visited).begins - 1

    @property
    def broken(self) -> bool:
        """Whether the next step is known to end in a number that is not finite."""
        return self._broken

    def past_frame(self, step: int) -> Frame:
        """The frame of a completed step from `first_step` on. Only while not running."""
        return self._stretch.frame_at(step)

    @property
    def passed(self) -> list[tuple[int, npt.NDArray[np.float64]]]:
        """Parameters that the run passed, each with its step, as far as they are kept; not while running."""
        last = self._head if self._visited is None else self._stretch.after(self._visited).begins
        return [(state.step, state.theta) for state in self._seen.passed() if state.step <= last]

    def ledger(self) -> Ledger:
        """The memory that the run holds. Only while not running."""
        return self._trainer.ledger(self.memory.held)

    @property
    def place(self) -> Place:
        """Where it stands. Only while nothing runs."""
        at = self.document.project, self._stretch, self._head
        return Place(*at, self.frame.step, self.position, self.branches)

    @property
    def compared(self) -> int | None:
        """The number of the branch that the one stood on is compared with: B. None for no comparison."""
        known, compared = self._branches, self._compared
        return compared if compared is not None and compared in known and compared != known.current else None

    def set_band(self, band: Band | None) -> None:
        """Show what the run is like from several seeds; None no more."""
        if band is not self.band:
            self.band = None if band is None else replace(band, runs=())
            self.overlays.take_seeds(band)
            self.bandChanged.emit()

    @property
    def spacing(self) -> int:
        """Steps between two states that are kept here."""
        return self._stretch.timeline.spacing

    @property
    def branches(self) -> Branches:
        """The futures that the run has had. While it trains, as they were when that began."""
        if self._running:
            return self._branches
        return self._branches.followed(self.document.project, self._stretch, self._head, self._compared)

    def frames(self, first: int, last: int, most: int) -> list[Frame]:
        """The frames of these steps, at most `most` of them, the one that comes next too. Only while not
        running.
        """
        least, greatest = self.alike
        first = min(max(first, least), greatest)
        last = min(max(first, last), greatest, first + most - 1)
        return [self._frame_of(step) for step in range(first, last + 1)]

    @property
    def trained_project(self) -> Project:
        """The project with the parameters that are shown now, as they stand after the step if it is
        complete.
        """
        frame = self.frame
        if frame.step == 0 and not self.complete and self._stretch.natural:
            return self.project
        return self._given

    def saved_past(self) -> RunHistory | None:
        """The past of the run up to the step shown, as a file can keep it beside the project as it is saved;
        None if there is none, or too much. Only while not running.
        """
        step = self.frame.step + self.complete
        here = self._seen.holding(step) is self._seen
        states = [state for state in self._seen.timeline.kept if here and state.step <= step]
        names = self.history.names
        rows, notes = self.history.columns(names, 0, step), self.history.pace.branch(step).notes
        return run_history.taken(self.project, names, rows, states, np.column_stack(notes))

    @property
    def unseen(self) -> str:
        """Why steps before `first_step` cannot be shown."""
        return SAVED

    def show_step(self, step: int, position: float = 0.0) -> None:
        """Show a completed step, or the one that comes next, with the project that it belongs to."""
        if self.running:
            return
        before, complete = self._visited, position >= self.phases.end
        self._visit(min(max(step, self.first_step), self.head))
        super().show_step(step, inf if complete else position)
        if self._visited is not before:
            self.projectChanged.emit()

    # Inside

    @property
    def _seen(self) -> Stretch:
        """The stretch whose project is shown."""
        return self._stretch if self._visited is None else self._visited

    def _visit(self, step: int) -> None:
        """Be ready to show a step: one of another network, or of other data, is shown with its own."""
        self._visited = None if step >= self._stretch.first_shown else self._stretch.holding(step)
        self.phases = self._seen.phases

    def _frame_after(self, step: int) -> Frame:
        return self._frame_of(step) if self._visited is None else self._visited.timeline.frame_at(step)

    @property
    def _given(self) -> Project:
        """The project with the parameters that are shown now, drawn ones too."""
        frame = self.frame
        theta = frame.theta_after if self.complete else frame.theta
        remembered = frame.statistics_after if self.complete else frame.statistics
        return build.with_parameters(self.project, theta, remembered, frame.architecture)

    def _saved(self, state: TrainerState | None) -> Project:
        if state is None:
            return self.project
        shape = self.frame.architecture
        given = build.with_parameters(self.project, state.theta, state.statistics, shape)
        return replace(given, state=run_state.taken(state))

    def _enter(self, place: Place) -> None:
        """Be there."""
        left = self.branches
        if place.stretch is not self._stretch:
            self._stretch.rest()
            self._stretch = place.stretch
        self._visit(place.step)
        self._trainer = place.stretch.trainer(place.head)
        self._head = place.head
        self._broken = False
        self.history.go_to(place.head)
        self.document.project = place.project
        at = place.project, place.stretch, place.head
        self._branches = place.branches or left.followed(*at, self._compared)
        self.position = min(place.position, self.phases.end)
        self._set_frame(self._frame_of(place.step))
        self.historyReset.emit()
        self.branchesChanged.emit()
        self.positionChanged.emit()

    def _frame_of(self, step: int) -> Frame:
        if step < self._head:
            return self._stretch.frame_at(step)
        try:
            return self._trainer.preview()
        except NonFinite as stop:
            self._report(stop)
            assert stop.frame is not None
            return stop.frame

    def _complete_step(self) -> None:
        began = perf_counter()
        try:
            self._trainer.step()
        except NonFinite as stop:
            self._report(stop)
            return
        self._head += 1
        self.history.pace.add(self._head, perf_counter() - began)
        self._told = ""
        if self._trainer.watch.stopped_at == self._head:
            self._announce_early_stop()
        with np.errstate(over="ignore"):
            self.history.append(self._trainer.scalars)
        if self._head >= self._stretch.timeline.next_step:
            self._stretch.timeline.keep(self._trainer.state())

    def _go_back_to(self, step: int) -> None:
        """Put the trainer where step number `step` begins, with the project as it is shown."""
        if self._visited is None and step >= self._head:
            return
        project, stretch = self.project, self._visited or self._stretch.holding(step)
        if stretch is not self._stretch:
            stretch = stretch.branch(step, lambda project: project, project)
        self._enter(Place(project, stretch, step, step, 0.0))

    def _report(self, stop: NonFinite) -> None:
        self._broken = True
        if str(stop) != self._told:
            self._announce(str(stop))

    def _announce(self, reason: str) -> None:
        self._broken, self._told = True, reason
        self.message.emit(f"Stopped at {reason}. {remedy(self.project, reason)}")

    def _announce_early_stop(self) -> None:
        watch = self._trainer.watch
        stopping = self.project.training.early_stopping
        back = ", whose parameters are back" if stopping and stopping.restore_best else ""
        self.message.emit(
            f"Stopped early at step {watch.stopped_at}: the loss was lowest, {watch.best_loss:.4g}, "
            f"after step {watch.best_step}{back}."
        )

    def _first_selection(self) -> Quantity:
        return Quantity("delta", 1, (0,))
