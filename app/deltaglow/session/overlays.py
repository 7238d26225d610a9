"""The runs that are drawn over the one that is stood on: other branches, and those from several seeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from deltaglow.explain.band import Band
from deltaglow.session.history import History
from deltaglow.session.pace import Pace

if TYPE_CHECKING:
    from deltaglow.session.standing import Standing


@dataclass(frozen=True, eq=False)
class Overlay:
    """A run that can be drawn over another. key: by which it is known. title, short: what it is called, and
    where there is little room. history: its scalars. steps_per_epoch: in it.
    """

    key: str
    title: str
    short: str
    history: History
    steps_per_epoch: int


class Overlays(QObject):
    """Which runs are drawn over the one that is stood on. Each keeps the number of its colour, from 0, for as
    long as it is chosen, also while one stands on it oneself.
    """

    changed = Signal()
    """Others are chosen, or there are others."""

    def __init__(self, lab: Standing) -> None:
        super().__init__(lab)
        self._lab = lab
        self._numbers: dict[str, int] = {}
        self._seeds: list[Overlay] = []
        lab.opened.connect(self._on_opened)
        lab.branchesChanged.connect(self.changed)
        lab.comparedChanged.connect(self.changed)

    @property
    def offered(self) -> list[Overlay]:
        """All that there are beside the run that is stood on: branches, then runs from seeds."""
        branches = [
            Overlay(
                branch_key(branch.number),
                branch.title,
                str(branch.number),
                branch.history,
                branch.stretch.steps_per_epoch,
            )
            for branch in self._lab.branches.others
        ]
        return branches + self._seeds

    @property
    def drawn(self) -> list[tuple[Overlay, int]]:
        """Those that are chosen, with the numbers of their colours; not one that is compared, as B."""
        compared = "" if self._lab.compared is None else branch_key(self._lab.compared)
        chosen = [one for one in self.offered if one.key in self._numbers and one.key != compared]
        return [(one, self._numbers[one.key]) for one in chosen]

    def number(self, key: str) -> int | None:
        """The number of a run's colour; None while it is not chosen."""
        return self._numbers.get(key)

    def show(self, keys: list[str], on: bool = True) -> None:
        """Draw these from now on, or no more."""
        before = dict(self._numbers)
        for key in keys:
            if not on:
                self._numbers.pop(key, None)
            elif key not in self._numbers:
                taken = set(self._numbers.values())
                self._numbers[key] = next(n for n in range(len(taken) + 1) if n not in taken)
        if self._numbers != before:
            self.changed.emit()

    @Slot()
    def _on_opened(self) -> None:
        self._numbers.clear()
        self.changed.emit()

    def take_seeds(self, band: Band | None) -> None:
        """The runs of this band take the place of those of the one before."""
        spill, each = self._lab.memory.spill, self._lab.stretch.steps_per_epoch
        for one in self._seeds:
            self._numbers.pop(one.key, None)
        self._seeds = []
        runs = () if band is None else zip(band.seeds, band.runs, strict=True)
        for seed, run in runs:
            assert band is not None
            history = History.of(band.names, band.names, run.rows, spill)
            history.pace = Pace.of([len(run.rows)], [run.seconds])
            self._seeds.append(Overlay(seed_key(seed), f"Seed {seed}", f"s{seed}", history, each))
        self.changed.emit()


def branch_key(number: int) -> str:
    """By which a branch is known among them."""
    return f"branch {number}"


def seed_key(seed: int) -> str:
    """By which the run from a seed is."""
    return f"seed {seed}"
