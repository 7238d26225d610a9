"""The learning-rate range test: loss against rate; a press on the curve takes the rate."""

from __future__ import annotations

from dataclasses import replace
from math import log10
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QPushButton, QWidget

from deltaglow.explain.numbers import full
from deltaglow.explain.range_test import HIGH, LOW, RangeTest
from deltaglow.model.project import Project
from deltaglow.session.lab import Lab
from deltaglow.ui.theme import Theme

from .export import Table
from .work_plot import WorkPlot

if TYPE_CHECKING:
    from .plane import Plane


class RangeTestPlot(WorkPlot):
    """Runs on a copy of the network as it is shown."""

    heading = "Learning-rate test"
    about = (
        "A short trial run on a copy of the network: the learning rate grows from step to step until the "
        "loss of the same samples breaks away; faint: of each batch. Good rates are where it falls fastest. "
        "Press on the curve to take one."
    )
    verb = "Run the test"
    does = "Tries rates from 0.00001 to 10 on a copy of the network, in 160 steps"

    def __init__(self, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        self._test: RangeTest | None = None
        self._of: object = None
        """What the test depended on."""
        self._take = QPushButton()
        self._take.setProperty("role", "quiet")
        self._take.clicked.connect(self._take_advised)
        super().__init__(lab, theme, parent)
        self._header.insertWidget(self._header.indexOf(self._button), self._take)
        self._take.hide()

    def _empty_text(self) -> str:
        return "Run the test to see at which learning rates this network learns, and where it breaks away."

    @property
    def work(self) -> RangeTest | None:
        """The test."""
        return self._test

    def begin(self) -> None:
        """Another test, of the network as it is shown now."""
        self._of = _tried(self._lab.project)
        self._test = RangeTest(self._lab.trained_project)

    def outdated(self) -> bool:
        """Whether anything was changed but the rate, or what came of the run."""
        return self._of != _tried(self._lab.project)

    def forget(self) -> None:
        """No test."""
        self._test = None

    def dress(self, plane: Plane) -> None:
        """Rates on a logarithmic axis."""
        plane.set_log_across()
        plane.pointed.connect(self._on_pointed)
        plane.pressed.connect(self._on_pressed)

    def refresh(self) -> None:
        """Nothing of it follows a run."""

    def draw(self) -> None:
        """Loss and its mean against the rate, with the rate that is set and the one advised."""
        test = self._test
        there = test is not None and len(test.losses) > 1
        self.show_plane(there)
        if test is None or not there or self._plane is None:
            return
        self._plane.dress("learning rate η", "loss")
        faint, strong = self._theme.color("zero"), self._theme.color("loss")
        curves = np.column_stack([test.losses, test.smoothed])
        self._plane.show_curves(np.log10(test.rates), curves, [faint, strong])
        low, high = float(test.smoothed.min()), min(float(test.smoothed.max()), 2.0 * float(test.smoothed[0]))
        room = 0.15 * (high - low) or 1.0
        self._plane.fit(log10(LOW), log10(HIGH), low - room, high + room)
        advised = test.advised if test.done else None
        now = self._lab.project.training.optimizer.learning_rate
        self._plane.lines([(log10(now), "now")] + ([] if advised is None else [(log10(advised), "advised")]))

    def table(self) -> Table | None:
        """Every rate that was tried."""
        test = self._test
        if test is None:
            return None
        rows = np.column_stack([test.rates, test.losses, test.judged, test.smoothed])
        return Table(["learning rate", "loss of the batch", "loss", "smoothed loss"], rows.tolist())

    def say(self) -> None:
        """Beside the rest, what it advises."""
        super().say()
        test = self._test
        advised = test.advised if test is not None and test.done else None
        self._take.setVisible(advised is not None)
        if test is not None and test.done and advised is None:
            self._write("no rate lowers the loss" if len(test.rates) > 1 else "the loss is not finite")
        if advised is not None:
            self._take.setText(f"Take {advised:g}")
            self._take.setToolTip("A tenth of the rate at which the loss was least; undo takes it back")
            self._take.setAccessibleName(f"Take the learning rate {advised:g}")

    @Slot(object)
    def _on_pointed(self, place: tuple[float, float] | None) -> None:
        test = self._test
        if place is None or test is None or not len(test.rates):
            self.say()
            return
        nearest = int(np.abs(np.log10(test.rates) - place[0]).argmin())
        rate, loss = full(test.rates[nearest], 2), full(test.smoothed[nearest], 3)
        long, metrics = f"η {rate}: loss {loss}", self._legend.fontMetrics()
        self._write(long if metrics.horizontalAdvance(long) <= self._legend.width() else f"L {loss}")

    @Slot(object)
    def _on_pressed(self, place: tuple[float, float]) -> None:
        self._set(float(f"{10.0 ** place[0]:.2g}"))

    @Slot()
    def _take_advised(self) -> None:
        if self._test is not None and self._test.advised is not None:
            self._set(self._test.advised)

    def _set(self, rate: float) -> None:
        training = self._lab.project.training
        optimizer = replace(training.optimizer, learning_rate=rate)
        training = replace(training, optimizer=optimizer)
        self._lab.edit("Learning rate", replace(self._lab.project, training=training))

    @Slot()
    def _on_project(self) -> None:
        super()._on_project()
        if self._plane is not None:
            self.draw()  # the rate that is set


def _tried(project: Project) -> object:
    """What a test depends on: all but the rate, and parameters."""
    training = project.training
    optimizer = replace(training.optimizer, learning_rate=0.0)
    layers = [(layer.part, layer.units, layer.activation) for layer in project.network.layers]
    return (
        project.data,
        project.preparation,
        project.validation,
        project.network.loss,
        layers,
        replace(training, optimizer=optimizer),
    )
