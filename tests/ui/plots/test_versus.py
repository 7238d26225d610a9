"""Two runs in one plot: A drawn through, B dashed, on one scale, each with its name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from tests.ui.plots.runs import shown

from deltaglow.model import edits, examples
from deltaglow.model.project import Project
from deltaglow.session.lab import Lab
from deltaglow.ui.plots.gradient import GradientNormPlot
from deltaglow.ui.plots.history_plot import HistoryPlot
from deltaglow.ui.plots.loss import LossPlot
from deltaglow.ui.theme import Theme


def faster(project: Project) -> Project:
    optimizer = replace(project.training.optimizer, learning_rate=1.0)
    return replace(project, training=replace(project.training, optimizer=optimizer))


@pytest.fixture
def lab(qapp: QApplication) -> Iterator[Lab]:
    """Standing on Run 2, 20 steps of which the first 8 are Run 1's, which has 30."""
    made = Lab(examples.load("spirals"))
    for _ in range(30):
        made.next_step()
    made.show_step(8)
    made.edit("Learning rate", faster)
    for _ in range(12):
        made.next_step()
    yield made
    made.close()


def plot(kind: type[HistoryPlot], lab: Lab, qtbot: QtBot, theme: str = "dark") -> HistoryPlot:
    made = shown(qtbot, kind(lab, Theme(theme)))
    made.refresh()
    return made


def drawn(plot: HistoryPlot, number: int = 0) -> tuple[np.ndarray, np.ndarray]:
    x, y = plot._chart.beside._curves[number].getData()
    return x, y


def test_both_runs_whole_on_one_scale(lab: Lab, qtbot: QtBot) -> None:
    made = plot(LossPlot, lab, qtbot)
    lab.compare_with(1)
    x, y = drawn(made)
    one = lab.branches[1].history.columns(["loss"])[:, 0]
    assert np.array_equal(x, np.arange(30)) and np.array_equal(y, one)
    assert np.array_equal(y[:8], made._chart._curves[0].getData()[1][:8])
    (left, right), (bottom, top) = made._chart.getPlotItem().getViewBox().viewRange()
    assert left <= 0 and right >= 29 and bottom <= y.min() and y.max() <= top
    lab.compare_with(None)
    assert not len(made._chart.beside) and not made._chart.beside._curves[0].isVisible()


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_they_are_told_apart_without_colour(lab: Lab, qtbot: QtBot, theme: str) -> None:
    lab.compare_with(1)
    made = plot(GradientNormPlot, lab, qtbot, theme)
    for own, other in zip(made._chart._curves, made._chart.beside._curves, strict=True):
        mine, theirs = own.opts["pen"], other.opts["pen"]
        assert mine.style() == Qt.PenStyle.SolidLine and theirs.style() == Qt.PenStyle.CustomDashLine
        assert mine.color() != theirs.color()
    names = [item.toPlainText() for item in made._chart._ends.items if item.isVisible()]
    assert sorted(names) == ["1A", "1B", "2A", "2B", "3A", "3B"]
    assert made.readout in ("A ━ Run 2  B ┅ Run 1", "A ━  B ┅")


def test_the_pointer_reads_out_both(lab: Lab, qtbot: QtBot) -> None:
    made = plot(LossPlot, lab, qtbot)
    lab.compare_with(1)
    made._on_hover(15)
    one, two = (lab.branches[n].history.columns(["loss"])[15, 0] for n in (1, 2))
    assert f"A {two:.4g} B {one:.4g}" in made.readout


def test_it_follows_names_and_places(lab: Lab, qtbot: QtBot) -> None:
    made = plot(LossPlot, lab, qtbot)
    made.resize(700, 180)
    lab.compare_with(1)
    lab.rename_branch(1, "steady")
    assert "steady" in made.readout
    lab.switch_to(1)
    made.refresh()
    assert len(drawn(made)[0]) == 20 and lab.compared == 2
    lab.delete_branch(2)
    assert not len(made._chart.beside)
    lab.document.undo_stack.undo()
    assert len(drawn(made)[0]) == 20


def test_what_the_other_run_does_not_have_is_left_out(lab: Lab, qtbot: QtBot) -> None:
    lab.edit("Depth", lambda p: edits.add_layer(p, 1))
    lab.next_step()
    lab.compare_with(1)
    made = plot(GradientNormPlot, lab, qtbot)
    assert len(made._chart._curves) == 4
    assert np.isnan(drawn(made, 3)[1]).all()
