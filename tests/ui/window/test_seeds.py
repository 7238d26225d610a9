"""Repeating a run over seeds: on a thread, with progress, stopped, and drawn as a band that says of what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from deltaglow.explain.band import Band
from deltaglow.model import build, examples
from deltaglow.session.seeds import SeedRuns
from deltaglow.ui.main_window import MainWindow
from deltaglow.ui.plots.loss import LossPlot
from deltaglow.ui.runs.seeds import SeedDialog, show_seeds

Open = Callable[[str], MainWindow]
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(open_window: Open) -> MainWindow:
    return open_window("spirals")


@pytest.fixture
def dialog(window: MainWindow, qtbot: QtBot) -> SeedDialog:
    for _ in range(5):
        window.lab.next_step()
    modifiers = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(window, Qt.Key.Key_R, modifiers)
    found = window.findChild(SeedDialog)
    assert found is not None
    qtbot.waitActive(found)
    return found


def made(dialog: SeedDialog, window: MainWindow, qtbot: QtBot, seeds: int, steps: int) -> Band:
    dialog.seeds.setValue(seeds)
    dialog.steps.setValue(steps)
    qtbot.mouseClick(dialog.start, LEFT)
    assert dialog.cancel.isEnabled() and not dialog.start.isEnabled()
    qtbot.waitUntil(dialog.start.isEnabled, timeout=20_000)
    assert window.lab.band is not None
    return window.lab.band


def test_the_band_is_of_what_each_seed_gives(window: MainWindow, dialog: SeedDialog, qtbot: QtBot) -> None:
    lab = window.lab
    before = lab.history.columns(["loss"]).tobytes()
    found = made(dialog, window, qtbot, 3, 40)
    losses = []
    for seed in (1, 2, 3):
        trainer = build.trainer(replace(lab.project, training=replace(lab.project.training, seed=seed)))
        losses.append([trainer.step() or trainer.scalars[0] for _ in range(40)])
    every = np.array(losses, dtype=np.float32)
    loss = found.names.index("loss")
    assert found.seeds == (1, 2, 3) and dialog.progress.value() == 1000
    assert np.array_equal(found.low[:, loss], every.min(axis=0))
    assert np.array_equal(found.middle[:, loss], np.median(every, axis=0))
    assert np.array_equal(found.high[:, loss], every.max(axis=0))
    assert np.array_equal(every[0][:5].tobytes(), before), "seed 1 is the run's own"
    assert dialog.words.text() == "3 seeds: least to greatest, dotted the median. Seeds 1, 2, 3; 40 steps."


def test_it_is_drawn_said_and_taken_away(window: MainWindow, dialog: SeedDialog, qtbot: QtBot) -> None:
    plot = window.plots[0]
    assert isinstance(plot, LossPlot)
    plot.refresh()
    found = made(dialog, window, qtbot, 2, 30)
    seeds = plot._chart.seeds
    assert seeds.fills[0].isVisible() and seeds.medians[0].isVisible()
    x, y = seeds.medians[0].getData()
    assert len(x) == 30 and np.allclose(y, found.middle[:, found.names.index("loss")])
    assert "band: 2 seeds" in plot.readout and "2 seeds: least to greatest" in plot._chart.toolTip()
    plot.show_scores(True)
    assert np.allclose(seeds.medians[0].getData()[1], found.middle[:, found.names.index("accuracy")])
    qtbot.mouseClick(dialog.clear, LEFT)
    assert window.lab.band is None and not seeds.fills[0].isVisible() and not dialog.clear.isEnabled()


def test_it_says_when_weights_are_given(open_window: Open, qtbot: QtBot) -> None:
    window = open_window("worked-example")
    show_seeds(window, window.lab)
    dialog = window.findChild(SeedDialog)
    assert dialog is not None and dialog.given.isVisible()
    window.lab.open(examples.load("spirals"))
    assert not dialog.given.isVisible()


def test_an_edit_takes_the_band_away_and_a_seed_does_not(
    window: MainWindow, dialog: SeedDialog, qtbot: QtBot
) -> None:
    lab = window.lab
    found = made(dialog, window, qtbot, 2, 20)
    lab.edit("Seed", lambda p: replace(p, training=replace(p.training, seed=7)))
    assert lab.band is found
    said: list[str] = []
    lab.message.connect(said.append)
    lab.edit("Batch size", lambda p: replace(p, training=replace(p.training, batch_size=7)))
    assert lab.band is None and said == [
        "The band of several seeds is put away: it is of the project before this edit"
    ]


def test_an_edit_while_seeds_run_is_told_of(window: MainWindow, dialog: SeedDialog, qtbot: QtBot) -> None:
    dialog.seeds.setValue(2)
    dialog.steps.setValue(2000)
    qtbot.mouseClick(dialog.start, LEFT)
    window.lab.edit("Batch size", lambda p: replace(p, training=replace(p.training, batch_size=7)))
    qtbot.waitUntil(dialog.start.isEnabled, timeout=60_000)
    assert window.lab.band is None and "edited meanwhile" in dialog.words.text()


def test_it_is_stopped_and_what_was_whole_stays(window: MainWindow, dialog: SeedDialog, qtbot: QtBot) -> None:
    dialog.seeds.setValue(50)
    dialog.steps.setValue(2000)
    qtbot.mouseClick(dialog.start, LEFT)
    qtbot.waitUntil(lambda: dialog.words.text().startswith("Run 2"), timeout=20_000)
    qtbot.mouseClick(dialog.cancel, LEFT)
    qtbot.waitUntil(dialog.start.isEnabled)
    assert window.lab.band is not None and 1 <= len(window.lab.band.seeds) < 50
    assert window.lab.band.steps == 2000


@pytest.mark.parametrize("which", ["dialog", "Esc", "window"])
def test_closing_ends_the_thread(window: MainWindow, dialog: SeedDialog, qtbot: QtBot, which: str) -> None:
    dialog.steps.setValue(100_000)
    qtbot.mouseClick(dialog.start, LEFT)
    runs = dialog._runs
    assert runs is not None
    window.lab.document.undo_stack.setClean()
    if which == "Esc":
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    else:
        (dialog if which == "dialog" else window).close()
    assert dialog._runs is None and window.lab.band is None


def test_each_run_can_be_drawn_and_no_thread_stays(
    window: MainWindow, dialog: SeedDialog, qtbot: QtBot
) -> None:
    assert not dialog.every.isEnabled()
    found = made(dialog, window, qtbot, 3, 20)
    dialog.every.setChecked(True)
    overlays = window.lab.overlays
    assert [one.short for one, _ in overlays.drawn] == [f"s{seed}" for seed in found.seeds]
    one = overlays.drawn[1][0].history
    column = found.names.index("loss")
    assert (one.columns(["loss"])[:, 0] <= found.high[:, column]).all()
    overlays.show(["seed 2"], False)
    assert not dialog.every.isChecked()
    assert len(overlays.drawn) == 2
    made(dialog, window, qtbot, 2, 20)
    assert not overlays.drawn and len(overlays.offered) == 2
    qtbot.waitUntil(lambda: not dialog.findChildren(SeedRuns))
