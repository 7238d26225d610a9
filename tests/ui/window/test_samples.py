"""The page of samples, by mouse and keys, in the whole window."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit
from pytestqt.qtbot import QtBot
from tests.ui.window.conftest import Open

from deltaglow.model.project import BuiltinData, InlineData
from deltaglow.model.samples import split
from deltaglow.ui.main_window import MainWindow
from deltaglow.ui.samples.holding import SUBJECT
from deltaglow.ui.samples.page import SamplesPage

Key = Qt.Key
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
NONE = Qt.KeyboardModifier.NoModifier


def opened(window: MainWindow, qtbot: QtBot) -> SamplesPage:
    qtbot.keyClick(window, Key.Key_F9)
    assert window.centre.shown == "samples"
    page = window.centre.samples
    qtbot.waitUntil(lambda: page.answers.complete)
    return page


def cell(page: SamplesPage, place: int, kind: str, feature: int = -1) -> QPoint:
    index = page.model.index(place, page.model.column_of(kind, feature))
    page.table.scrollTo(index)
    return page.table.visualRect(index).center()


def double_click(page: SamplesPage, qtbot: QtBot, spot: QPoint) -> None:
    """As the mouse does it: a click, which goes to the row, comes first."""
    qtbot.mouseClick(page.table.viewport(), LEFT, pos=spot)
    qtbot.mouseDClick(page.table.viewport(), LEFT, pos=spot)


def text(page: SamplesPage, place: int, kind: str, feature: int = -1) -> str:
    return str(page.model.index(place, page.model.column_of(kind, feature)).data())


def test_opening_it_while_a_run_goes_takes_hold_of_no_sample(open_window: Open, qtbot: QtBot) -> None:
    window = open_window("blobs")
    lab = window.lab
    lab.train()
    qtbot.waitUntil(lambda: lab.history.length > 50)
    qtbot.keyClick(window, Key.Key_F9)
    page = window.centre.samples
    qtbot.waitUntil(lambda: page.table.hasFocus() and page.table.currentIndex().isValid())
    assert lab.running and lab.pinned is None
    lab.pause()
    assert lab.pinned is None and not lab.apart
    qtbot.waitUntil(lambda: page.answers.complete)
    assert page.table.currentIndex().row() == page.model.place_of(lab.row)


def test_a_row_that_is_gone_to_is_the_sample_that_everything_shows(open_window: Open, qtbot: QtBot) -> None:
    window = open_window("iris")
    lab, page = window.lab, opened(window, qtbot)
    assert page.table.hasFocus()
    assert page.model.rowCount() == 150
    assert page.table.currentIndex().row() == lab.row
    qtbot.mouseClick(page.table.viewport(), LEFT, pos=cell(page, 5, "target"))
    assert lab.row == 5 and page.card.heading.text() == "Sample 6"
    assert window.where.text().endswith("sample 6 of 150")
    qtbot.keyClick(page.table, Key.Key_Down)
    assert lab.row == 6
    held = int(split(lab.project)[1][0])
    page.table.setCurrentIndex(page.model.index(held, 0))
    assert lab.row == held and lab.apart
    assert "Kept out" in page.card.where.text()
    bar = window.notices.bar(SUBJECT)
    assert bar is not None and "is not in step" in bar.text.text()
    said = lab.frame.y_hat[0]
    assert text(page, held, "says")[2:] == page.made.raw.class_names[int(said.argmax())]
    assert text(page, held, "sure") == f"{said[page.made.raw.y[held].argmax()]:.3f}"
    qtbot.mouseClick(bar.buttons[0], LEFT)
    assert lab.pinned is None and not lab.apart and lab.frame.samples > 1
    assert window.notices.bar(SUBJECT) is None


def test_sorting_and_letting_through(open_window: Open, qtbot: QtBot) -> None:
    window = open_window("iris")
    page = opened(window, qtbot)
    header = page.table.horizontalHeader()
    place = page.model.column_of("loss")
    for downwards in (False, True):
        at = QPoint(header.sectionViewportPosition(place) + 8, header.height() // 2)
        qtbot.mouseClick(header.viewport(), LEFT, pos=at)
        losses = page.answers.loss[page.model.order]
        assert (np.diff(losses) * (-1 if downwards else 1) >= 0.0).all()
    page.table.sortByColumn(page.model.column_of("feature", 2), Qt.SortOrder.AscendingOrder)
    assert (np.diff(page.made.raw.x[page.model.order, 2]) >= 0.0).all()
    wrong = int(page.answers.wrong.sum())
    assert page.count.text() == f"{wrong} of 150 wrong"
    page.shown.setCurrentIndex(1)
    page.shown.activated.emit(1)
    assert page.model.rowCount() == wrong
    page.used.setCurrentIndex(2)
    page.used.activated.emit(2)
    assert page.model.rowCount() == int((page.answers.wrong & page.answers.held).sum())
    window.lab.train()
    qtbot.waitUntil(lambda: window.lab.history.length > 300)
    page.follow_run()
    window.lab.pause()
    assert page.model.rowCount() == int((page.answers.wrong & page.answers.held).sum())
    assert page.count.text() == f"{int(page.answers.wrong.sum())} of 150 wrong"


def test_the_misclassified_ones_are_stepped_through_from_anywhere(open_window: Open, qtbot: QtBot) -> None:
    window = open_window("iris")
    lab = window.lab
    qtbot.keyClick(window, Key.Key_F4)
    assert window.centre.shown == "network"
    first = lab.row
    page = window.centre.samples
    assert page.answers.wrong[first]
    qtbot.keyClick(window, Key.Key_F4)
    second = lab.row
    assert second > first and page.answers.wrong[second]
    qtbot.keyClick(window, Key.Key_F4, Qt.KeyboardModifier.ShiftModifier)
    assert lab.row == first
    page = opened(window, qtbot)
    qtbot.mouseClick(page.on, LEFT)
    assert lab.row == second


def test_values_are_typed_and_a_built_in_set_becomes_own_samples(open_window: Open, qtbot: QtBot) -> None:
    window = open_window("iris")
    lab, page = window.lab, opened(window, qtbot)
    before = page.made.raw.x.copy()
    double_click(page, qtbot, cell(page, 3, "feature", 1))
    field = page.table.findChild(QLineEdit)
    assert field is not None
    field.selectAll()
    qtbot.keyClicks(field, "7,25")
    qtbot.keyClick(field, Key.Key_Return)
    qtbot.waitUntil(lambda: isinstance(lab.project.data, InlineData))
    data = lab.project.data
    assert isinstance(data, InlineData) and data.x[3, 1] == 7.25
    assert np.delete(data.x, 3, axis=0).tolist() == np.delete(before, 3, axis=0).tolist()
    assert "no longer drawn from Iris" in page.said.text()
    assert text(page, 3, "feature", 1) == "7.25"
    lab.document.undo_stack.undo()
    assert isinstance(lab.project.data, BuiltinData) and text(page, 3, "feature", 1) != "7.25"
    page.editor.type_feature(3, 1, "many")
    assert "must be a finite number" in page.said.text() and page.said.isVisible()
    page.editor.type_feature(3, 1, "1e400")
    assert "must be a finite number" in page.said.text()
    assert isinstance(lab.project.data, BuiltinData)


def test_a_class_is_chosen_from_the_list(open_window: Open, qtbot: QtBot) -> None:
    window = open_window("iris")
    lab, page = window.lab, opened(window, qtbot)
    was = int(page.made.raw.y[0].argmax())
    double_click(page, qtbot, cell(page, 0, "target"))
    box = page.table.viewport().findChild(QComboBox)
    assert box is not None
    box.setCurrentIndex((was + 1) % 3)
    box.activated.emit(box.currentIndex())
    assert isinstance(lab.project.data, InlineData)
    assert lab.project.data.y[0].argmax() == (was + 1) % 3
    assert page.answers.count == 150


def test_a_sample_is_typed_by_hand_and_deleted(open_window: Open, qtbot: QtBot) -> None:
    window = open_window("iris")
    lab, page = window.lab, opened(window, qtbot)
    qtbot.mouseClick(page.table.viewport(), LEFT, pos=cell(page, 2, "target"))
    qtbot.keyClick(page.table, Key.Key_Insert)
    assert len(lab.dataset.x) == 151 and lab.row == 150
    for value in ("6", "3.5", "4.25", "1"):
        field = page.card.list.findChild(QLineEdit)
        if field is None:
            qtbot.keyClick(page.card.list, Key.Key_Down)
            qtbot.keyClick(page.card.list, Key.Key_Return)
            field = page.card.list.findChild(QLineEdit)
        assert field is not None
        field.selectAll()
        qtbot.keyClicks(field, value)
        qtbot.keyClick(field, Key.Key_Return)
        qtbot.waitUntil(lambda: page.card.list.findChild(QLineEdit) is None)
    assert page.made.raw.x[150].tolist() == [6.0, 3.5, 4.25, 1.0]
    assert lab.row == 150 and lab.frame.x.shape[1] == 4
    assert page.card.heading.text() == "Sample 151"
    qtbot.mouseClick(page.gone, LEFT)
    assert len(lab.dataset.x) == 150 and lab.row == 149
    for _ in range(6):
        lab.document.undo_stack.undo()
    assert isinstance(lab.project.data, BuiltinData)


def test_the_last_sample_stays(window: MainWindow, qtbot: QtBot) -> None:
    page = opened(window, qtbot)
    qtbot.keyClick(page.table, Key.Key_Delete)
    assert len(window.lab.dataset.x) == 1
    assert "last one" in page.said.text()
    assert not page.gone.isEnabled()


def test_pictures_are_shown_and_painted(open_window: Open, qtbot: QtBot) -> None:
    window = open_window("digits")
    lab, page = window.lab, opened(window, qtbot)
    view = page.card.picture
    assert view.isVisible() and page.model.columns[1].kind == "picture"
    row = lab.row
    dark = page.made.raw.x[row].copy()
    place, middle = int(dark.argmin()), view.rect().center()
    side = view.height() / 8
    spot = middle + QPoint(round((place % 8 - 3.5) * side), round((place // 8 - 3.5) * side))
    qtbot.mousePress(view, LEFT, pos=spot)
    qtbot.keyClick(view, Key.Key_Escape)
    qtbot.mouseRelease(view, LEFT, pos=spot)
    assert isinstance(lab.project.data, BuiltinData), "a stroke that was given up is no edit"
    qtbot.mousePress(view, LEFT, pos=spot)
    qtbot.mousePress(view, RIGHT, pos=spot)
    qtbot.mouseRelease(view, RIGHT, pos=spot)
    qtbot.mouseRelease(view, LEFT, pos=spot)
    assert isinstance(lab.project.data, BuiltinData), "another button gives it up as well"
    qtbot.mouseClick(view, LEFT, pos=spot)
    data = lab.project.data
    assert isinstance(data, InlineData) and data.picture == (8, 8)
    assert data.x[row, place] == 16.0 and (data.x[row] != dark).sum() == 1
    assert view.isVisible() and lab.row == row
    qtbot.mouseClick(view, RIGHT, pos=spot)
    assert lab.project.data.x[row, place] == 0.0
    names = [lab.document.undo_stack.text(k) for k in range(2)]
    assert names == [f"Paint sample {row + 1}"] * 2


@pytest.mark.parametrize("name", ["regression", "gates", "worked-example", "batch-norm"])
def test_every_kind_of_target_is_told_and_typed(open_window: Open, qtbot: QtBot, name: str) -> None:
    window = open_window(name)
    lab, page = window.lab, opened(window, qtbot)
    raw = page.made.raw
    assert text(page, 0, "target") and text(page, 0, "says") and text(page, 0, "loss")
    wanted = {"distribution": raw.class_names[-1], "unit": raw.class_names[0], "real": "1.5"}
    typed = wanted[page.answers.kind]
    assert page.editor.type_target(0, "; ".join([typed] * raw.y.shape[1]) if typed == "1.5" else typed)
    assert isinstance(lab.project.data, InlineData)
    assert text(page, 0, "target").startswith(typed)
    assert not page.editor.type_target(0, "nonsense") and page.said.text()


def test_a_large_table_shows_only_what_is_seen(open_window: Open, qtbot: QtBot) -> None:
    window = open_window("blobs")
    lab = window.lab
    data = lab.project.data
    assert isinstance(data, BuiltinData)
    window.parameters.data.samples.setValue(50_000)
    page = opened(window, qtbot)
    assert page.model.rowCount() == 50_000
    asked: list[int] = []
    about = page.answers.about
    page.answers.about = lambda rows: (asked.append(len(rows)), about(rows))[1]  # type: ignore[method-assign]
    page.table.scrollToBottom()
    page.table.viewport().repaint()
    assert sum(asked) <= 3 * 64
    assert lab.dataset.x.shape == (50_000, 2)


def test_the_page_fits_in_both_themes_and_sizes(open_window: Open, qtbot: QtBot, qapp: QApplication) -> None:
    window = open_window("digits")
    page = opened(window, qtbot)
    for size in ((1280, 800), (1920, 1080)):
        window.resize(*size)
        qapp.processEvents()
        bars = page.card.bars
        assert bars.height() >= bars.sizeHint().height()
        assert page.card.verdict.geometry().bottom() <= page.card.height()
        assert page.gone.geometry().right() <= page.width()
        assert page.count.geometry().right() <= page.new.geometry().left()
    dark = page.grab().toImage()
    window.theme.set_choice("light")
    light = page.grab().toImage()
    spots = [(x, y) for x in range(20, page.width(), 37) for y in range(10, page.height(), 23)]
    assert sum(dark.pixel(*spot) != light.pixel(*spot) for spot in spots) > 0.8 * len(spots)
    window.theme.set_choice("dark")


def test_what_is_typed_or_painted_stays_while_the_network_goes_on(open_window: Open, qtbot: QtBot) -> None:
    window = open_window("spirals")
    lab, page = window.lab, opened(window, qtbot)
    lab.look_at(3)
    page.card.list.begin()
    typing = page.card.list.findChild(QLineEdit)
    assert isinstance(typing, QLineEdit)
    typing.setText("0.77")
    lab.next_step()
    assert typing.text() == "0.77"
    qtbot.keyClick(typing, Key.Key_Return)
    qtbot.waitUntil(lambda: page.made.raw.x[3, 0] == 0.77)
    digits = open_window("digits")
    lab, page = digits.lab, opened(digits, qtbot)
    lab.look_at(3)
    picture = page.card.picture
    qtbot.mousePress(picture, LEFT, pos=picture.rect().center())
    lab.next_step()
    qtbot.mouseRelease(picture, LEFT, pos=picture.rect().center())
    assert isinstance(lab.project.data, InlineData)


def test_a_cell_that_is_typed_into_stays_when_rows_would_be_sorted_anew(
    open_window: Open, qtbot: QtBot
) -> None:
    window = open_window("iris")
    lab, page = window.lab, opened(window, qtbot)
    page.table.sortByColumn(page.model.column_of("loss"), Qt.SortOrder.DescendingOrder)
    before = page.model.order.tolist()
    index = page.model.index(3, page.model.column_of("feature", 0))
    page.table.setCurrentIndex(index)
    page.table.edit(index)
    field = page.table.findChild(QLineEdit)
    assert field is not None
    field.setText("7.7")
    lab.show_step(lab.frame.step, lab.phases.end)
    lab.show_step(lab.frame.step + 1, lab.phases.end)
    page.settle()
    assert page.table.typing and page.table.findChild(QLineEdit) is field and field.text() == "7.7"
    assert page.model.order.tolist() == before
    row = before[3]
    qtbot.keyClick(field, Key.Key_Return)
    qtbot.waitUntil(lambda: isinstance(lab.project.data, InlineData))
    data = lab.project.data
    assert isinstance(data, InlineData) and data.x[row, 0] == 7.7
    page.settle()
    qtbot.waitUntil(
        lambda: page.model.order.tolist() == np.argsort(-page.answers.loss, kind="stable").tolist()
    )
