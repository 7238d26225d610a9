"""The learning-rate range test: loss against rate; a press on the curve takes the rate."""

from __future__ import annotations

from dataclasses import replace
from math import log10
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QPushButton, QWidget

from deltaglow.explain.range_test import HIGH, LOW, RangeTest
from deltaglow.session.lab import Lab
from deltaglow.ui.theme import Theme

from .card import PlotCard

if TYPE_CHECKING:
    from .plane import Plane

SLICE_S = 0.012
"""Seconds of training between two looks at what the window wants."""


class RangeTestPlot(PlotCard):
    """Runs when it is told to, on a copy of the network as it is shown, slice by slice; Cancel stops it."""

    heading = "Learning-rate test"
    about = (
        "A short trial run on a copy of the network: the learning rate grows from step to step until the "
        "loss breaks away. Good rates are where it falls fastest. Press on the curve to take one."
    )

    def __init__(self, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(lab, theme, parent)
        self._plane: Plane | None = None
        self._test: RangeTest | None = None
        self._go = QTimer(self)
        self._go.setInterval(0)
        self._go.timeout.connect(self._work)
        self._take = QPushButton(self)
        self._take.setProperty("role", "quiet")
        self._take.clicked.connect(self._take_advised)
        self._take.hide()
        self._button = QPushButton("Run the test", self)
        self._button.setAccessibleName("Run the learning-rate test, or cancel it")
        self._button.clicked.connect(self._on_button)
        self._header.addWidget(self._take)
        self._header.addWidget(self._button)
        lab.runningChanged.connect(self._on_running)
        lab.projectChanged.connect(self._on_project)
        theme.changed.connect(self._on_theme)
        self._say()

    def _empty_text(self) -> str:
        return "Run the test to see at which learning rates this network learns, and where it breaks away."

    def prepare(self) -> None:
        """Builds the plane, which imports pyqtgraph."""
        if self._plane is None:
            from .plane import Plane  # late on purpose: pyqtgraph costs more time than the first frame has

            self._plane = Plane(self._theme, self)
            self._plane.set_log_across()
            self._plane.setAccessibleName("Loss against learning rate")
            self._plane.pointed.connect(self._on_pointed)
            self._plane.pressed.connect(self._on_pressed)
            self._plane.hide()
            self._layout.addWidget(self._plane, 1)

    def refresh(self) -> None:
        """Nothing of it follows a run."""

    def settle(self) -> None:
        """Finish the test that is under way now."""
        while self._go.isActive():
            self._work()

    @Slot()
    def _on_button(self) -> None:
        if self._go.isActive():
            self._go.stop()
            self._draw()
        else:
            self.prepare()
            self._test = RangeTest(self._lab.trained_project)
            self._go.start()
        self._say()

    @Slot()
    def _work(self) -> None:
        assert self._test is not None
        end = perf_counter() + SLICE_S
        while not self._test.done and perf_counter() < end:
            self._test.step()
        if self._test.done:
            self._go.stop()
        self._draw()
        self._say()

    def _draw(self) -> None:
        test = self._test
        there = test is not None and len(test.losses) > 1
        self._empty.setVisible(not there)
        if self._plane is None:
            return
        self._plane.setVisible(there)
        if test is None or not there:
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

    def _say(self) -> None:
        running = self._lab.running
        test = self._test
        self._button.setText("Cancel" if self._go.isActive() else "Run the test" if test is None else "Again")
        self._button.setEnabled(not running)
        self._button.setToolTip(
            "The run under way must pause first"
            if running
            else "Tries rates from 0.00001 to 10 on a copy, in 160 steps"
        )
        advised = test.advised if test is not None and test.done else None
        self._take.setVisible(advised is not None)
        if advised is not None:
            self._take.setText(f"Take {advised:g}")
            self._take.setToolTip("A tenth of the rate at which the loss was least; undo takes it back")
            self._take.setAccessibleName(f"Take the learning rate {advised:g}")
        self._write(f"{100 * test.share:.0f} %" if test is not None and self._go.isActive() else "")

    @Slot(object)
    def _on_pointed(self, place: tuple[float, float] | None) -> None:
        test = self._test
        if place is None or test is None or not len(test.rates):
            self._write("")
            return
        nearest = int(np.abs(np.log10(test.rates) - place[0]).argmin())
        self._write(f"η {test.rates[nearest]:.2g}: loss {test.smoothed[nearest]:.3g}")

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
    def _on_running(self) -> None:
        self._go.stop()
        self._say()

    @Slot()
    def _on_project(self) -> None:
        self._draw()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks."""
        self._go.stop()
        self._say()
        super().hideEvent(event)

    @Slot()
    def _on_theme(self) -> None:
        super()._on_theme()
        self._draw()
