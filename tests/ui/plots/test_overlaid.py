"""Several runs in one plot: each in its colour, told apart without it, on one scale, in the order wanted."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot
from tests.session.test_overlays import four_runs
from tests.ui.plots.runs import Run, shown

from deltaglow.session.lab import Lab
from deltaglow.ui.plots.gradient import GradientNormPlot
from deltaglow.ui.plots.loss import LossPlot
from deltaglow.ui.plots.orders import MOST, ORDERS, Said, entries, in_order
from deltaglow.ui.plots.pyramid import Pyramid, bulk
from deltaglow.ui.plots.run_colours import ORDER, SIGNS, run_color, run_dashes, run_sign
from deltaglow.ui.theme import Theme


@pytest.fixture
def lab(qapp: QApplication) -> Iterator[Lab]:
    made = four_runs()
    yield made
    made.close()


@pytest.fixture
def plot(lab: Lab, qtbot: QtBot) -> LossPlot:
    made = LossPlot(lab, Theme("dark"))
    shown(qtbot, made)
    made.resize(640, 240)
    made.refresh()
    lab.overlays.show([one.key for one in lab.overlays.offered])
    return made


def test_all_that_are_chosen_are_drawn_whole(plot: LossPlot, lab: Lab) -> None:
    chart = plot._chart
    assert chart is not None and [run.title for run in chart.overlaid.runs] == ["Run 1", "Run 2", "Run 3"]
    for curves, number in zip(chart.overlaid.curves, (1, 2, 3), strict=True):
        y = curves._curves[0].getData()[1]
        assert np.array_equal(y, lab.branches[number].history.columns(["loss"])[:, 0])
        assert curves._curves[0].opts["pen"].color() == run_color(Theme("dark"), number - 1)
    names = [item.toPlainText() for item in chart._ends.items if item.isVisible()]
    assert sorted(names) == ["1", "2", "3"]
    lab.overlays.show(["branch 2"], False)
    assert [run.title for run in chart.overlaid.runs] == ["Run 1", "Run 3"]
    assert chart.overlaid.curves[1]._curves[0].opts["pen"].color() == run_color(Theme("dark"), 2)


def test_the_legend_names_them_and_the_pointer_reads_them_all(plot: LossPlot, lab: Lab) -> None:
    lab.rename_branch(2, "slow & <b>steady</b>")
    assert "Run 4" in plot.readout and ("Run 1" in plot.readout or ">1<" in plot.readout)
    plot._on_hover(3)
    assert "slow &amp; &lt;b&gt;steady&lt;…" in plot.readout
    for number in (1, 2, 3, 4):
        value = lab.branches[number].history.columns(["loss"])[3, 0]
        assert f"{value:.4g}" in plot.readout
    for order, ascending in (("ascending", True), ("descending", False)):
        plot.set_order(order)
        values = {n: float(lab.branches[n].history.columns(["loss"])[3, 0]) for n in (1, 2, 3, 4)}
        ordered = sorted(values, key=lambda n: values[n], reverse=not ascending)
        titles = {1: "Run 1<", 2: "slow &amp;", 3: "Run 3<", 4: "Run 4<"}
        places = [plot._chart.told.index(titles[n]) for n in ordered]
        assert places == sorted(places)


def test_the_table_has_a_column_for_each_and_the_menu_chooses(plot: LossPlot, lab: Lab) -> None:
    lab.next_step()
    plot.refresh()
    table = plot.table()
    assert table is not None and table.count == 7
    rows = list(csv.reader(io.StringIO(table.csv().decode())))
    assert rows[0] == ["step", "loss", "Run 1: loss", "Run 2: loss", "Run 3: loss"]
    assert len(rows) == 8 and rows[-1][2:] == ["", "", ""] and float(rows[6][2]) > 0
    menu = plot.menu()
    runs = next(each for each in menu.findChildren(QMenu) if each.title() == "Runs")
    assert [a.text() for a in runs.actions() if a.isCheckable()] == ["Run 1", "Run 2", "Run 3"]
    assert all(a.isChecked() and a.toolTip() for a in runs.actions() if a.isCheckable())
    runs.actions()[0].trigger()
    assert [one.title for one, _ in lab.overlays.drawn] == ["Run 2", "Run 3"]
    next(a for a in runs.actions() if a.text() == "None").trigger()
    assert not lab.overlays.drawn and not len(plot._chart.overlaid)


def test_they_are_drawn_against_epochs_and_time_of_their_own(plot: LossPlot, lab: Lab) -> None:
    plot.set_across("epoch")
    curves, run = plot._chart.overlaid.curves[0], plot._chart.overlaid.runs[0]
    each = lab.branches[1].stretch.steps_per_epoch
    assert curves._curves[0].getData()[0] == pytest.approx(np.arange(6) / each)
    plot.set_across("time")
    run = plot._chart.overlaid.runs[0]
    assert run.scale.at(6) == pytest.approx(lab.branches[1].history.pace.at(np.array([6]))[0])


def test_paler_is_the_second_curve_of_a_run_and_it_has_one_name(lab: Lab, qtbot: QtBot) -> None:
    made = GradientNormPlot(lab, Theme("light"))
    shown(qtbot, made)
    made.refresh()
    lab.overlays.show(["branch 1"])
    first, second = (c.opts["pen"].color() for c in made._chart.overlaid.curves[0]._curves)
    assert first == run_color(Theme("light"), 0) and second.lightness() > first.lightness()
    made._on_hover(2)
    assert "Run 1 · 2" in made.readout and "Run 4 · 1" in made.readout


def test_colours_and_dashes_tell_many_runs_apart() -> None:
    theme = Theme("dark")
    looks = {(run_color(theme, n).name(), run_dashes(n)) for n in range(len(ORDER) * 4)}
    assert len(looks) == len(ORDER) * 4
    assert all(run_dashes(n) != run_dashes(n + 1) for n in range(40))
    assert {run_sign(n) for n in range(8)} == set(SIGNS)


@pytest.mark.parametrize("order", list(ORDERS))
def test_values_in_order(order: str) -> None:
    said = [Said(str(v), "", v, "", QColor("red")) for v in (0.5, math.nan, 3.0, -1.0)]
    found = [one.value for one in in_order(said, order, 2.0)]
    wanted = {
        "drawn": [0.5, math.nan, 3.0, -1.0],
        "descending": [3.0, 0.5, -1.0, math.nan],
        "ascending": [-1.0, 0.5, 3.0, math.nan],
        "nearest": [3.0, 0.5, -1.0, math.nan],
    }[order]
    assert np.array_equal(found, wanted, equal_nan=True)


def test_of_very_many_values_it_says_how_many_more() -> None:
    said = [Said("run", "loss", 1.0, "1", QColor("red"))] * (MOST + 6)
    found = entries(said)
    assert len(found) == MOST + 1 and found[0][0] == "run · loss" and found[-1][0] == "and 6 more"


def test_outliers_are_left_out_of_account_and_back(run: Run, qtbot: QtBot) -> None:
    plot = LossPlot(run, Theme("dark"))
    run.add(*([1.0, 1.5, 2.0] * 40), 1e6)
    shown(qtbot, plot)
    plot.refresh()
    box = plot._chart.getPlotItem().getViewBox()
    assert box.viewRange()[1][1] >= 1e6
    action = next(a for a in plot.menu().actions() if a.text() == "Ignore outliers")
    assert action.isCheckable() and action.toolTip()
    action.trigger()
    low, high = box.viewRange()[1]
    assert low <= 1.0 and 2.0 <= high < 3.0 and "outliers" in plot._chart.toolTip()
    plot.set_bulk_only(False)
    assert box.viewRange()[1][1] >= 1e6


def test_the_bulk_is_numpys_percentiles() -> None:
    values = np.random.default_rng(0).normal(size=(300, 2))
    values[7, 0] = np.nan
    made = Pyramid(2)
    made.append(values)
    assert bulk([made, Pyramid(1)]) == pytest.approx(np.nanpercentile(values, [5, 95]))
    assert bulk([Pyramid(2)]).size == 0
