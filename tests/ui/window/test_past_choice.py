"""The choice whether a file keeps the past of its run: it says what that takes, and saving does it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from deltaglow.model import fileformat
from deltaglow.ui.main_window import MainWindow
from deltaglow.ui.past_choice import PastChoice
from deltaglow.ui.plots.history_plot import HistoryPlot

Open = Callable[[str], MainWindow]


@pytest.fixture
def window(open_window: Open) -> MainWindow:
    return open_window("spirals")


def choice(window: MainWindow) -> PastChoice:
    found = window.actions_.menu_bar.findChildren(PastChoice)
    assert len(found) == 1
    menu = found[0].parent()
    assert isinstance(menu, QMenu)
    menu.aboutToShow.emit()
    return found[0]


def test_it_is_chosen_saved_and_opened_again(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    lab, path = window.lab, tmp_path / "run.dglow"
    assert not choice(window).isChecked() and ":" not in choice(window).text()
    for _ in range(9):
        lab.next_step()
    assert window.files.write(path) and fileformat.read_history(path) is None
    assert not lab.document.modified
    found = choice(window)
    past = lab.saved_past()
    assert past is not None and f"{past.nbytes:,} bytes: 9 steps" in found.toolTip()
    found.trigger()
    assert lab.document.keeps_past and lab.document.modified
    assert window.files.write(path)
    loss = lab.history.columns(["loss"]).tobytes()
    third = lab.past_frame(3).theta.tobytes()
    lab.open(fileformat.read(path))
    assert lab.first_step == 9 and not lab.document.keeps_past
    window.files.open_file(path)
    assert choice(window).isChecked() and lab.first_step == 0
    assert lab.history.columns(["loss"]).tobytes() == loss
    lab.show_step(3)
    assert lab.frame.theta.tobytes() == third


def test_a_json_says_why_it_cannot(window: MainWindow, tmp_path: Path) -> None:
    window.lab.next_step()
    window.lab.document.keeps_past = True
    assert window.files.write(tmp_path / "run.json")
    assert "run.json cannot hold it" in choice(window).toolTip()


def test_a_file_without_its_past_says_so_where_the_curves_were(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    lab, path = window.lab, tmp_path / "run.dglow"
    for _ in range(9):
        lab.next_step()
    assert window.files.write(path)
    lab.open(fileformat.read(path))
    plot = window.slots[0].plot
    assert isinstance(plot, HistoryPlot)
    plot.refresh()
    assert plot._empty.isVisible() and "no curves of its first 9 steps" in plot._empty.text()
    for _ in range(5):
        lab.next_step()
    plot.refresh()
    assert not plot._empty.isVisible() and plot._chart is not None
    (left, right), _ = plot._chart.getPlotItem().getViewBox().viewRange()
    assert 8.5 < left < 9.0 and 13.0 <= right < 14.0, "what is known fills the plot"
    plot._chart.follow()
    assert plot._chart.getPlotItem().getViewBox().viewRange()[0][0] == left
