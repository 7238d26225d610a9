"""A stretch of a run, in which nothing was edited, and places on the tree that stretches form."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from deltaglow.data import Dataset
from deltaglow.engine import Frame, Trainer, TrainerState
from deltaglow.explain.phases import Phases
from deltaglow.model import build, naming
from deltaglow.model.carry import carried, typed
from deltaglow.model.parts import BatchNorm
from deltaglow.model.project import Change, Layer, Project
from deltaglow.model.run_history import RunHistory
from deltaglow.session.history import History
from deltaglow.session.memory import StateMemory
from deltaglow.session.pace import Pace
from deltaglow.session.timeline import Timeline

if TYPE_CHECKING:
    from deltaglow.session.branches import Branches

SAVED = "were made before the file was saved, which keeps only where the run stood"


class Stretch:
    """From an edit on, or from the very start, as long as nothing is edited: one project and the state it
    begins with decide every step, however often it is gone through.

    trainer: stands at `start`, where the stretch begins. natural: it begins as a new trainer of its project
    does. parent: the stretch of the step before. memory: where its states are kept.
    """

    def __init__(
        self,
        project: Project,
        trainer: Trainer,
        start: TrainerState,
        natural: bool,
        parent: Stretch | None,
        memory: StateMemory,
    ) -> None:
        self.project = project
        self.natural = natural
        self._trainer: Trainer | None = trainer
        self._opened_at: int | None = None
        self.parent = parent
        """The one that it branched off from, if it did."""
        batch = project.training.batch_size
        self.timeline = Timeline(lambda: build.trainer(project), start, memory=memory, batch_size=batch)
        self.phases = Phases(len(project.network.layers), project.network.loss)
        self.steps_per_epoch = trainer.steps_per_epoch
        names = trainer.scalar_names
        self.history: History = (
            History.unknown(names, start.step, memory.spill)
            if parent is None
            else parent.history.branch(start.step, names)
        )
        looks_the_same = parent is not None and _look(parent.project) == _look(project)
        self.first_shown: int = parent.first_shown if parent is not None and looks_the_same else start.step
        """The earliest step that can be shown with this project: those before are of another network, or of
        other data.
        """

    @classmethod
    def fresh(cls, project: Project, memory: StateMemory, past: RunHistory | None = None) -> Stretch:
        """A run from its very start, or from where it stood when its project was saved, with the past that
        was saved with it.
        """
        trainer, bare = build.trainer(project), replace(project, state=None)
        if project.state is None:
            return cls(project, trainer, trainer.state(), natural=True, parent=None, memory=memory)
        now = trainer.state()
        states = [] if past is None else past.trainer_states(now)
        made = cls(bare, trainer, states[0] if states else now, natural=False, parent=None, memory=memory)
        for state in (*states[1:], now):
            made.timeline.keep(state)
        if past is not None:
            made.history = History.of(trainer.scalar_names, past.columns, past.rows, memory.spill)
            if past.pace is not None:
                made.history.pace = Pace.of(*past.pace.T.tolist())
        made._opened_at = now.step
        return made

    @property
    def first_place(self) -> Place:
        """Where it begins, or stood when it was saved, with nothing of the next step shown."""
        step = self._opened_at if self._opened_at is not None else self.begins
        return Place(self.project, self, step, step, 0.0)

    @property
    def begins(self) -> int:
        """The number of its first step."""
        return self.timeline.first.step

    @cached_property
    def dataset(self) -> Dataset:
        """What it learns from."""
        parent = self.parent
        if parent is not None and _feed(parent.project) == _feed(self.project):
            return parent.dataset
        return build.dataset(self.project)

    def trainer(self, step: int) -> Trainer:
        """The trainer, where step number `step` of this stretch begins."""
        self.timeline.resting = False
        if self._trainer is None:
            self._trainer = build.trainer(self.project)
            self.timeline.bring(self._trainer, step)
        elif self._trainer.step_count != step:
            self.timeline.bring(self._trainer, step)
        return self._trainer

    def frame_at(self, step: int) -> Frame:
        """The frame of a completed step of this stretch or of those before it."""
        return self.holding(step).timeline.frame_at(step)

    def passed(self) -> list[TrainerState]:
        """States that the run passed, as long as its network looked as it does now, in order."""
        found: list[TrainerState] = []
        here: Stretch | None = self
        while here is not None:
            before = found[0].step if found else None
            kept = [state for state in here.timeline.kept if before is None or state.step < before]
            found = [state for state in kept if state.step >= self.first_shown] + found
            here = here.parent
        return found

    def holding(self, step: int) -> Stretch:
        """The stretch that a step belongs to: this one or one before."""
        found = self
        while step < found.begins and found.parent is not None:
            found = found.parent
        return found

    @property
    def first(self) -> Stretch:
        """The one that the run began with."""
        found = self
        while found.parent is not None:
            found = found.parent
        return found

    def after(self, earlier: Stretch) -> Stretch:
        """The one that follows an earlier one, among those that led here."""
        found = self
        while found.parent is not None and found.parent is not earlier:
            found = found.parent
        return found

    def branch(self, step: int, change: Change, project: Project) -> Stretch:
        """The stretch that begins with step number `step` when an edit makes this one's project `project`.

        The trainer may pass on to it. If nothing that was learned is left, or there was nothing yet, that is
        a run from its very start.
        """
        trainer = self.trainer(step)
        state, parent = trainer.state(), self.holding(step - 1) if step else None
        shape, memory = trainer.network.architecture, self.timeline.memory
        given = build.with_parameters(self.project, state.theta, state.statistics, shape)
        edited = change(given)
        alike = edited.network.sizes == given.network.sizes  # to compare all the rest takes long
        stays = alike and _without_rate(edited) == _without_rate(given)
        if stays and _without_rate(project) == _without_rate(self.project):
            self._trainer = None
            trainer.learning_rate = project.training.optimizer.learning_rate
            return Stretch(project, trainer, trainer.state(), self.natural and not step, parent, memory)
        if step and alike and _look(edited) == _look(given) and _look(project) == _look(self.project):
            numbers = typed(state, edited, shape)
            if numbers is not None:
                self._trainer = None
                trainer.restore(replace(numbers, learning_rate=project.training.optimizer.learning_rate))
                return Stretch(project, trainer, trainer.state(), False, parent, memory)
        # Weights need not be drawn where learned ones take their place.
        fresh = build.trainer(replace(project, network=edited.network) if step else project)
        start = carried(self.project, state, change, fresh, shape)
        if step and not start.step:
            fresh = build.trainer(project)
            start = fresh.state()
        natural = fresh.state()
        if _same(start, natural):
            return Stretch(project, fresh, natural, natural=True, parent=None, memory=memory)
        fresh.restore(start)
        return Stretch(project, fresh, start, False, parent, memory)

    def state(self, step: int, project: Project) -> TrainerState | None:
        """All that decides the steps from number `step` of this stretch, or one before, with `project`, which
        it is now; None at the very start of a run, which the project alone decides.
        """
        held = self.holding(step)
        here = held if held is self else held.branch(step, lambda project: project, project)
        if here.natural and step == here.begins:
            return None
        return here.own_state(step)

    def own_state(self, step: int) -> TrainerState:
        """All that decides the steps from number `step` of this stretch on; its trainer stays where it is."""
        if self._trainer is not None and self._trainer.step_count == step:
            return self._trainer.state()
        return self.timeline.state_at(step)

    def rest(self) -> None:
        """Hold little, as the run has gone elsewhere and may never come back."""
        self._trainer = None
        self.timeline.rest()


@dataclass(frozen=True, eq=False)
class Place:
    """Where a laboratory stands: its project, on which stretch, after how many completed steps (`head`), and
    which step is shown how far. The stretch's project is the same but for labels.

    branches: all there are there; None where it is still to be found out what coming here makes of them.
    """

    project: Project
    stretch: Stretch
    head: int
    step: int
    position: float
    branches: Branches | None = None


def without_labels(project: Project) -> Project:
    """The project without what only people read: title and names."""
    network = naming.without(project.network)
    if network is project.network and not project.title:
        return project
    return replace(project, title="", network=network)


def fits_between_steps(before: Project, after: Project) -> bool:
    """Whether an edit leaves the network's shape and what it learns from: a run need not end for it."""
    if without_labels(before) == without_labels(after):
        return False
    one, other = before.training, after.training
    made_alike = (one.seed, one.precision, one.device) == (other.seed, other.precision, other.device)
    return made_alike and _feed(before) == _feed(after) and _look(before).network == _look(after).network


