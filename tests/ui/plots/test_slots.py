"""Any plot in any place: chosen by its heading, made when it is first seen."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from deltaglow.model import examples
from deltaglow.session.lab import Lab
from deltaglow.ui.plots import PLOTS, PlotSlot
from deltaglow.ui.plots.regions import RegionPlot
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
