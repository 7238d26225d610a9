"""What the networks of other runs say of the samples: those that are drawn over the one stood on, and B."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from deltaglow.engine import Frame
from deltaglow.engine.verdicts import is_regression
from deltaglow.explain.gathered import Gathered
from deltaglow.explain.precision_recall import PrecisionRecall, by_class
from deltaglow.model.project import Project
from deltaglow.model.samples import prepared
from deltaglow.session.branches import Branch
from deltaglow.session.lab import Lab
from deltaglow.session.overlays import branch_key
from deltaglow.session.run_states import frame_after

SETTLED_MS = 120
"""How long a place must be stayed at before others are brought there: that may take steps made again."""


@dataclass(frozen=True, eq=False)
class Answered:
    """Of one run, after so many steps of it. number: of its colour; None for B, which is dashed."""

    branch: Branch
    number: int | None
    steps: int
    found: list[PrecisionRecall]

    @property
    def short(self) -> str:
        """What it is called where there is little room."""
        return "B" if self.number is None else str(self.branch.number)


class OtherAnswers(QObject):
    """Each at the step that is shown, or at its end where that comes before it, or while the newest is shown.
    They are worked out one by one once the place is stayed at; those from seeds kept no parameters.
    """

    changed = Signal()
    """There are more of them, or fewer."""

    def __init__(self, lab: Lab, parent: QObject) -> None:
        super().__init__(parent)
        self._lab = lab
        self._known: dict[tuple[object, ...], list[PrecisionRecall]] = {}
        self._asked = (False, 0, -1)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._work)

    def ask(self, held_out: bool, most: int, steps: int) -> None:
        """Work out those that are not known. held_out: of which samples; of at most so many. steps: after how
        many; −1 for all that a run has made.
        """
        self._asked = (held_out, most, steps)
        wanted = self._wanted()
        self._known = {key: found for key, found in self._known.items() if key in wanted}
        if len(self._known) < len(wanted):
            self._timer.start(SETTLED_MS)
        else:
            self._timer.stop()

    def settle(self) -> None:
        """Work out all of them now."""
        while self._timer.isActive():
            self._work()

    @property
    def answered(self) -> list[Answered]:
        """What is known by now."""
        wanted = self._wanted()
        return [
            Answered(branch, number, steps, self._known[key])
            for key, (branch, number, steps) in wanted.items()
            if key in self._known
        ]

    def _wanted(self) -> dict[tuple[object, ...], tuple[Branch, int | None, int]]:
        """By what decides them."""
        lab, (held_out, most, asked) = self._lab, self._asked
        numbers = {one.key: number for one, number in lab.overlays.drawn}
        found: dict[tuple[object, ...], tuple[Branch, int | None, int]] = {}
        for branch in lab.branches.others:
            key = branch_key(branch.number)
            if key in numbers or branch.number == lab.compared:
                steps = branch.head if asked < 0 else max(min(asked, branch.head), branch.stretch.first_shown)
                if not is_regression(branch.project.network.loss):
                    found[(key, branch.stretch, steps, held_out, most)] = (branch, numbers.get(key), steps)
        return found

    @Slot()
    def _work(self) -> None:
        """The next one."""
        self._timer.stop()
        missing = [(key, one) for key, one in self._wanted().items() if key not in self._known]
        for key, (branch, _, steps) in missing:
            frame = frame_after(self._lab, branch, steps)
            if frame is None:  # asked again when the run pauses
                continue
            self._known[key] = self._of(branch.stretch.holding(steps).project, frame)
            if len(missing) > 1:
                self._timer.start(0)
            self.changed.emit()
            return

    def _of(self, project: Project, frame: Frame) -> list[PrecisionRecall]:
        held_out, most, _ = self._asked
        held_out = held_out and project.validation is not None
        samples = Gathered(project, prepared(project), frame.architecture, held_out, most)
        return by_class(project.network.loss, samples.y, samples.outputs(frame, False))
