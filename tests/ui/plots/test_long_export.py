"""The numbers of many steps are written while the window goes on, and stopping leaves the file as it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from deltaglow.model import examples
from deltaglow.session.lab import Lab
from deltaglow.ui.plots.long_export import LongExport
from deltaglow.ui.plots.loss import LossPlot
from deltaglow.ui.theme import Theme

STEPS = 60_000


@pytest.fixture
def plot(qtbot: QtBot) -> Iterator[LossPlot]:
    lab = Lab(examples.load("xor"))
    values = np.random.default_rng(0).normal(size=(STEPS, len(lab.history.names))).astype(np.float32)
    values[7] = np.inf
    lab.history.extend(values)
    made = LossPlot(lab, Theme("dark"))
    qtbot.addWidget(made)
    made.refresh()
    yield made
    lab.close()


def begun(plot: LossPlot, target: Path) -> LongExport:
    writing = plot._write_long("CSV", target)
    assert writing is not None
    return writing


def test_every_step_is_in_it_and_the_window_lives_meanwhile(
    plot: LossPlot, qtbot: QtBot, tmp_path: Path
) -> None:
    target, turns = tmp_path / "loss.csv", [perf_counter()]
    timer = QTimer(plot)
    timer.timeout.connect(lambda: turns.append(perf_counter()))
    timer.start(5)
    with qtbot.waitSignal(begun(plot, target).ended, timeout=60_000) as ended:
        pass
    timer.stop()
    assert ended.args == [True] and len(turns) > 5
    lines = target.read_text().splitlines()
    assert lines[0] == '"step","loss"' and len(lines) == STEPS + 1
    wanted = plot._lab.history.columns(["loss"])[:, 0]
    assert lines[8] == "7," and float(lines[-1].split(",")[1]) == wanted[-1]
    assert [line.split(",")[0] for line in lines[1:]] == [str(step) for step in range(STEPS)]


def test_stopped_it_leaves_what_was_there(plot: LossPlot, qtbot: QtBot, tmp_path: Path) -> None:
    target = tmp_path / "loss.csv"
    target.write_text("mine")
    writing = begun(plot, target)
    stop = writing.findChild(QPushButton)
    assert stop is not None and stop.text() == "Stop"
    with qtbot.waitSignal(writing.ended) as ended:
        stop.click()
    assert ended.args == [False] and [path.name for path in tmp_path.iterdir()] == ["loss.csv"]
    assert target.read_text() == "mine"


def test_a_folder_that_cannot_be_written_to_is_told_of(plot: LossPlot, qtbot: QtBot, tmp_path: Path) -> None:
    writing = begun(plot, tmp_path / "gone" / "loss.csv")
    with qtbot.waitSignal(plot._lab.message) as said:
        pass
    assert "No such file" in said.args[0]
    assert not writing.isVisible()


def test_few_steps_are_written_at_once(plot: LossPlot, tmp_path: Path) -> None:
    plot._lab.history.go_to(100)
    plot.refresh()
    assert plot._write_long("CSV", tmp_path / "a.csv") is None and plot.export("CSV", tmp_path / "a.csv")
    assert len((tmp_path / "a.csv").read_text().splitlines()) == 101
