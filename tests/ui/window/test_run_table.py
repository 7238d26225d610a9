"""The table of runs: sorted, let through by words and by axes, drawn, exported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage, QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from deltaglow.explain.band import Run, band
from deltaglow.model.project import Change, Project
from deltaglow.ui.main_window import MainWindow
from deltaglow.ui.runs.table import RunTableDialog

Open = Callable[[str], MainWindow]
LEFT = Qt.MouseButton.LeftButton


def trained_with(rate: float, name: str) -> Change:
    def change(project: Project) -> Project:
        optimizer = replace(project.training.optimizer, learning_rate=rate, name=name)
        return replace(project, training=replace(project.training, optimizer=optimizer))

    return change


@pytest.fixture
def dialog(open_window: Open, qtbot: QtBot) -> RunTableDialog:
    """Standing on Run 3."""
    window = open_window("moons")
    lab = window.lab
    for rate, name in ((0.0, ""), (0.02, "adam"), (3.0, "sgd")):
        if rate:
            lab.show_step(0)
            lab.edit("Training", trained_with(rate, name))
        for _ in range(4):
            lab.next_step()
    action = next(a for a in window.actions() if a.text() == "Ta&ble of runs…")
    action.trigger()
    found = window.findChild(RunTableDialog)
    assert found is not None
    qtbot.waitExposed(found)
    return found


def titles(dialog: RunTableDialog) -> list[str]:
    return [run.title for run in dialog.kept]


def column(dialog: RunTableDialog, name: str) -> int:
    return 1 + dialog.model.columns.index(name)


def test_runs_are_sorted_filtered_and_drawn(dialog: RunTableDialog, qtbot: QtBot) -> None:
    lab, header = dialog._lab, dialog.table.horizontalHeader()
    assert titles(dialog) == ["Run 1", "Run 2", "Run 3"] and dialog.empty.isHidden()
    assert {"Steps", "Loss", "Learning rate η", "Optimiser", "β₁"} <= set(dialog.chosen_columns)
    rate = column(dialog, "Learning rate η")
    qtbot.mouseClick(header.viewport(), LEFT, pos=QPoint(header.sectionViewportPosition(rate) + 9, 9))
    assert titles(dialog) == ["Run 2", "Run 1", "Run 3"]
    qtbot.mouseClick(header.viewport(), LEFT, pos=QPoint(header.sectionViewportPosition(rate) + 9, 9))
    assert titles(dialog) == ["Run 3", "Run 1", "Run 2"]
    for order in Qt.SortOrder:  # only one has it: the others come after it, whichever way
        dialog.table.sortByColumn(column(dialog, "β₁"), order)
        assert titles(dialog)[0] == "Run 2"
    qtbot.keyClicks(dialog.filter, "optimiser: (adam|none)")
    assert titles(dialog) == ["Run 2"] and dialog.told.text() == "1 of 3 runs"
    qtbot.mouseClick(dialog.draw, LEFT)
    assert [one.title for one, _ in lab.overlays.drawn] == ["Run 2"]
    dialog.filter.setText("[")
    assert not titles(dialog) and "letter by letter" in dialog.told.text() and not dialog.draw.isEnabled()
    dialog.filter.clear()
    dialog.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    first = dialog.shown.index(0, 0)
    assert dialog.shown.setData(first, Qt.CheckState.Checked.value, Qt.ItemDataRole.CheckStateRole)
    assert {one.title for one, _ in lab.overlays.drawn} == {"Run 1", "Run 2"}
    assert not dialog.shown.setData(dialog.shown.index(2, 0), 0, Qt.ItemDataRole.CheckStateRole)
    dialog.table.selectRow(1)
    qtbot.mouseClick(dialog.go, LEFT)
    assert lab.branches.current == 2 and not dialog.go.isEnabled()


def test_columns_are_chosen_and_stay_so(dialog: RunTableDialog) -> None:
    names = [dialog.columns.item(row).text() for row in range(dialog.columns.count())]
    assert len(set(names)) == len(names)
    dialog.columns.item(names.index("Batch size")).setCheckState(Qt.CheckState.Unchecked)
    dialog.columns.item(names.index("Precision")).setCheckState(Qt.CheckState.Checked)
    dialog._lab.next_step()
    dialog.refresh()
    assert "Batch size" not in dialog.model.columns and "Precision" in dialog.model.columns
    rows = [np.full((4, 1), 0.5 + k, dtype=np.float32) for k in range(2)]
    dialog._lab.set_band(band(dialog._lab.project, (7, 8), ("loss",), [Run(each, 2.0) for each in rows]))
    assert titles(dialog)[-2:] == ["Seed 7", "Seed 8"]
    seed = dialog.kept[-1]
    assert (seed.settings["Seed"].text, seed.results["Loss"].text) == ("8", "1.500")
    dialog.table.selectRow(4)
    assert not dialog.go.isEnabled() and "curves alone" in dialog.go.toolTip()


def test_a_drag_along_an_axis_keeps_those_that_cross_it(dialog: RunTableDialog, qtbot: QtBot) -> None:
    dialog.views.buttons[1].click()
    plot = dialog.parallel
    names = [one.name for one in plot._axes]
    x = round(plot._x(names.index("Learning rate η")))
    top, middle = round(plot._y(1.0)), round(plot._y(0.8))
    qtbot.mousePress(plot, LEFT, pos=QPoint(x, top))
    qtbot.mouseMove(plot, QPoint(x, middle))
    qtbot.mouseRelease(plot, LEFT, pos=QPoint(x, middle))
    assert titles(dialog) == ["Run 3"] and dialog.told.text() == "1 of 3 runs"
    qtbot.mouseClick(plot, LEFT, pos=QPoint(x, middle))
    assert len(titles(dialog)) == 3
    first, second = plot._points(dialog.kept[0])[0][:2]
    place, none = (first + second) / 2, Qt.MouseButton.NoButton
    moved = QMouseEvent(QEvent.Type.MouseMove, place, place, none, none, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(plot, moved)
    assert dialog.told.text().startswith("Run 1 · Optimiser sgd · ")


@pytest.mark.parametrize("view", [0, 1, 2])
def test_every_view_is_exported(dialog: RunTableDialog, tmp_path: Path, view: int) -> None:
    dialog.views.buttons[view].click()
    for kind in ("PNG", "SVG", "CSV"):
        assert dialog.export(kind, tmp_path / kind)
    assert QImage(str(tmp_path / "PNG")).width() > 400
    drawn = (tmp_path / "SVG").read_text(encoding="utf-8")
    assert "Learning rate" in drawn and (view == 0 or "<image" not in drawn)
    lines = (tmp_path / "CSV").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 4 and lines[2].startswith('"Run 2",4.0,')
    assert not dialog.export("CSV", tmp_path / "nowhere" / "CSV") and "nowhere" in dialog.told.text()
    dialog.copy()
    assert QGuiApplication.clipboard().text().splitlines()[3].startswith("Run 3\t4\t")
