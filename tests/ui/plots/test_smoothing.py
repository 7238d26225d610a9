"""Curves smoothed: the running mean itself, and as people ask for it."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from tests.ui.plots.runs import Run, curve, shown

from deltaglow.explain.numbers import full
from deltaglow.ui.plots.gradient import GradientNormPlot
from deltaglow.ui.plots.loss import LossPlot
from deltaglow.ui.plots.smoothing import CHOICES, smoothed
from deltaglow.ui.theme import Theme


@pytest.mark.parametrize("span", [0.5, 3.0, 40.0])
def test_it_is_the_running_mean_value_by_value(span: float) -> None:
    values = np.random.default_rng(0).normal(size=(2, 300))
    decay, total, weight, wanted = np.exp(-1.0 / span), 0.0, 0.0, []
    for value in values[1]:
        total, weight = decay * total + (1 - decay) * value, decay * weight + (1 - decay)
        wanted.append(total / weight)
    np.testing.assert_allclose(smoothed(values, span)[1], wanted, rtol=1e-9)


def test_what_is_constant_stays_and_gaps_stay_gaps() -> None:
    values = np.full((1, 200), 0.3)
    values[0, 50:60] = np.nan
    found = smoothed(values, 10.0)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(values))
    np.testing.assert_allclose(found[np.isfinite(found)], 0.3, rtol=1e-12)
    assert np.isnan(smoothed(np.full((1, 3), np.nan), 10.0)).all()


def test_the_slider_smooths_and_leaves_the_values_behind_it(qtbot: QtBot, run: Run, theme: Theme) -> None:
    plot = shown(qtbot, LossPlot(run, theme))
    plot.resize(460, 200)
    run.add(*np.random.default_rng(0).uniform(0.2, 1.0, 60))
    plot.refresh()
    raw = curve(plot)[1].copy()
    slider = plot._smoother
    assert slider.isVisible() and "off" in slider.toolTip()
    slider.setFocus()
    for _ in range(3):
        QTest.keyClick(slider, Qt.Key.Key_Right)
    assert slider.steps == CHOICES[3] and "30 steps" in slider.accessibleName()
    assert curve(plot)[1].std() < 0.3 * raw.std()
    np.testing.assert_allclose(plot._chart._bands[0].getData()[1], raw, err_msg="every value, faint")
    assert "running mean" in plot._chart.toolTip()
    plot._on_hover(40)
    assert f"~{curve(plot)[1][40]:.4g}" in plot.readout
    menu = plot.menu()
    smoothing = next(a for a in menu.actions() if a.text() == "Smoothing")
    next(a for a in smoothing.menu().actions() if a.text() == "Off").trigger()
    np.testing.assert_allclose(curve(plot)[1], raw)
    assert not plot._chart._bands[0].isVisible()


def test_it_is_the_same_wherever_one_looks(qtbot: QtBot, run: Run, theme: Theme) -> None:
    plot = shown(qtbot, LossPlot(run, theme))
    run.add(*np.random.default_rng(1).uniform(0.2, 1.0, 5000))
    plot.refresh()
    plot.set_smoothing(300)
    box = plot._chart.getPlotItem().getViewBox()
    whole = plot._chart.smooth_value(0, 4000)
    box.setRange(xRange=(3990, 4010), padding=0)
    assert plot._chart.smooth_value(0, 4000) == pytest.approx(whole, abs=0.01)


def test_many_curves_are_read_out_beside_the_crosshair(qtbot: QtBot, theme: Theme, run: Run) -> None:
    run.begin(9)
    plot = shown(qtbot, GradientNormPlot(run, theme))
    plot.resize(460, 220)
    run.add(*np.geomspace(1.0, 0.5, 40))
    plot.refresh()
    chart = plot._chart
    for across in (0.3, 0.8):
        place = QPoint(int(chart.width() * across), 40)
        QTest.mouseMove(chart.viewport(), QPoint(1, 1))
        QTest.mouseMove(chart.viewport(), place)
        table = chart._readout
        assert table.isVisible() and chart.rect().contains(table.geometry())
        assert not table.geometry().contains(place), "it does not hide what is pointed at"
        values = chart._pyramid.values(0, 40)
        step = chart.step_at(place.x())
        assert all(full(values[k, step], 4) in plot.readout for k in range(9))
    chart.hovered.emit(-1)
    assert not table.isVisible()
