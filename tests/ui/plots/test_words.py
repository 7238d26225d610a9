"""What plots say beside their pictures: which colour is which class, how good each class is."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QTextDocument
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from deltaglow.model import edits, examples
from deltaglow.model.project import InlineData, Layer, NetworkSpec, Project
from deltaglow.session.lab import Lab
from deltaglow.ui.plots.card import PlotCard
from deltaglow.ui.plots.confusion import ConfusionPlot
from deltaglow.ui.plots.loss import LossPlot
from deltaglow.ui.plots.regions import RegionPlot
from deltaglow.ui.theme import Theme
from deltaglow.ui.theme.classes import class_color


def shown(qtbot: QtBot, plot: PlotCard, width: int = 460) -> None:
    qtbot.addWidget(plot)
    plot.resize(width, 220)
    plot.show()
    qtbot.waitExposed(plot)
    plot.refresh()


def test_the_classes_are_named_in_their_colours_where_there_is_room(qtbot: QtBot, theme: Theme) -> None:
    lab = Lab(examples.open_project("@moons"))
    plot = RegionPlot(lab, theme)
    shown(qtbot, plot)
    qtbot.waitUntil(lambda: plot.readout != "")
    for k, name in enumerate(lab.dataset.class_names):
        assert f'color:{class_color(theme, k).name()}">{name}<' in plot.readout
    plane = plot.body
    QTest.mouseMove(plane.viewport(), QPoint(2, 2))
    QTest.mouseMove(plane.viewport(), QPoint(plane.width() // 2, 40))
    assert "%" in plot.readout and "<" not in plot.readout
    lab.next_step()
    plot.refresh()
    assert "%" in plot.readout, "what is pointed at is not written over"
    plane.pointed.emit(None)
    plot.resize(230, 220)
    qtbot.waitUntil(lambda: plot.readout == "")
    lab.close()


def told(plot: PlotCard) -> str:
    """What a reader sees beside the heading."""
    document = QTextDocument()
    document.setHtml(plot.readout)
    return document.toPlainText().replace("\N{NO-BREAK SPACE}", " ")


def test_names_that_look_like_markup_are_read_as_they_are_written(qtbot: QtBot, theme: Theme) -> None:
    names = ("<b>50K", "a & b <i>")
    data = InlineData([[0, 1], [1, 0], [2, 2]], np.eye(2)[[0, 1, 1]], classes=names)
    lab = Lab(Project(NetworkSpec(2, (Layer(2),)), data))
    lab.next_step()
    matrix = ConfusionPlot(lab, theme)
    shown(qtbot, matrix)
    matrix._on_pointed((0, 1))
    assert told(matrix).endswith(f"× {names[0]} taken for {names[1]}")
    regions = RegionPlot(lab, theme)
    shown(qtbot, regions)
    regions.body.pointed.emit((1.0, 1.0))
    assert any(told(regions).startswith(name) for name in names)
    lab.train()
    lab.pause()
    lab.show_step(0)
    lab.edit("Bias", lambda project: edits.set_bias(project, 1, 0, 0.5))
    lab.rename_branch(1, "<u>fast")
    lab.compare_with(1)
    loss = LossPlot(lab, theme)
    shown(qtbot, loss, 700)
    assert "<u>fast" in told(loss)
    lab.close()


def test_regions_are_discretised_and_samples_left_out(qtbot: QtBot, theme: Theme) -> None:
    lab = Lab(examples.open_project("@iris"))
    plot = RegionPlot(lab, theme)
    shown(qtbot, plot)

    def tones() -> int:
        return len({tuple(pixel) for row in plot._colours(plot._outputs).tolist() for pixel in row})

    actions = {action.text(): action for action in plot.menu().actions()}
    sure = tones()
    actions["Discretise"].setChecked(True)
    assert tones() <= 3 < sure
    drawn = len(plot.body.spots.kinds)
    actions["Samples kept out (hollow)"].setChecked(False)
    assert 0 < len(plot.body.spots.kinds) < drawn
    actions["Training samples"].setChecked(False)
    assert plot.body.spots.kinds == []
    lab.close()


def test_precision_and_recall_stand_beside_each_class(qtbot: QtBot, theme: Theme) -> None:
    lab = Lab(examples.open_project("@iris"))
    for _ in range(20):
        lab.next_step()
    plot = ConfusionPlot(lab, theme)
    shown(qtbot, plot)
    grid, counts = plot.body, plot._found.confusion
    wanted = [f"{100 * counts[k, k] / counts[k].sum():.0f} %" for k in range(3)]
    assert dict(grid._beside)["recall"] == wanted
    right = grid.cells.right()
    assert right < grid.width() - 100
    image = grid.grab().toImage()
    ground = theme.color("panel")
    beside = {
        image.pixelColor(x, y).name()
        for x in range(int(right) + 8, grid.width(), 2)
        for y in range(20, 100, 2)
    }
    assert beside - {ground.name(), QColor(0, 0, 0, 0).name()}, "something is written there"
    plot.resize(240, 220)
    assert grid.cells.right() > grid.width() - 20, "in a narrow one the cells come first"
    lab.close()
