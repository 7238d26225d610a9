"""The plots under the diagram: nothing lost, nothing drawn twice, readable by pointer and by file."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot
from tests.ui.plots.runs import Run, curve, pixels, shown

from deltaglow.engine import LossSpec
from deltaglow.ui.plots.gradient import GradientNormPlot
from deltaglow.ui.plots.loss import LossPlot
from deltaglow.ui.theme import Theme


def test_before_the_first_step_it_says_what_to_do(qtbot: QtBot, run: Run, theme: Theme) -> None:
    plot = shown(qtbot, LossPlot(run, theme))
    plot.refresh()
    assert plot.steps_shown == 0 and plot._empty.isVisible()
    assert "Train (T)" in plot._empty.text()


def test_every_step_arrives_once(qtbot: QtBot, run: Run, theme: Theme) -> None:
    plot = shown(qtbot, LossPlot(run, theme))
    values = [0.9, 0.7, 0.8, 0.5]
    for value in values:
        run.add(value)
        plot.refresh()
        plot.refresh()
    x, y = curve(plot)
    np.testing.assert_array_equal(x, [0, 1, 2, 3])
    np.testing.assert_allclose(y, values, rtol=1e-6)
    assert plot.steps_shown == 4 and not plot._empty.isVisible()


def test_one_step_alone_can_be_seen(qtbot: QtBot, run: Run, theme: Theme) -> None:
    plot = shown(qtbot, LossPlot(run, theme))
    run.add(0.567)
    plot.refresh()
    assert pixels(plot, theme.text_color("loss")) >= 8


def test_a_peak_among_a_hundred_thousand_steps_is_drawn(qtbot: QtBot, run: Run, theme: Theme) -> None:
    plot = shown(qtbot, LossPlot(run, theme))
    run.add(*[0.5] * 60_000, 9.0, *[0.5] * 40_000)
    plot.refresh()
    x, y = plot._chart._bands[0].getData()
    assert x.size < 2_000
    assert y.max() == 9.0
    x, y = curve(plot)
    assert x.size < 400
    assert "mean" in plot._chart.toolTip()


def test_rewinding_takes_the_steps_away(qtbot: QtBot, run: Run, theme: Theme) -> None:
    plot = shown(qtbot, LossPlot(run, theme))
    run.add(*np.linspace(1.0, 0.1, 50))
    plot.refresh()
    run.history.go_to(10)
    run.historyReset.emit()
    run.add(5.0)
    plot.refresh()
    assert plot.steps_shown == 11
    assert curve(plot)[1][-1] == 5.0
    run.begin(3)
    run.historyReset.emit()
    assert plot._empty.isVisible()


def test_another_network_brings_other_curves(qtbot: QtBot, run: Run, theme: Theme) -> None:
    plot = shown(qtbot, GradientNormPlot(run, theme))
    run.add(0.5)
    plot.refresh()
    assert len(plot._chart._curves) == 2 and ">2 0.05<" in plot.readout
    run.begin(5)
    run.historyReset.emit()
    run.add(0.5, 0.4)
    plot.refresh()
    assert len(plot._chart._curves) == 5
    assert len({c.opts["pen"].color().name() for c in plot._chart._curves}) == 5
    assert all(end.isVisible() for end in plot._chart._ends.items)


def test_gradient_norms_start_on_a_log_scale_and_switch_by_click(
    qtbot: QtBot, run: Run, theme: Theme
) -> None:
    plot = shown(qtbot, GradientNormPlot(run, theme))
    run.add(0.5, 0.4)
    plot.refresh()
    assert plot.log_scale
    np.testing.assert_allclose(curve(plot, 1)[1], np.log10([0.05, 0.04]), rtol=1e-5)
    button = plot._log_button
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not plot.log_scale
    np.testing.assert_allclose(curve(plot, 1)[1], [0.05, 0.04], rtol=1e-5)
    assert '<a href="gradient_norm[1]"' in plot._legend.text(), "a press on its name explains a norm"


def test_zeros_stand_at_the_floor_of_a_log_scale_and_it_is_said(qtbot: QtBot, run: Run, theme: Theme) -> None:
    plot = shown(qtbot, LossPlot(run, theme))
    plot.set_log(True)
    run.add(1.0, 0.0, 0.1)
    plot.refresh()
    np.testing.assert_allclose(curve(plot)[1], [0.0, -2.0, -1.0], atol=1e-6)
    axis = plot._chart.getPlotItem().getAxis("left")
    bottom, top = plot._chart.getPlotItem().getViewBox().viewRange()[1]
    ticks = axis.tickValues(bottom, top, 100)[0][1]
    assert bottom < -2.0 and axis.tickStrings(ticks, 1, 1)[0] == "0"
    assert "lower edge" in plot._chart.toolTip()


def test_values_that_are_not_finite_leave_a_gap(qtbot: QtBot, run: Run, theme: Theme) -> None:
    plot = shown(qtbot, LossPlot(run, theme))
    run.add(1.0, math.inf, math.nan, 0.5)
    plot.refresh()
    np.testing.assert_array_equal(np.isfinite(curve(plot)[1]), [True, False, False, True])
    plot._on_hover(1)
    assert "not finite" in plot.readout


def test_the_pointer_reads_out_a_step(qtbot: QtBot, run: Run, theme: Theme) -> None:
    plot = shown(qtbot, LossPlot(run, theme))
    run.add(*np.linspace(1.0, 0.0, 101))
    plot.refresh()
    chart = plot._chart
    box = chart.getPlotItem().getViewBox()
    place = chart.mapFromScene(box.mapViewToScene(QPointF(50.0, 0.5)))
    viewport = chart.viewport()
    none, at = Qt.MouseButton.NoButton, QPointF(place)
    move = QMouseEvent(
        QMouseEvent.Type.MouseMove, at, viewport.mapToGlobal(at), none, none, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(viewport, move)
    step = int(plot.readout.split("&nbsp;")[0].split()[1])
    assert abs(step - 50) <= 1
    assert f"{1 - step / 100:.4g}" in plot.readout
    assert chart._line.isVisible()
    chart.hovered.emit(-1)
    assert "training batch" in plot.readout and not chart._line.isVisible()


def test_the_range_follows_in_steps_and_stops_for_the_user(qtbot: QtBot, run: Run, theme: Theme) -> None:
    plot = shown(qtbot, LossPlot(run, theme))
    run.add(*[0.5] * 100)
    plot.refresh()
    box = plot._chart.getPlotItem().getViewBox()
    first = box.viewRange()[0]
    run.add(0.5)
    plot.refresh()
    assert box.viewRange()[0] == first
    box.setRange(xRange=(10, 20), padding=0)
    box.sigRangeChangedManually.emit([True, True])
    run.add(*[0.5] * 500)
    plot.refresh()
    assert box.viewRange()[0] == [10, 20]
    plot.view_all()
    assert box.viewRange()[0][1] >= 600


def judged(run: Run, steps: int, every: int) -> None:
    """Losses that fall, validation losses above them and accuracies, taken now and then."""
    run.begin(2, "validation_loss", "validation_accuracy")
    run.historyReset.emit()
    for step in range(steps):
        taken = (2.0 / (step + 1), 0.75) if step % every == 0 else (math.nan, math.nan)
        run.history.append(np.array([1.0 / (step + 1), 0.5, 0.1, 0.1, 0.01, *taken]))


def test_validation_is_drawn_at_the_steps_where_it_was_taken(qtbot: QtBot, run: Run, theme: Theme) -> None:
    plot = shown(qtbot, LossPlot(run, theme))
    judged(run, 101, 20)
    plot.refresh()
    x, y = curve(plot, 1)
    np.testing.assert_array_equal(x, [0, 20, 40, 60, 80, 100])
    np.testing.assert_allclose(y, 2.0 / (x + 1), rtol=1e-6)
    assert ">0.009901<" in plot.readout and ">val 0.0198<" in plot.readout, "the newest of each"
    plot.resize(700, 180)
    qtbot.waitUntil(lambda: ">training batch 0.009901<" in plot.readout)
    assert ">validation 0.0198<" in plot.readout, "where there is room"
    assert pixels(plot, theme.text_color("text")) > 20
    assert "whole epochs" in plot._chart.toolTip()
    plot._on_hover(47)
    assert "val" in plot.readout and f"{2 / 41:.4g} (40)" in plot.readout
    plot._on_hover(60)
    assert f"{2 / 61:.4g}" in plot.readout and "(60)" not in plot.readout


def test_of_many_steps_validation_is_one_line_without_gaps(qtbot: QtBot, run: Run, theme: Theme) -> None:
    plot = shown(qtbot, LossPlot(run, theme))
    judged(run, 40_001, 5_000)
    plot.refresh()
    x, y = curve(plot, 1)
    assert len(x) == 9 and np.isfinite(y).all()
    np.testing.assert_allclose(x, np.arange(9) * 5_000, atol=plot._chart.steps_per_pixel * 3)
    assert not plot._chart._bands[1].isVisible() and plot._chart._bands[0].isVisible()


def test_a_switch_shows_accuracy_in_place_of_the_loss(qtbot: QtBot, run: Run, theme: Theme) -> None:
    plot = shown(qtbot, LossPlot(run, theme))
    judged(run, 41, 20)
    plot.refresh()
    plot.set_log(True)
    switch = next(b for b in plot.findChildren(QToolButton) if b.text() == "accuracy")
    qtbot.mouseClick(switch, Qt.MouseButton.LeftButton)
    assert plot.title.text() == "Accuracy" and plot.axis_label() == "share right"
    np.testing.assert_array_equal(curve(plot, 0)[1], [0.5] * 41)
    np.testing.assert_array_equal(curve(plot, 1)[1], [0.75] * 3)
    assert not plot._log_button.isEnabled() and not plot._chart.log_scale
    qtbot.mouseClick(switch, Qt.MouseButton.LeftButton)
    assert plot.title.text() == "Loss" and plot._chart.log_scale and plot._log_button.isEnabled()
    assert curve(plot)[0].size == 41


def test_regression_has_r_squared_instead_of_accuracy(qtbot: QtBot, run: Run, theme: Theme) -> None:
    plot = shown(qtbot, LossPlot(run, theme))
    network = replace(run.project.network, loss=LossSpec("squared_error"))
    run.project = replace(run.project, network=network)
    run.begin(2, "r_squared")
    run.historyReset.emit()
    run.history.append(np.array([1.0, math.nan, 0.1, 0.1, 0.01, -0.5]))
    run.history.append(np.array([0.9, math.nan, 0.1, 0.1, 0.01, math.nan]))
    plot.show_scores(True)
    assert plot.title.text() == "R²" and "training set" in plot.readout
    np.testing.assert_array_equal(curve(plot)[1], [-0.5])
    assert len(plot._chart._curves) == 1


def test_places_without_a_number_are_empty_in_the_file(
    qtbot: QtBot, run: Run, theme: Theme, tmp_path: Path
) -> None:
    plot = shown(qtbot, LossPlot(run, theme))
    judged(run, 3, 2)
    plot.refresh()
    assert plot.export("CSV", tmp_path / "loss.csv")
    lines = (tmp_path / "loss.csv").read_text().splitlines()
    assert lines[0] == '"step","loss","validation_loss"'
    assert lines[1:3] == ["0,1.0,2.0", "1,0.5,"]
    assert float(lines[3].split(",")[2]) == pytest.approx(2 / 3)


def test_theme_change_recolours(qtbot: QtBot, run: Run, theme: Theme) -> None:
    plot = shown(qtbot, LossPlot(run, theme))
    run.add(0.5, 0.4)
    plot.refresh()
    theme.set_choice("light")
    assert pixels(plot, theme.color("panel")) > 1000
    assert theme.text_color("loss").name() in plot.readout


def test_the_menu_offers_only_what_there_is(qtbot: QtBot, run: Run, theme: Theme) -> None:
    plot = shown(qtbot, LossPlot(run, theme))
    actions = {a.text(): a for a in plot.menu().actions()}
    assert not actions["Export as CSV…"].isEnabled()
    run.add(0.5)
    plot.refresh()
    actions = {a.text(): a for a in plot.menu().actions()}
    assert actions["Export as CSV…"].isEnabled() and actions["View all"].isEnabled()
    actions["Logarithmic scale"].trigger()
    assert plot.log_scale


def test_exports(qtbot: QtBot, run: Run, theme: Theme, tmp_path: Path) -> None:
    plot = shown(qtbot, GradientNormPlot(run, theme))
    run.add(0.5, 0.25)
    plot.refresh()
    assert plot.export("CSV", tmp_path / "norms.csv")
    lines = (tmp_path / "norms.csv").read_text().splitlines()
    assert lines[0] == '"step","gradient_norm[1]","gradient_norm[2]"'
    assert [float(part) for part in lines[2].split(",")] == pytest.approx([1, 0.25, 0.025])
    assert plot.export("PNG", tmp_path / "norms.png")
    assert not QImage(str(tmp_path / "norms.png")).isNull()
    with qtbot.waitSignal(run.message, timeout=1000) as said:
        assert not plot.export("CSV", tmp_path / "nowhere" / "norms.csv")
    assert "nowhere" in said.args[0]
    assert [p.name for p in tmp_path.iterdir() if p.name.endswith(".tmp")] == []


def test_dots_are_single_steps_and_not_means_of_many(qtbot: QtBot, theme: Theme, run: Run) -> None:
    plot = shown(qtbot, LossPlot(run, theme))
    plot.resize(200, 180)
    run.add(*np.geomspace(1.0, 0.5, 40))
    plot.refresh()
    (dots, *_) = plot._chart._dots
    assert dots.isVisible() and len(dots.data) == 40
    run.add(*np.geomspace(0.5, 0.01, 4000))
    plot.refresh()
    assert len(curve(plot)[0]) < 60 and not dots.isVisible()