def _feed(project: Project) -> tuple[object, ...]:
    return (project.data, project.preparation, project.validation, project.title)


def _without_rate(project: Project) -> Project:
    optimizer = replace(project.training.optimizer, learning_rate=0.0)
    return replace(without_labels(project), training=replace(project.training, optimizer=optimizer))


def _look(project: Project) -> Project:
    """All but the learning rate and the parameters themselves: what a frame is shown and explained with."""
    bare = _without_rate(project)
    layers = tuple(map(_bare, bare.network.layers))
    return replace(bare, network=replace(bare.network, layers=layers))


def _bare(layer: Layer) -> Layer:
    part, skip = layer.part, layer.skip
    if isinstance(part, BatchNorm):
        part = BatchNorm(part.eps, part.momentum)
    return replace(layer, W=None, b=None, part=part, skip=None if skip is None else replace(skip, P=None))


def _same(one: TrainerState, other: TrainerState) -> bool:
    """Whether two states decide the same steps, of trainers of one project."""
    pairs = [(one.theta, other.theta), (one.statistics, other.statistics)]
    pairs += list(zip(one.optimizer, other.optimizer, strict=True))
    return (
        one.step == other.step
        and one.generator == other.generator
        and one.streams == other.streams
        and all(np.array_equal(a, b) for a, b in pairs)
    )
