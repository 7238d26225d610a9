"""The run that a laboratory's own is compared with: what it was like at the step and in the place shown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from deltaglow.engine import Frame
from deltaglow.explain.opening import DEPTHS, Opening
from deltaglow.model.asking import asked
from deltaglow.model.project import Project
from deltaglow.session.branches import Branch
from deltaglow.session.lab import Lab


@dataclass(frozen=True, eq=False)
class Side:
    """One of the two networks, at a step: what it takes to draw it. late: its run has not come so far as the
    step that is shown, and this is where it stands.
    """

    project: Project
    frame: Frame
    opening: Opening
    position: float
    sample: int
    late: bool = False


class OtherRun(QObject):
    """Follows a laboratory to the same step, the same place among the phases and the same sample of B."""

    caughtUp = Signal()
    """Both runs have made equally many steps, as was asked for."""

    def __init__(self, lab: Lab, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lab = lab
        self._known: tuple[tuple[object, ...], Frame, int] | None = None
        self._return_to: int | None = None
        """The branch that is stood on again when the other has caught up with it."""
        lab.runningChanged.connect(self._on_running)

    @property
    def branch(self) -> Branch | None:
        """The branch that is B; None without a comparison."""
        lab = self._lab
        return None if lab.compared is None else lab.branches[lab.compared]

    @property
    def own(self) -> Side:
        """A: what the laboratory shows."""
        lab = self._lab
        return Side(lab.project, lab.frame, lab.opening, lab.position, lab.sample)

    def side(self) -> Side | None:
        """B; None without a comparison, and where the run that is under way is writing what it takes."""
        branch, lab = self.branch, self._lab
        if branch is None:
            return None
        phases, own = branch.stretch.phases, lab.phases
        complete = lab.position >= lab.end
        step = max(min(lab.frame.step, branch.head), branch.stretch.first_shown)
        late = step < lab.frame.step or (step == branch.head and complete)
        if late and step and step == branch.head and step > branch.stretch.first_shown:
            step -= 1  # the last one that it made, rather than the one that comes next
        found = self._frame(branch, step, lab.row if lab.apart else -1)
        if found is None:
            return None
        frame, sample = found
        position = lab.position if len(phases) == len(own) else phases.end * complete
        position = phases.end if late and step < branch.head else min(position, phases.end)
        depth = DEPTHS[0] if lab.running or len(phases) != len(own) else lab.depth
        opening = Opening(frame, phases, sample, depth, None)
        return Side(branch.project, frame, opening, position, sample, late)

    def _frame(self, branch: Branch, step: int, alone: int) -> tuple[Frame, int] | None:
        """The frame of a step, and where in it the sample is; alone: the row that is asked about outside of a
        batch, if any.
        """
        lab, held = self._lab, branch.stretch.holding(step)
        row = lab.row
        key = (branch.stretch, step, row, alone)
        if self._known is not None and self._known[0] == key:
            return self._known[1:]
        if lab.running and held is lab.stretch:
            return None
        frame = held.timeline.frame_at(step)
        place = np.flatnonzero(frame.rows == row)
        data = branch.stretch.dataset
        if place.size and alone < 0:
            sample = int(place[0])
        elif row < len(data.x):
            frame, sample = asked(branch.project, data, row, frame), 0
        else:
            sample = 0
        self._known = key, frame, sample
        return frame, sample

    # Running the shorter one on

    @property
    def behind(self) -> tuple[Branch, int] | None:
        """The branch that has made fewer steps, and how many the other has; None where both have as many."""
        lab, other = self._lab, self.branch
        if other is None:
            return None
        here = lab.branches.here
        mine = max(here.head, lab.head)
        if mine == other.head:
            return None
        return (other, mine) if other.head < mine else (here, other.head)

    def catch_up(self) -> None:
        """Train the one that has made fewer steps until it has as many as the other."""
        lab, behind = self._lab, self.behind
        if behind is None or lab.running:
            return
        branch, steps = behind
        self._return_to = None
        if branch.number != lab.branches.current:
            self._return_to = lab.branches.current
            lab.switch_to(branch.number)
        elif lab.frame.step + lab.complete != branch.head:
            last = max(branch.head - 1, lab.first_step)
            lab.show_step(last, lab.phases.end if last < branch.head else 0.0)
        lab.train(until=steps)

    @Slot(bool)
    def _on_running(self, running: bool) -> None:
        back, lab = self._return_to, self._lab
        if running or back is None:
            return
        self._return_to = None
        if back in lab.branches and lab.compared == back:
            lab.switch_to(back)
        self.caughtUp.emit()
