"""The import dialog: what was found can be changed, a broken table says its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from tests.ui.window.conftest import Open

from deltaglow.model.project import InlineData
from deltaglow.ui.importing import ImportDialog
from deltaglow.ui.importing import dialog as dialog_module
from deltaglow.ui.main_window import MainWindow

ROWS = "width;kind\n" + "".join(f"{k},5;{'big' if k > 20 else 'small'}\n" for k in range(40))


def asked(window: MainWindow, qtbot: QtBot) -> ImportDialog:
    """The dialog, once the table is read or refused."""
    found = window.findChild(ImportDialog)
    assert isinstance(found, ImportDialog)
    qtbot.waitUntil(found.progress.isHidden)
    return found


def choose(combo: object, name: str) -> None:
    """As a person does."""
    combo.setCurrentIndex(combo.findData(name))  # type: ignore[attr-defined]
    combo.activated.emit(combo.currentIndex())  # type: ignore[attr-defined]


def test_a_table_is_opened(open_window: Open, tmp_path: Path, qtbot: QtBot) -> None:
    window = open_window("worked-example")
    path = tmp_path / "trees.csv"
    path.write_text(ROWS, encoding="utf-8")
    window.files.open_file(path)
    asks = asked(window, qtbot)
    assert (asks.format.delimiter.name(), asks.format.decimal.name()) == (";", ",")
    assert asks.preview.rows.headerData(1, Qt.Orientation.Horizontal) == "kind (target)"
    assert asks.preview.rows.headerData(0, Qt.Orientation.Vertical) == "2", "lines of the file"
    assert asks.outcome.text() == "40 samples: 1 feature, to tell 2 classes (small, big)."
    qtbot.mouseClick(asks.take, Qt.MouseButton.LeftButton)
    project = window.lab.project
    assert isinstance(project.data, InlineData) and project.data.classes == ("small", "big")
    assert project.network.sizes == (1, 16, 2)
    assert window.lab.document.path is None, "saving asks for a name: the table stays as it is"
    assert "trees" in window.windowTitle()


def test_what_was_found_can_be_changed(open_window: Open, qtbot: QtBot) -> None:
    """And the data of the project that is there replaced: one step, which undo takes back."""
    window = open_window("iris")
    before = window.lab.project
    QGuiApplication.clipboard().setText("a\tb\tc\n1\t5\t2.5\n3\t\t4\n8\t2\t1\n")
    QTest.keyClick(
        window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    asks = asked(window, qtbot)
    assert asks.format.delimiter.name() == "\t" and not asks.format.encoding.isEnabled()
    assert asks.outcome.text() == (
        "2 samples: 2 features, to tell c, a number. 1 row left out for a missing value."
    )
    choose(asks.options.missing, "mean")
    assert "3 samples" in asks.outcome.text() and "1 missing value filled" in asks.outcome.text()
    choose(asks.options.target, "a")
    assert asks.columns.columns.features == ("b", "c"), "the target of before is learned from"
    asks.columns.selectRow(2)
    QTest.keyClick(asks.columns, Qt.Key.Key_Space)
    assert asks.columns.columns.features == ("b",)
    choose(asks.options.kind, "classes")
    assert "3 classes (1, 3, 8)" in asks.outcome.text()
    asks.columns.columns.tick_all(False)
    assert not asks.take.isEnabled() and "no column beside 'a'" in asks.outcome.text()
    asks.columns.columns.tick_all(True)
    asks.options.held_out.setValue(0.0)
    choose(asks.options.place, "here")
    qtbot.mouseClick(asks.take, Qt.MouseButton.LeftButton)
    project, stack = window.lab.project, window.lab.document.undo_stack
    assert isinstance(project.data, InlineData) and project.data.x.tolist() == [[5, 2.5], [3.5, 4], [2, 1]]
    assert project.network.sizes[1:-1] == before.network.sizes[1:-1], "the network stays where it fits"
    assert stack.undoText() == "Import Pasted table"
    stack.undo()
    assert window.lab.project == before


def test_the_header_and_the_delimiter_follow(open_window: Open, tmp_path: Path, qtbot: QtBot) -> None:
    window = open_window("worked-example")
    path = tmp_path / "t.tsv"
    path.write_text("x\ty\n" + "1\t2\n3\t4\n" * 30, encoding="utf-8")
    window.files.open_file(path)
    asks = asked(window, qtbot)
    asks.format.header.click()
    assert asked(window, qtbot).outcome.text().startswith("61 samples: 3 features"), "words make features"
    assert asks.preview.rows.headerData(0, Qt.Orientation.Horizontal).startswith("column 1")
    choose(asks.format.delimiter, ",")
    asked(window, qtbot)
    assert asks.preview.rows.columnCount() == 1 and not asks.take.isEnabled()
    asks.reject()
    assert window.lab.project.title != "t"


def test_a_table_can_be_dropped(open_window: Open, tmp_path: Path) -> None:
    window = open_window("worked-example")
    data = QMimeData()
    for name, expected in (("a.csv", True), ("a.TSV", True), ("a.json", True), ("a.png", False)):
        data.setUrls([QUrl.fromLocalFile(str(tmp_path / name))])
        assert (window.files.dropped(data) is not None) == expected


def test_a_broken_table_says_its_line(open_window: Open, tmp_path: Path, qtbot: QtBot) -> None:
    window = open_window("worked-example")
    before = window.lab.project
    path = tmp_path / "broken.csv"
    path.write_text("a,b\n1,2\n3\n", encoding="utf-8")
    window.files.open_file(path)
    asks = asked(window, qtbot)
    assert asks.outcome.text() == "Line 3 has 1 field, the first row has 2"
    assert not asks.take.isEnabled()
    wrong = asks.preview.rows.index(asks.preview.rows.row_of(3) or 0, 0)
    assert asks.preview.rows.data(wrong, Qt.ItemDataRole.ToolTipRole) == "Line 3 cannot be read"
    window.files.open_file(tmp_path / "missing.csv")
    qtbot.waitUntil(lambda: window.files._importer is not None and window.files._importer is not asks)
    assert window.files._importer is not None
    again = window.files._importer
    qtbot.waitUntil(again.progress.isHidden)
    assert "cannot be read: no such file" in again.outcome.text()
    again.reject()
    assert window.lab.project == before


def test_reading_stops_and_of_too_many_rows_some_are_taken(
    open_window: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window("worked-example")
    monkeypatch.setattr(dialog_module.importing, "most_samples", lambda *_: 100)
    text = "x,y\n" + "".join(f"{k},{k / 3:.3f}\n" for k in range(30_000))
    window.files.import_from(text)
    asks = window.findChild(ImportDialog)
    assert isinstance(asks, ImportDialog)
    qtbot.mouseClick(asks.stop, Qt.MouseButton.LeftButton)
    assert "stopped" in asks.outcome.text() and not asks.take.isEnabled()
    qtbot.mouseClick(asks.stop, Qt.MouseButton.LeftButton)
    asked(window, qtbot)
    assert "100 samples" in asks.outcome.text() and "There are 30,000" in asks.outcome.text()
    assert not asks.options.seed.isEnabled(), "evenly spaced ones need no seed"
    choose(asks.options.take, "random")
    assert asks.options.seed.isEnabled()
    first = asks._found
    asks.options.seed.setValue(7)
    assert first is not None and asks._found is not None
    assert first.dataset.x.tolist() != asks._found.dataset.x.tolist()
    window.close()
    assert window.findChild(ImportDialog) is None or not asks.isVisible(), "it goes with the window"


def test_data_are_replaced_during_a_run(open_window: Open, qtbot: QtBot) -> None:
    """The run goes on with the new samples; undo goes back over it and over the import."""
    window = open_window("iris")
    lab, stack = window.lab, window.lab.document.undo_stack
    before = lab.project
    window.files.import_from(
        "a,b,kind\n" + "".join(f"{k / 7:.2f},{k % 9},{'uvwx'[k % 4]}\n" for k in range(80))
    )
    asks = asked(window, qtbot)
    choose(asks.options.place, "here")
    lab.train()
    qtbot.waitUntil(lambda: lab.history.length > 20)
    asks.make()
    assert lab.running and lab.project.network.sizes[::2] == (2, 4)
    length = lab.history.length
    qtbot.waitUntil(lambda: lab.history.length > length)
    lab.pause()
    assert [stack.text(place).split()[0] for place in range(stack.count())] == ["Train", "Import", "Train"]
    stack.undo()
    stack.undo()
    assert lab.project == before
