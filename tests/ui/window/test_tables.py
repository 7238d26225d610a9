"""A table opened or dropped is a project without a file; a broken one says its line and changes nothing."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QUrl
from tests.ui.window.conftest import Open

from deltaglow.model.project import InlineData

ROWS = "width;kind\n" + "".join(f"{k},5;{'big' if k > 20 else 'small'}\n" for k in range(40))


def test_a_table_is_opened(open_window: Open, tmp_path: Path) -> None:
    window = open_window()
    path = tmp_path / "trees.csv"
    path.write_text(ROWS, encoding="utf-8")
    window.files.open_file(path)
    project = window.lab.project
    assert isinstance(project.data, InlineData) and project.data.classes == ("small", "big")
    assert project.network.sizes == (1, 16, 2)
    assert window.lab.document.path is None, "saving asks for a name: the table stays as it is"
    assert "trees" in window.windowTitle()


def test_a_table_can_be_dropped(open_window: Open, tmp_path: Path) -> None:
    window = open_window()
    data = QMimeData()
    for name, expected in (("a.csv", True), ("a.TSV", True), ("a.json", True), ("a.png", False)):
        data.setUrls([QUrl.fromLocalFile(str(tmp_path / name))])
        assert (window.files.dropped(data) is not None) == expected


def test_a_broken_table_says_its_line(open_window: Open, tmp_path: Path) -> None:
    window = open_window()
    before = window.lab.project
    path = tmp_path / "broken.csv"
    path.write_text("a,b\n1,2\n3\n", encoding="utf-8")
    told: list[str] = []
    window.lab.message.connect(told.append)
    window.files.open_file(path)
    assert window.lab.project == before
    assert told and told[0].endswith("broken.csv: line 3: has 1 field, the first row has 2")
