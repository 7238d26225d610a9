"""Distributions in all their ways; precision and recall; the projector: what is drawn, told and exported."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeVar

import numpy as np
import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from deltaglow.explain.projection import principal
from deltaglow.explain.sketch import histogram, side_by_side
from deltaglow.model import examples
from deltaglow.session.lab import Lab
from deltaglow.ui.plots.card import PlotCard
from deltaglow.ui.plots.distributions import DistributionPlot
from deltaglow.ui.plots.precision_recall import PrecisionRecallPlot
from deltaglow.ui.plots.projector import ProjectorPlot
from deltaglow.ui.plots.spreads import MOST, SHARES, WAYS, picked, step_at
from deltaglow.ui.theme import Theme

Plot = TypeVar("Plot", bound=PlotCard)


def seen(qtbot: QtBot, kind: type[Plot], lab: Lab, theme: str = "dark") -> Plot:
    made = kind(lab, Theme(theme))
    qtbot.addWidget(made)
    made.resize(560, 260)
    made.show()
    made.refresh()
    return made


@pytest.fixture
def iris(qtbot: QtBot) -> Iterator[Lab]:
    del qtbot
    lab = Lab(examples.open_project("@iris"))
    for _ in range(40):
        lab.next_step()
    yield lab
    lab.close()


def picture(plot: PlotCard) -> QImage:
    return plot.grab().toImage()


def test_distributions_in_every_way(iris: Lab, qtbot: QtBot) -> None:
    plot = seen(qtbot, DistributionPlot, iris)
    plot.settle()
    pictures = []
    for way, (word, tip) in WAYS.items():
        plot.set_way(way)
        assert word and tip
        assert all(picture(plot) != before for before in pictures)
        pictures.append(picture(plot))
        plot._on_pointed((0.1, 0.2))
        assert "90 % in" in plot.readout
    plot.set_way("offset")
    plot._on_pressed((0.0, 0.0))
    assert iris.frame.step == plot._sketches.steps[-1]
    plot._on_pressed((0.0, 999.0))
    assert iris.frame.step == plot._sketches.steps[0]
    plot.set_way("overlay")
    plot._on_pressed((0.0, 0.0))
    assert iris.frame.step == plot._sketches.steps[0]


def test_percentiles_are_those_of_the_numbers_to_a_part_of_the_range() -> None:
    values = np.random.default_rng(0).normal(size=5000)
    found = histogram(values)
    part = 2.0**found.power / 32
    assert found.quantiles(SHARES) == pytest.approx(np.quantile(values, SHARES), abs=part)
    assert np.isnan(histogram(np.empty(0)).quantiles(SHARES)).all()


def test_histograms_side_by_side_have_the_same_parts() -> None:
    edges, share = side_by_side([histogram(np.array([0.1, 0.2])), histogram(np.array([3.0, -3.0, 1.0]))])
    assert share.shape == (2, len(edges) - 1) and share.sum(axis=1) == pytest.approx([1.0, 1.0])
    assert edges[0] <= -3.0 and edges[-1] >= 3.0


def test_of_many_histograms_some_are_drawn_and_each_row_is_a_step() -> None:
    assert picked(1) == [0] and picked(5) == [0, 1, 2, 3, 4]
    assert len(picked(500)) == MOST and picked(500)[-1] == 499
    steps = [10, 20, 30]
    assert [step_at("offset", (0.0, y), steps) for y in (2.0, 1.0, 0.0, -5.0)] == [10, 20, 30, 30]


def test_precision_and_recall_class_by_class(iris: Lab, qtbot: QtBot) -> None:
    plot = seen(qtbot, PrecisionRecallPlot, iris)
    assert len(plot._found) == 3 and len(plot.body._curves) == 3 and "AP" in plot.readout
    one = plot._found[1]
    at = len(one.thresholds) // 2
    plot._which.setCurrentIndex(2)
    plot._draw()
    assert len(plot.body._curves) == 1
    plot._on_pointed((float(one.recall[at]), float(one.precision[at])))
    right, wrong, missed, left = one.counts(one.nearest(float(one.recall[at]), float(one.precision[at]))[1])
    assert f"TP {right} FP {wrong} FN {missed} TN {left}" in plot.readout
    table = plot.table()
    assert table is not None and len(list(table.rows)) == len(one.thresholds)
    plot._on_pointed(None)
    assert "AP" in plot.readout
    before = one.average
    plot._held.click()
    assert plot._samples is not None and plot._samples.held_out.all()
    plot._held.click()
    iris.show_step(0)
    plot.refresh()
    assert plot._found[1].average != before


def test_numbers_have_no_precision(qtbot: QtBot) -> None:
    lab = Lab(examples.open_project("@regression"))
    plot = seen(qtbot, PrecisionRecallPlot, lab)
    assert "predicts numbers" in plot._empty.text() and plot._empty.isVisible() and plot.table() is None
    assert plot.picture() is None
    lab.close()


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_projector_shows_a_layer_along_its_axes(iris: Lab, qtbot: QtBot, theme: str) -> None:
    plot = seen(qtbot, ProjectorPlot, iris, theme)
    samples, found = plot._samples, plot._found
    assert samples is not None and found is not None and len(samples.rows) == 150
    outputs = samples.outputs(iris.frame, iris.complete)
    layer = int(plot._layer.name())
    np.testing.assert_array_equal(principal(samples.activations(layer)).places, found.places)
    wrong = int((outputs.argmax(1) != samples.y.argmax(1)).sum())
    assert sum(len(kind.places) for kind in plot.body.crosses.kinds) == wrong == int(plot._wrong.sum())
    assert sum(len(kind.places) for kind in plot.body.spots.kinds) == 150
    assert "of the variance" in plot.readout
    plot._layer.setCurrentIndex(0)
    plot._on_chosen()
    assert plot._found is not None
    np.testing.assert_array_equal(plot._found.places, principal(samples.x).places)
    plot._pair.setCurrentIndex(2)
    plot._on_chosen()
    assert np.array_equal(plot._places, plot._found.places[:, [1, 2]])
    table = plot.table()
    assert table is not None and len(list(table.rows)) == 150 and "axis 1" in table.names[4]


def test_a_press_on_a_sample_goes_to_it(iris: Lab, qtbot: QtBot) -> None:
    plot = seen(qtbot, ProjectorPlot, iris)
    assert plot._samples is not None
    place = plot._places[17]
    plot._on_pointed(tuple(place))
    assert plot.readout.startswith("sample ")
    plot._on_pressed(tuple(place))
    there = np.flatnonzero((plot._places == place).all(axis=1))
    assert iris.row in plot._samples.rows[there]
    plot._on_pressed((1e6, 1e6))
    assert iris.row in plot._samples.rows[there]
    plot.cross_out(False)
    assert not plot.body.crosses.kinds


def test_what_was_zoomed_to_stays_while_steps_are_made(iris: Lab, qtbot: QtBot) -> None:
    plot = seen(qtbot, ProjectorPlot, iris)
    plot.body._taken_over()
    box = plot.body.getPlotItem().getViewBox()
    before = box.viewRange()
    iris.next_step()
    plot.refresh()
    assert box.viewRange() == before
    plot._view_all()
    assert box.viewRange() != before and plot.body.following


def test_precision_and_recall_of_several_runs(iris: Lab, qtbot: QtBot) -> None:
    plot = seen(qtbot, PrecisionRecallPlot, iris)
    end = [one.average for one in plot._found]
    iris.show_step(0)
    iris.edit("Batch", lambda p: replace(p, training=replace(p.training, batch_size=3)))
    for _ in range(3):
        iris.next_step()
    plot.refresh()
    assert len(plot.body._curves) == 3 and "mean" in plot.readout
    iris.overlays.show(["branch 1"])
    plot._others.settle()
    assert len(plot.body._curves) == 6
    there = plot._others.answered
    assert [(one.short, one.steps) for one in there] == [("1", 40)]
    assert [one.average for one in there[0].found] == pytest.approx(end)
    assert plot.readout.count("<span") == 2
    table = plot.table()
    assert table is not None and {str(row[0]) for row in table.rows} == {"Run 1", "Run 2"}
    iris.show_step(0)
    plot.refresh()
    plot._others.settle()
    [other] = plot._others.answered
    assert other.steps == 0
    assert [one.average for one in other.found] == pytest.approx([one.average for one in plot._found])
    iris.compare_with(1)
    plot._others.settle()
    assert [one.short for one in plot._others.answered] == ["B"]
    iris.compare_with(None)
    iris.overlays.show(["branch 1"], False)
    assert len(plot.body._curves) == 3
