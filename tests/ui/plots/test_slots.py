"""Any plot in any place: chosen by its heading, made when it is first seen."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from deltaglow.model import edits, examples
from deltaglow.session.lab import Lab
from deltaglow.ui.plots import PLOTS, PlotSlot
from deltaglow.ui.plots.chart import Chart
from deltaglow.ui.plots.confusion import ConfusionPlot
from deltaglow.ui.plots.distributions import DistributionPlot
from deltaglow.ui.plots.history_plot import HistoryPlot
from deltaglow.ui.plots.landscape import LandscapePlot
from deltaglow.ui.plots.range_test import RangeTestPlot
from deltaglow.ui.plots.regions import RegionPlot
from deltaglow.ui.plots.weights import WeightPlot
from deltaglow.ui.plots.work_plot import WorkPlot
from deltaglow.ui.theme import Theme


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    made = Theme("dark")
    made.apply(qapp)
    return made


def slot(qtbot: QtBot, theme: Theme, lab: Lab, name: str) -> PlotSlot:
    made = PlotSlot(lab, theme, PLOTS, name)
    qtbot.addWidget(made)
    made.resize(460, 240)
    made.show()
    made.refresh()
    return made


def test_the_heading_opens_a_menu_of_all_plots_and_puts_one_in_place(qtbot: QtBot, theme: Theme) -> None:
    lab = Lab(examples.open_project("@moons"))
    place = slot(qtbot, theme, lab, "loss")
    assert place.plot.title.focusPolicy() == Qt.FocusPolicy.TabFocus
    menu = place.plot.title.plot_menu(place.choices)
    assert [a.text() for a in menu.actions()] == [kind.heading for kind in PLOTS.values()]
    assert [a.data() for a in menu.actions() if a.isChecked()] == ["loss"]
    for action in menu.actions():
        assert action.toolTip() and action.toolTip() != action.text()
    menu.actions()[list(PLOTS).index("regions")].trigger()
    assert place.name == "regions" and isinstance(place.plot, RegionPlot) and place.plot.isVisible()
    lab.close()


@pytest.mark.parametrize("name", list(PLOTS))
@pytest.mark.parametrize("project", ["@worked-example", "@regression", "@gates", "@iris", "@convolution"])
def test_every_plot_of_every_kind_of_network_draws_and_follows(
    qtbot: QtBot, theme: Theme, name: str, project: str
) -> None:
    lab = Lab(examples.open_project(project))
    place = slot(qtbot, theme, lab, name)
    for _ in range(2):
        lab.next_step()
    place.refresh()
    assert place.plot.accessibleName() and place.plot.title.toolTip()
    before = place.grab().toImage()
    theme.set_choice("light")
    place.refresh()
    assert place.grab().toImage() != before
    lab.close()


def test_regions_take_the_colour_of_the_class_that_wins(qtbot: QtBot, theme: Theme) -> None:
    lab = Lab(examples.open_project("@moons"))
    place = slot(qtbot, theme, lab, "regions")
    plot = place.plot
    assert isinstance(plot, RegionPlot) and plot._outputs is not None
    picture = plot._colours(plot._outputs)
    wins = plot._outputs.argmax(2)
    blue_over_red = picture[..., 2].astype(int) - picture[..., 0]
    sure = np.abs(plot._outputs[..., 0] - 0.5) > 0.1
    assert sure.any()
    ground = theme.color("panel")
    base = ground.blue() - ground.red()
    assert (blue_over_red[sure & (wins == 0)] > base).all() and (
        blue_over_red[sure & (wins == 1)] < base
    ).all()
    lab.close()


def test_a_press_on_a_weight_selects_it_and_a_selected_one_is_outlined(qtbot: QtBot, theme: Theme) -> None:
    lab = Lab(examples.open_project("@worked-example"))
    place = slot(qtbot, theme, lab, "weights")
    plot = place.plot
    assert isinstance(plot, WeightPlot)
    cells = plot._grid.cells
    at = QPointF(cells.left() + cells.width() * 5 / 6, cells.top() + cells.height() * 3 / 4).toPoint()
    qtbot.mouseClick(plot._grid, Qt.MouseButton.LeftButton, pos=at)
    assert str(lab.selected) == "W[1][1,2]" and plot._grid.marked == (1, 2)
    qtbot.mouseMove(plot._grid, at)
    plot._on_pointed((0, 1))
    assert plot._grid._note == "W[1][0,1]  −0.3"
    lab.close()


def test_first_layer_weights_on_pictures_are_pictures(qtbot: QtBot, theme: Theme) -> None:
    lab = Lab(examples.open_project("@digits"))
    place = slot(qtbot, theme, lab, "weights")
    plot = place.plot
    assert isinstance(plot, WeightPlot) and plot._tiles.isVisible()
    plot._tiles.setChecked(True)
    W = lab.frame.layers[0].W
    across = plot._across
    sheet = plot._tiled(np.pad(W, ((0, 0), (0, 1))))  # behind the pixels come features made of them
    np.testing.assert_array_equal(sheet[9:17, 9:17], W[across + 1].reshape(8, 8))
    assert str(plot._quantity((9 + 2, 9 + 5))) == f"W[1][{across + 1},21]"
    assert plot._quantity((8, 3)) is None  # the gap between two
    lab.close()


def test_the_confusion_matrix_shows_the_counts_and_says_what_a_cell_means(qtbot: QtBot, theme: Theme) -> None:
    lab = Lab(examples.open_project("@iris"))
    place = slot(qtbot, theme, lab, "confusion")
    plot = place.plot
    assert isinstance(plot, ConfusionPlot) and plot._found is not None and plot._found.confusion is not None
    counts = plot._found.confusion
    assert plot._grid._texts is not None
    shown = [[0 if word == "·" else int(word) for word in row] for row in plot._grid._texts]
    np.testing.assert_array_equal(shown, counts)
    plot._on_pointed((1, 2))
    assert plot.readout == f"{counts[1, 2]} × versicolor taken for virginica"
    training = plot._found.samples
    plot._held.setChecked(True)
    assert plot._found.samples < training
    lab.close()


def test_a_constant_rate_says_where_a_schedule_is_chosen(qtbot: QtBot, theme: Theme) -> None:
    lab = Lab(examples.open_project("@moons"))
    place = slot(qtbot, theme, lab, "learning_rate")
    lab.next_step()
    place.refresh()
    assert place.plot._empty.isVisible() and "schedule" in place.plot._empty.text()
    lab.close()


def test_distributions_fill_in_the_past_and_tell_what_is_pointed_at(qtbot: QtBot, theme: Theme) -> None:
    lab = Lab(examples.open_project("@moons"))
    for _ in range(25):
        lab.next_step()
    place = slot(qtbot, theme, lab, "distributions")
    plot = place.plot
    assert isinstance(plot, DistributionPlot)
    plot.settle()
    assert plot._sketches.steps == list(range(25)) and not plot._filling.isActive()
    plot._on_pointed((7.2, 0.0))
    assert plot.readout.startswith("step 7: 90 % in ")
    plot._kind.setCurrentIndex(plot._kind.findData("stuck"))
    plot._draw()
    assert "dead 0" in plot.readout
    place.hide()
    lab.next_step()
    assert not plot._filling.isActive()
    lab.close()


def test_the_range_test_runs_cancels_and_its_rate_is_taken_and_undone(qtbot: QtBot, theme: Theme) -> None:
    lab = Lab(examples.open_project("@spirals"))
    place = slot(qtbot, theme, lab, "range_test")
    plot = place.plot
    assert isinstance(plot, RangeTestPlot) and plot._empty.isVisible()
    qtbot.mouseClick(plot._button, Qt.MouseButton.LeftButton)
    assert plot._button.text() == "Cancel" and plot._test is not None
    qtbot.mouseClick(plot._button, Qt.MouseButton.LeftButton)
    assert plot._button.text() == "Again" and not plot._test.done and not plot._take.isVisible()
    qtbot.mouseClick(plot._button, Qt.MouseButton.LeftButton)
    plot.settle()
    before, advised = lab.project.training.optimizer.learning_rate, plot._test.advised
    qtbot.mouseClick(plot._take, Qt.MouseButton.LeftButton)
    assert lab.project.training.optimizer.learning_rate == advised != before
    plot._on_pressed((-2.0, 0.5))
    assert lab.project.training.optimizer.learning_rate == 0.01
    lab.document.undo_stack.undo()
    lab.document.undo_stack.undo()
    assert lab.project.training.optimizer.learning_rate == before and lab.head == 0
    lab.close()


@pytest.mark.parametrize("name", ["landscape", "range_test", "line"])
def test_what_was_worked_out_for_a_project_is_gone_with_it_seen_or_not(
    qtbot: QtBot, theme: Theme, name: str
) -> None:
    lab = Lab(examples.open_project("@iris"))
    for _ in range(5):
        lab.next_step()
    place = slot(qtbot, theme, lab, name)
    plot = place.plot
    assert isinstance(plot, WorkPlot)
    for hidden in (False, True):
        place.choose(name)
        plot.start()
        plot.settle()
        assert plot.work is not None
        if hidden:
            place.choose("loss")
        lab.open(examples.open_project("@spirals" if hidden else "@iris"))
        assert plot.work is None
        theme.set_choice("light" if theme.name == "dark" else "dark")
        place.choose(name)
        assert plot._empty.isVisible() and plot.readout == "" and plot._button.text() == plot.verb
    assert not (isinstance(plot, RangeTestPlot) and plot._take.isVisible())
    lab.close()


def test_a_press_on_a_curve_goes_to_that_step_and_a_line_stays_there(qtbot: QtBot, theme: Theme) -> None:
    lab = Lab(examples.open_project("@moons"))
    for _ in range(11):
        lab.next_step()
    place = slot(qtbot, theme, lab, "loss")
    chart = place.plot.findChild(Chart)
    assert chart is not None and not chart._now.isVisible()
    there = chart.mapFromScene(chart.getPlotItem().getViewBox().mapViewToScene(QPointF(4.0, 0.3)))
    qtbot.mouseClick(chart.viewport(), Qt.MouseButton.LeftButton, pos=there)
    assert lab.frame.step == 4 and lab.complete and lab.head == 11
    assert chart._now.isVisible() and chart._now.value() == 4
    lab.show_step(10, lab.phases.end)
    assert not chart._now.isVisible()
    lab.close()


def test_a_step_of_an_earlier_network_is_gone_to_with_that_network(qtbot: QtBot, theme: Theme) -> None:
    lab = Lab(examples.open_project("@moons"))
    before = lab.project
    for _ in range(5):
        lab.next_step()
    layers = lab.project.network.layers
    wider = replace(layers[0], units=layers[0].units + 1, W=None, b=None)
    follows = replace(layers[1], W=None)
    network = replace(lab.project.network, layers=(wider, follows, *layers[2:]))
    lab.edit("Add a unit", replace(lab.project, network=network))
    place = slot(qtbot, theme, lab, "loss")
    assert isinstance(place.plot, HistoryPlot)
    place.plot.go_to(2)
    assert lab.frame.step == 2 and lab.complete and lab.project is before
    assert lab.frame.architecture.widths == before.network.sizes
    lab.show_step(5)
    assert lab.project.network.sizes[1] == before.network.sizes[1] + 1
    lab.close()


def test_the_landscape_is_mapped_and_the_path_goes_on_with_the_run(qtbot: QtBot, theme: Theme) -> None:
    lab = Lab(examples.open_project("@xor"))
    for _ in range(200):
        lab.next_step()
    place = slot(qtbot, theme, lab, "landscape")
    plot = place.plot
    assert isinstance(plot, LandscapePlot) and plot._empty.isVisible()
    qtbot.mouseClick(plot._button, Qt.MouseButton.LeftButton)
    plot.settle()
    assert plot._map is not None and plot._map.done and plot._map.along_path and plot._plane is not None
    end = plot._plane._path.getData()[0][-1]
    for _ in range(20):
        lab.next_step()
    place.refresh()
    assert plot._plane._path.getData()[0][-1] != end
    plot._on_pointed((0.0, 0.0))
    assert plot.readout.startswith("loss ")
    qtbot.mouseClick(plot._button, Qt.MouseButton.LeftButton)
    lab.edit("Activation", lambda project: edits.with_activation(project, 1, "relu"))
    place.refresh()  # in the midst of the next map
    assert plot._map is None and plot._empty.isVisible() and not plot._go.isActive()
    lab.close()
