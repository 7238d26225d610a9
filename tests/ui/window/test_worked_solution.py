"""Exporting a worked solution from the window and from the command line, and the pages of a PDF."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from deltaglow.cli.program import main
from deltaglow.explain.solution import Choices, worked_solution
from deltaglow.model import build, examples
from deltaglow.ui.dialogs.worked_solution import WorkedSolutionDialog
from deltaglow.ui.main_window import MainWindow
from deltaglow.ui.printing.boxes import Bar, Box, Lines, boxes
from deltaglow.ui.printing.pdf import paginated, pdf


def opened(window: MainWindow, qtbot: QtBot) -> WorkedSolutionDialog:
    qtbot.keyClick(
        window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    dialog = window.findChild(WorkedSolutionDialog)
    assert dialog is not None
    return dialog


def test_the_dialog_writes_each_format(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.lab.next_step()
    window.lab.next_step()
    dialog = opened(window, qtbot)
    assert (dialog.first.value(), dialog.first.maximum()) == (1, 2)
    assert dialog.notation.name() == "named", "the worked example names its weights"
    for kind, begins in (("html", b"<!doctype html>"), ("tex", rb"\documentclass"), ("md", b"# Worked")):
        target = tmp_path / f"solution.{kind}"
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a, t=target: (str(t), ""))
        dialog.format.setCurrentIndex(dialog.format.findData(kind))
        dialog.export.click()
        assert target.read_bytes().startswith(begins)
        assert dialog.outcome.text() == f"Written: {target}"
    assert not dialog.paper.isEnabled(), "Markdown has no pages"
    assert not dialog.write(tmp_path / "nowhere" / "solution.md")
    assert "nowhere" in dialog.outcome.text()
    assert "No such file" in dialog.outcome.text()
    dialog.reject()


def test_a_pdf_is_made_while_the_window_goes_on_and_can_be_stopped(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window.lab.next_step()
    dialog = opened(window, qtbot)
    dialog.format.setCurrentIndex(dialog.format.findData("pdf"))
    dialog.detail.setCurrentIndex(dialog.detail.findData("brief"))
    target = tmp_path / "solution.pdf"
    dialog.export.setFocus()
    assert dialog.halt.isHidden()
    assert dialog.write(target) and dialog.progress.isVisible() and not dialog.export.isEnabled()
    assert dialog.focusWidget() is dialog.halt and not target.exists(), "the pages are still to be set"
    qtbot.keyClick(dialog.halt, Qt.Key.Key_Space)
    assert "Stopped" in dialog.outcome.text() and not dialog.progress.isVisible()
    assert dialog.focusWidget() is dialog.export
    dialog.write(target)
    qtbot.waitUntil(lambda: 0 < dialog.progress.value() < 100, timeout=60_000)
    qtbot.waitUntil(target.exists, timeout=60_000)
    assert target.read_bytes().startswith(b"%PDF-") and dialog.outcome.text() == f"Written: {target}"
    dialog.write(tmp_path / "other.pdf")
    dialog.reject()
    assert not (tmp_path / "other.pdf").exists(), "closing stops it"


def test_pages_have_the_whole_solution_and_a_number(qapp: QApplication) -> None:
    project = examples.load("worked-example")
    frame = build.trainer(project).preview()
    sheet = worked_solution(project, [frame], Choices(depth="brief"))
    made = pdf(sheet, "letter")
    assert made.startswith(b"%PDF-")
    pages = len(re.findall(rb"/Type\s*/Page\b", made))
    assert 2 <= pages <= 5
    assert re.search(rb"/MediaBox\s*\[\s*0 0 612", made), "US Letter"
    shares = [done for done, _ in boxes(sheet, 490.0)]
    assert shares[0] == 0.0 and shares == sorted(shares) and 0.9 < shares[-1] < 1.0
    flow = [box for _, box in boxes(sheet, 490.0)]
    assert all(box.height >= 0.0 for box in flow)
    right = max(x + part.width for box in flow for x, _, part in box.parts)
    assert right <= 490.0 + 1e-6, "nothing is wider than the column"


def test_lines_stand_evenly_whatever_their_letters(qapp: QApplication) -> None:
    plain, strange = (Lines(text, 11, 400.0) for text in ("of a sample (1)", "of a sample ⟨1⟩ ⊙ 訓"))
    assert plain.descent == strange.descent


def a_box(height: float, keep: bool = False, above: Box | None = None) -> Box:
    return Box(height, [(0.0, 0.0, Bar(height))], keep=keep, above=above)


def rows_of(header: Box, count: int) -> list[Box]:
    return [a_box(10.0, keep=n < count - 1, above=header) for n in range(count)]


def test_what_belongs_together_moves_to_the_next_page_together() -> None:
    header = a_box(10.0, keep=True)
    table = [header, *rows_of(header, 5)]
    before = [a_box(75.0), a_box(10.0, keep=True), a_box(10.0, keep=True), a_box(40.0)]
    pages = paginated([*before, *table, Box(5.0), a_box(20.0), Box(5.0), a_box(50.0)], 100.0)
    assert [len(page) for page in pages] == [1, 3, 9, 1]
    assert pages[2][0][0] is header, "a table that fits a page is not broken"
    assert pages[3][0][0].height == 50.0, "no page begins with a gap"
    assert all(y + box.height <= 100.0 for page in pages for box, y in page)


def test_a_table_longer_than_a_page_has_its_header_on_each() -> None:
    header = a_box(10.0, keep=True)
    heading = a_box(10.0, keep=True)
    pages = paginated([a_box(40.0), heading, header, *rows_of(header, 12)], 100.0)
    assert [len(page) for page in pages] == [7, 9], "it begins where it is"
    assert pages[1][0][0] is header
    pages = paginated([a_box(60.0), heading, header, *rows_of(header, 12)], 100.0)
    assert [len(page) for page in pages] == [1, 10, 5], "not with a heading and a row or two"
    assert pages[1][0][0] is heading


def test_the_command_line_writes_it_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "solution.md"
    assert main(["solve", "@worked-example", "--out", str(target), "--notation", "index", "--skip", "1"]) == 0
    assert "step 1 of gradient descent" in target.read_text("utf-8")
    assert "w^{(2)}_{21}" in target.read_text("utf-8")
    assert main(["solve", "@worked-example", "--out", str(target), "--samples", "2"]) == 1
    assert "step 0 has no sample 2" in capsys.readouterr().err
    assert main(["solve", "@worked-example", "--out", str(target), "--steps", "51"]) == 1
    with pytest.raises(SystemExit, match="2"):
        main(["solve", "@worked-example", "--out", "solution.doc"])
