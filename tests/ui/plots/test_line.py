"""The loss along a line, as people use it: begun once, it follows the step and what is selected."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from deltaglow.model import examples
from deltaglow.model.quantity import parse
from deltaglow.session.lab import Lab
from deltaglow.ui.plots.line import LinePlot
from deltaglow.ui.theme import Theme


def shown(qtbot: QtBot, theme: Theme) -> tuple[Lab, LinePlot]:
    lab = Lab(examples.open_project("@iris"))
    for _ in range(6):
        lab.next_step()
    plot = LinePlot(lab, theme)
    qtbot.addWidget(plot)
    plot.resize(520, 240)
    plot.show()
    return lab, plot


def choose(plot: LinePlot, name: str) -> None:
    combo = plot._directions
    combo.setCurrentIndex(combo.findData(name))
    combo.activated.emit(combo.currentIndex())
    plot.settle()


def test_it_follows_the_step_and_reads_out(qtbot: QtBot, theme: Theme) -> None:
    lab, plot = shown(qtbot, theme)
    assert plot.body is None and "line through the parameters" in plot._empty.text()
    qtbot.mouseClick(plot._button, Qt.MouseButton.LeftButton)
    plot.settle()
    first = plot.work
    assert first is not None and first.done and ">val<" in plot.readout
    assert not plot._button.isVisible(), "it follows by itself"
    assert plot.body.isVisible() and plot.body._lines[0].value() == 0.0
    lab.show_step(2)
    qtbot.waitUntil(lambda: plot.work is not first)
    plot.settle()
    middle = plot.body.mapFromScene(
        plot.body.getPlotItem().getViewBox().mapViewToScene(QPointF(first.ray.now, 0.5))
    )
    QTest.mouseMove(plot.body.viewport(), QPoint(2, 2))
    QTest.mouseMove(plot.body.viewport(), middle)
    loss = plot.work.losses[np.abs(plot.work.u).argmin(), 0]
    assert f"{loss:.2g}"[:3] in plot.readout
    lab.close()


def test_one_weight_is_the_one_that_is_selected(qtbot: QtBot, theme: Theme) -> None:
    lab, plot = shown(qtbot, theme)
    lab.select(parse("loss"))
    choose(plot, "parameter")
    assert plot.work is None, "nothing is drawn before it is asked for"
    qtbot.mouseClick(plot._button, Qt.MouseButton.LeftButton)
    assert plot.work is None and "Select a weight" in plot._empty.text() and plot._empty.isVisible()
    lab.select(parse("W[2][1,3]"))
    qtbot.waitUntil(lambda: plot.work is not None)
    plot.settle()
    assert plot.work.ray.axis == "W[2][1,3]" and plot.body.isVisible()
    assert plot.work.ray.now == lab.frame.layers[1].W_after[1, 3]
    drawn = plot.work
    choose(plot, "step")
    assert plot.work is not drawn and plot.work.ray.now == 1.0 and plot.work.done
    lab.close()


def test_a_run_under_way_is_left_alone(qtbot: QtBot, theme: Theme) -> None:
    lab, plot = shown(qtbot, theme)
    qtbot.mouseClick(plot._button, Qt.MouseButton.LeftButton)
    plot.settle()
    drawn = plot.work
    lab.train()
    assert not plot._button.isEnabled()
    plot.refresh()
    assert plot.work is drawn
    lab.pause()
    qtbot.waitUntil(lambda: not lab.running)
    qtbot.waitUntil(lambda: plot.work is not drawn)
    plot.settle()
    lab.close()
