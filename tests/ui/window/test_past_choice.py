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
