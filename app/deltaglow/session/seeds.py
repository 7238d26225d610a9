"""The same run from several seeds, one after the other, on a thread of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from threading import Event
from time import perf_counter

import numpy as np
from PySide6.QtCore import QObject, QThread, Signal

from deltaglow.engine import NonFinite
from deltaglow.explain.band import Band, Rows, Run, band
from deltaglow.model import build
from deltaglow.model.project import Project

LEAST, MOST, USUAL = 2, 50, 5
"""Seeds."""
MOST_NUMBERS = 40_000_000
"""Steps times seeds times columns that are kept until the band is made: 160 MB."""
COLUMNS = (
    "loss",
    "accuracy",
    "r_squared",
    "validation_loss",
    "validation_accuracy",
    "validation_r_squared",
)
TOLD_EVERY = 0.05
"""Seconds between two words of how far it is."""


class SeedRuns(QThread):
    """Trains a project for so many steps from each of the seeds, as a run from its very start that draws its
    parameters and batches from that seed; parameters that the project gives stay as they are.
    """

    advanced = Signal(int, float)
    """How many runs are done, and the share of all steps."""
    done = Signal(object)
    """A Band: of all seeds, or of those that were done when it was stopped; None if none was."""
    broke = Signal(int, str)
    """The run from this seed ended early, and why; it is in the band as far as it came."""

    def __init__(self, project: Project, seeds: Sequence[int], steps: int, parent: QObject) -> None:
        super().__init__(parent)
        self.setObjectName("seeds")
        self._project = replace(project, state=None)
        self._seeds, self._steps = tuple(seeds), steps
        self._stopped = Event()
        self._told = 0.0

    def ask_to_stop(self) -> None:
        """End after the step under way; `done` tells of what there is."""
        self._stopped.set()

    def stop(self) -> None:
        """The same, and return when that is so."""
        self._stopped.set()
        self.wait()

    def run(self) -> None:
        """Train them all. Whatever happens, `done` ends it: somebody waits for that."""
        found: Band | None = None
        try:
            found = self._all()
        finally:
            self.done.emit(found)

    def _all(self) -> Band | None:
        kept: list[tuple[int, Run]] = []
        names: tuple[str, ...] = ()
        for seed in self._seeds:
            training, began = replace(self._project.training, seed=seed), perf_counter()
            names, rows, whole = self._one(replace(self._project, training=training), seed, len(kept))
            if not whole:
                break
            kept.append((seed, Run(rows, perf_counter() - began)))
        seeds, runs = [seed for seed, _ in kept], [run for _, run in kept]
        return band(self._project, seeds, names, runs) if kept else None

    def _one(self, project: Project, seed: int, before: int) -> tuple[tuple[str, ...], Rows, bool]:
        """The columns of one run and their numbers; False if it was stopped first."""
        trainer = build.trainer(project)
        names = tuple(name for name in COLUMNS if name in trainer.scalar_names)
        places = [trainer.scalar_names.index(name) for name in names]
        rows = np.full((self._steps, len(names)), np.nan, dtype=np.float32)
        step = 0
        try:
            with np.errstate(all="ignore"), trainer.threads():
                while step < self._steps and not trainer.stopped_early:
                    if self._stopped.is_set():
                        return names, rows, False
                    made = trainer.run(self._steps - step)[:, places]
                    rows[step : step + len(made)] = made
                    step += len(made)
                    self._tell(before, (before + step / self._steps) / len(self._seeds))
        except NonFinite as stop:
            self.broke.emit(seed, str(stop))
        return names, rows[:step], True

    def _tell(self, before: int, share: float) -> None:
        now = perf_counter()
        if now - self._told >= TOLD_EVERY:
            self._told = now
            self.advanced.emit(before, share)
