"""The pages in the centre, by clicking and typing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from math import isfinite

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QFontMetricsF
from pytestqt.qtbot import QtBot
from tests.ui.window.conftest import Open

from deltaglow.explain import softmax_lab
from deltaglow.explain.sample_answers import SampleAnswers
from deltaglow.model.quantity import Quantity, value
from deltaglow.model.samples import prepared
from deltaglow.ui.main_window import MainWindow
from deltaglow.ui.pages.cells import CENTRE, LEFT, UNKNOWN, Cell
from deltaglow.ui.pages.sheet import Sheet
from deltaglow.ui.plots.card import Legend

Key = Qt.Key
BUTTON = Qt.MouseButton.LeftButton


def sheets(window: MainWindow) -> list[Sheet]:
    """Those on the page that is shown."""
    page = window.centre.softmax if window.centre.shown == "softmax" else window.centre.batch
    return [sheet for sheet in page.findChildren(Sheet) if sheet.isVisible()]


def complete(window: MainWindow, page: str) -> None:
    window.lab.set_position(window.lab.phases.end)
    window.centre.show_page(page)
    window.centre.settle()


def click(qtbot: QtBot, sheet: Sheet, cell: Cell) -> None:
    qtbot.mouseClick(sheet, BUTTON, pos=cell.area.center().toPoint())


def links(sheet: Sheet) -> list[Cell]:
    return [cell for cell in sheet.cells if cell.quantity is not None]


def written(sheet: Sheet) -> Iterator[tuple[Cell, QRectF]]:
    """Each cell with text, and where its text lies."""
    for cell in sheet.cells:
        if not cell.text:
            continue
        font = sheet.theme.mono_font if cell.mono else sheet.theme.ui_font
        metrics = QFontMetricsF(font(cell.size, cell.weight))
        width = metrics.horizontalAdvance(cell.text)
        area = cell.area.adjusted(0, 0, 0, -7) if cell.bar else cell.area
        middle = area.center().x() - width / 2
        left = {LEFT: area.left(), CENTRE: middle}.get(cell.align, area.right() - width)
        yield cell, QRectF(left, area.center().y() - metrics.ascent() / 2, width, metrics.ascent())


def test_the_ways_to_a_page_and_back(window: MainWindow, qtbot: QtBot) -> None:
    centre = window.centre
    assert centre.shown == "network"
    for key, modifier, name in (
        (Key.Key_F7, Qt.KeyboardModifier.NoModifier, "softmax"),
        (Key.Key_F8, Qt.KeyboardModifier.NoModifier, "batch"),
        (Key.Key_F6, Qt.KeyboardModifier.NoModifier, "network"),
        (Key.Key_3, Qt.KeyboardModifier.ControlModifier, "batch"),
        (Key.Key_2, Qt.KeyboardModifier.ControlModifier, "softmax"),
    ):
        qtbot.keyClick(window, key, modifier)
        assert centre.shown == name
    assert centre.softmax.hasFocus()
    qtbot.keyClick(centre.softmax, Key.Key_Right)
    assert window.lab.position > 0.0
    qtbot.keyClick(centre.softmax, Key.Key_Escape)
    assert centre.shown == "network"
    assert window.diagram.hasFocus()
    qtbot.mouseClick(centre.opener, BUTTON)
    assert centre.shown == "softmax"
    qtbot.mouseClick(centre.tabs, BUTTON, pos=centre.tabs.tabRect(2).center())
    assert centre.shown == "batch"


def test_tabs_stay_in_place_when_the_theme_changes(window: MainWindow) -> None:
    tabs = window.centre.tabs
    before = tabs.geometry()
    assert before.size() == tabs.sizeHint()
    for _ in range(2):
        window.toggle_theme()
        assert tabs.geometry() == before and tabs.size() == tabs.sizeHint()


def test_numbers_appear_when_the_phases_reach_them(window: MainWindow) -> None:
    lab, pipeline = window.lab, window.centre.softmax.pipeline.sheet
    window.centre.show_page("softmax")

    def known() -> set[str]:
        return {cell.quantity.kind for cell in links(pipeline) if cell.quantity and UNKNOWN not in cell.text}

    assert known() == {"y"}
    lab.set_position(lab.phases.position("forward:2"))
    assert known() == {"y", "z"}
    lab.set_position(lab.phases.position("softmax"))
    assert known() == {"y", "z", "shifted", "exp", "exp_sum", "y_hat"}
    lab.set_position(lab.phases.position("delta:2"))
    assert known() == {"y", "z", "shifted", "exp", "exp_sum", "y_hat", "loss", "delta"}
    window.centre.show_page("network")
    before = pipeline.cells
    lab.set_position(0.0)
    assert pipeline.cells is before, "a hidden page is not laid out"


@pytest.mark.parametrize("name", ["worked-example", "digits", "naive-softmax", "why-not-squared-error"])
def test_every_number_of_softmax_is_a_link_and_has_room(open_window: Open, qtbot: QtBot, name: str) -> None:
    window = open_window(name)
    window.resize(1280, 800)
    complete(window, "softmax")
    lab, frame = window.lab, window.lab.frame
    found = sheets(window)
    assert len(found) == 5
    assert_room(found)
    kinds = set()
    for sheet in found:
        for cell in links(sheet):
            assert cell.quantity is not None
            number = value(cell.quantity, frame, lab.sample)
            assert str(cell.quantity) in sheet.describe(cell)
            if isfinite(number) and cell.quantity.kind != "loss":
                shown = cell.text.split(" ")[-1].replace("−", "-")
                assert float(shown) == pytest.approx(number, rel=0.06, abs=6e-3), cell
            kinds.add(cell.quantity.kind)
    assert {"jacobian", "dL_dy_hat", "y_hat", "delta", "exp_sum"} <= kinds
    matrix = window.centre.softmax.two_ways.matrix
    entry = next(cell for cell in links(matrix) if cell.quantity == Quantity("jacobian", None, (1, 0)))
    click(qtbot, matrix, entry)
    assert lab.selected == Quantity("jacobian", None, (1, 0))


def assert_room(found: list[Sheet]) -> None:
    """No text is wider than its cell, none lies over another."""
    for sheet in found:
        texts = list(written(sheet))
        for cell, box in texts:
            assert box.width() <= cell.area.width() + 1.0, (sheet.title, cell.text)
            assert box.right() <= sheet.width() + 1.0, (sheet.title, cell.text)
            assert cell.area.bottom() <= sheet.height() + 1.0, (sheet.title, cell.text)
        for (one, first), (other, second) in combinations(texts, 2):
            over = first.adjusted(0.5, 0.5, -0.5, -0.5).intersects(second)
            assert not over, (sheet.title, one.text, other.text)
        for formula in sheet.formulas:
            assert formula.area.right() <= sheet.width() + 1.0


def test_naive_softmax_breaks_where_the_stable_one_does_not(window: MainWindow) -> None:
    complete(window, "softmax")
    section = window.centre.softmax.stability
    stable = [cell.text for cell in section.rows.cells if cell.quantity and cell.quantity.kind == "y_hat"]
    section.add_to.slider.setValue(section.add_to.slider.maximum())
    texts = [cell.text for cell in section.rows.cells]
    assert texts.count("inf") == texts.count("nan") == 2
    assert all(texts.count(text) == 1 for text in stable)
    assert not links(section.rows), "a what-if is no number of the step"
    assert "∞/∞" in section.sentence.text()
    section.add_to.slider.setValue(0)
    assert links(section.rows)
    assert "709.78" in section.sentence.text()


def test_temperature_is_a_looking_glass(window: MainWindow) -> None:
    complete(window, "softmax")
    section, before = window.centre.softmax.temperature, window.lab.frame
    section.dial.slider.setValue(section.dial.slider.maximum())
    heated = section.sheet.heated
    assert section.dial.value == pytest.approx(10.0)
    assert heated is not None
    v = softmax_lab.logits(before, 0)
    assert heated.y_hat == pytest.approx(softmax_lab.softmax(v / 10).y_hat)
    assert "Hot" in section.sentence.text()
    assert window.lab.frame is before
    section.dial.slider.setValue(section.dial.slider.maximum() // 2)
    assert section.dial.resting


def test_the_most_wrong_sample_and_a_surer_wrong_class(open_window: Open, qtbot: QtBot) -> None:
    window = open_window("iris")
    complete(window, "softmax")
    section, lab = window.centre.softmax.rivals, window.lab
    qtbot.mouseClick(section.worst, BUTTON)
    assert lab.sample == softmax_lab.most_wrong(lab.frame)
    assert not section.worst.isEnabled()
    qtbot.mouseClick(section.worst_of_all, BUTTON)
    answers = SampleAnswers(lab.project, prepared(lab.project), lab.frame.architecture)
    answers.follow(lab.frame, lab.complete)
    sure = answers.about(np.arange(answers.count)).y_hat[np.arange(answers.count), answers.wanted]
    assert lab.row == lab.pinned == int(sure.argmin())
    section.push.slider.setValue(section.push.slider.maximum())
    rivals = section.sheet.rivals
    assert rivals is not None
    assert abs(rivals.squared_error[rivals.target]) < 0.01 < 0.9 < abs(rivals.cross_entropy[rivals.target])
    assert not links(section.sheet)


@pytest.mark.parametrize(("name", "words"), [("regression", "predicts numbers"), ("gates", "sigmoids")])
def test_a_network_without_softmax_shows_what_it_has(open_window: Open, name: str, words: str) -> None:
    window = open_window(name)
    complete(window, "softmax")
    page = window.centre.softmax
    assert words in page.intro.text()
    assert sheets(window) == [page.pipeline.sheet, page.slopes.sheet]
    kinds = {cell.quantity.kind for cell in links(page.pipeline.sheet) if cell.quantity}
    assert {"z", "y_hat", "y", "loss", "delta"} <= kinds
    assert_room(sheets(window))


def test_a_sheet_is_walked_with_the_keyboard(window: MainWindow, qtbot: QtBot) -> None:
    complete(window, "softmax")
    sheet = window.centre.softmax.pipeline.sheet
    sheet.setFocus(Qt.FocusReason.TabFocusReason)
    assert "z[2][0]" in sheet.accessibleName()
    qtbot.keyClick(sheet, Key.Key_Right)
    assert "shifted[0]" in sheet.accessibleName()
    qtbot.keyClick(sheet, Key.Key_Down)
    qtbot.keyClick(sheet, Key.Key_Return)
    assert window.lab.selected == Quantity("shifted", None, (1,))
    assert window.centre.shown == "softmax"
    qtbot.keyClick(sheet, Key.Key_Escape)
    assert window.centre.shown == "network"


def test_a_batch_bar_by_bar(open_window: Open, qtbot: QtBot) -> None:
    window = open_window("iris")
    lab, page = window.lab, window.centre.batch
    complete(window, "batch")
    lab.select(Quantity("dW", 2, (1, 2)))
    bars = page.bars.bars
    assert page.parameter == Quantity("W", 2, (1, 2))
    found = links(bars)
    assert len(found) == lab.frame.samples
    click(qtbot, bars, found[5])
    assert (lab.selected, lab.sample) == (Quantity("dW_sample", 2, (1, 2)), 5)
    assert page.parameter == Quantity("W", 2, (1, 2))
    assert "cancels" in page.bars.sentence.text()
    page.bars.order.setCurrentIndex(1)
    page.bars.order.activated.emit(1)
    sizes = [abs(value(cell.quantity, lab.frame)) for cell in links(bars) if cell.quantity]
    assert sizes == sorted(sizes, reverse=True)
    page.chooser.source.setCurrentIndex(page.chooser.source.findData("bias"))
    page.chooser.source.activated.emit(0)
    assert lab.selected == Quantity("db", 2, (1,))
    assert_room(sheets(window))
    maps = page.maps.maps
    assert len([cell for cell in links(maps) if cell.quantity and cell.quantity.sample is not None]) == 16
    lab.set_position(0.0)
    assert "step on" in " ".join(cell.text for cell in maps.cells)


def test_a_cell_of_a_map_is_a_link(open_window: Open, qtbot: QtBot) -> None:
    window = open_window("iris")
    complete(window, "batch")
    window.lab.select(Quantity("dW", 2, (0, 0)))
    maps = window.centre.batch.maps.maps
    area = next(cell.area for cell in links(maps) if cell.quantity and cell.quantity.sample == 3)
    corner = QPoint(round(area.right()) - 2, round(area.bottom()) - 2)
    qtbot.mouseClick(maps, BUTTON, pos=corner)
    columns = window.lab.frame.layers[1].W.shape[1]
    assert window.lab.selected == Quantity("dW_sample", 2, (2, columns - 1))
    assert window.lab.sample == 3


def test_a_batch_of_one_says_what_to_do(open_window: Open, qtbot: QtBot) -> None:
    window = open_window("naive-softmax")
    page = window.centre.batch
    window.centre.show_page("batch")
    assert page.single.isVisible()
    assert not page.bars.isVisible()
    qtbot.mouseClick(page.single.larger, BUTTON)
    assert window.lab.project.training.batch_size == 6
    assert not page.single.isVisible()
    assert page.bars.isVisible()
    window.lab.document.undo_stack.undo()
    assert window.lab.project.training.batch_size == 1
    window = open_window("worked-example")
    window.centre.show_page("batch")
    single = window.centre.batch.single
    assert (single.larger.isVisible(), single.example.isVisible()) == (False, True)
    qtbot.mouseClick(single.example, BUTTON)
    assert window.lab.project.title == "Iris"
    assert window.centre.batch.bars.isVisible()


def test_pages_follow_a_run_at_the_text_turn(open_window: Open, qtbot: QtBot) -> None:
    window = open_window("iris")
    lab, page = window.lab, window.centre.softmax
    complete(window, "softmax")
    shown = page.state()
    lab.train()
    qtbot.waitUntil(lambda: lab.head > 50, timeout=20_000)
    lab.pull()
    window.clock.textDue.emit()
    assert page.state() != shown
    cell = next(c for c in links(page.pipeline.sheet) if c.quantity == Quantity("exp_sum"))
    assert float(cell.text.split()[-1]) == pytest.approx(
        value(Quantity("exp_sum"), lab.frame, lab.sample), rel=0.01
    )
    lab.pause()


@pytest.mark.parametrize("page", ["softmax", "batch"])
def test_what_scrolls_stays_below_the_tabs(open_window: Open, page: str) -> None:
    window = open_window("digits")
    window.resize(1280, 800)
    complete(window, page)
    centre, shown = window.centre, getattr(window.centre, page)
    top = shown.viewport().mapTo(centre, QPoint(0, 0)).y()
    assert centre.tabs.geometry().bottom() <= top
    assert shown.heading.mapTo(centre, shown.heading.rect().bottomLeft()).y() <= top
    assert centre.tabs.width() >= centre.tabs.sizeHint().width()
    assert centre.tabs.geometry().right() < centre.width()


def test_a_press_on_the_name_of_a_curve_explains_its_number(window: MainWindow) -> None:
    for address in ("gradient_norm[2]", "loss", "gradient_norm[9]"):
        for label in window.findChildren(Legend):
            label.linkActivated.emit(address)
        assert str(window.lab.selected) == ("loss" if address.endswith("[9]") else address)


def test_a_page_ends_where_its_last_section_ends(window: MainWindow, qtbot: QtBot) -> None:
    window.centre.show_page("softmax")
    window.centre.settle()
    content = window.centre.softmax.widget()
    qtbot.waitUntil(lambda: content.height() == content.heightForWidth(content.width()))
