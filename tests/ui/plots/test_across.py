"""Curves against the step, the epoch or the time, of both runs where there are two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from deltaglow.model import examples
from deltaglow.model.project import Project
from deltaglow.session.lab import Lab
from deltaglow.ui.plots.loss import LossPlot
from deltaglow.ui.theme import Theme

STEPS = 40


@pytest.fixture
def plot(qtbot: QtBot) -> Iterator[LossPlot]:
    lab = Lab(examples.load("moons"))
    for _ in range(STEPS):
        lab.next_step()
    made = LossPlot(lab, Theme("dark"))
    qtbot.addWidget(made)
    made.resize(460, 220)
    made.show()
    made.refresh()
    yield made
    lab.close()


def drawn(plot: LossPlot) -> np.ndarray:
    assert plot._chart is not None
    return np.asarray(plot._chart._curves[0].getData()[0])


def test_epochs_are_steps_by_how_many_an_epoch_has(plot: LossPlot) -> None:
    lab, chart = plot._lab, plot._chart
    assert chart is not None
    each = lab._trainer.steps_per_epoch
    assert lab.past_frame(each).epoch == 1
    plot.set_across("epoch")
    assert drawn(plot) == pytest.approx(np.arange(STEPS) / each)
    box = chart.getPlotItem().getViewBox()
    assert chart.getPlotItem().getAxis("bottom").labelText == "epoch"
    assert box.viewRange()[0][1] < 2 * STEPS / each
    assert chart.step_at(chart.mapFromScene(box.mapViewToScene(QPointF(17 / each, 0.0))).x()) == 17
    plot._on_hover(17)
    assert f"step 17, epoch {17 / each:.4g}" in plot.readout
    plot.set_across("step")
    assert drawn(plot) == pytest.approx(np.arange(STEPS))


def test_time_is_what_training_took(plot: LossPlot) -> None:
    plot.set_across("time")
    x = drawn(plot)
    assert (np.diff(x) > 0).all()
    assert x == pytest.approx(plot._lab.history.pace.at(np.arange(STEPS)))
    plot._on_hover(5)
    assert "step 5, " in plot.readout and " s<" in plot.readout.replace("&nbsp;", "<")


def test_another_run_has_epochs_of_its_own(plot: LossPlot) -> None:
    def larger(project: Project) -> Project:
        training = project.training
        return replace(project, training=replace(training, batch_size=2 * training.batch_size))

    lab, chart = plot._lab, plot._chart
    assert chart is not None
    each = lab._trainer.steps_per_epoch
    lab.show_step(0)
    lab.edit("Batch size", larger)
    for _ in range(10):
        lab.next_step()
    lab.compare_with(1)
    plot.refresh()
    plot.set_across("epoch")
    assert np.asarray(chart.beside._curves[0].getData()[0]) == pytest.approx(np.arange(STEPS) / each)
    assert drawn(plot) == pytest.approx(np.arange(10) / lab._trainer.steps_per_epoch)
    assert lab._trainer.steps_per_epoch < each
