"""Samples with several labels, and names of outputs, as the pages show them."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF
from pytestqt.qtbot import QtBot
from tests.ui.window.conftest import Open
from tests.ui.window.test_drawing import opened

from deltaglow.model.project import InlineData
from deltaglow.ui.plots.labelled import NO_MARK, no_color
from deltaglow.ui.samples.keys import keys_of
from deltaglow.ui.theme import Theme
from deltaglow.ui.theme.classes import class_color, class_mark
from deltaglow.ui.widgets.told_apart import told_apart


def test_a_label_is_shown_with_the_samples_that_have_it(open_window: Open, qtbot: QtBot) -> None:
    window = open_window("gates")
    page = opened(window, qtbot)
    qtbot.waitUntil(lambda: page.plot._regions is not None)
    plot, data = page.plot, window.lab.project.data
    assert isinstance(data, InlineData)
    pictures = []
    for k in range(3):
        plot.choose_label(k)
        for kind in plot.canvas.spots.kinds:
            yes = kind.shape == class_mark(k)
            wanted = data.x[(data.y[:, k] > 0.5) == yes]
            assert sorted(map(tuple, kind.places)) == sorted(map(tuple, wanted))
            assert kind.colour == (class_color(window.theme, k) if yes else no_color(window.theme))
            assert yes or kind.shape == NO_MARK
        assert plot._outputs is not None
        pictures.append(plot._colours(plot._outputs))
    assert not np.array_equal(pictures[0], pictures[1]) and not np.array_equal(pictures[1], pictures[2])
    assert [chip.text() for chip in page._chips] == ["or", "and", "xor"]

    page.choose(0)
    page.choose(2)
    made = page.with_points(data, np.array([[0.5, 0.5]]), 0)
    assert made.y[-1].tolist() == [1.0, 0.0, 1.0], "a point has all labels that are chosen"
    page.choose(0)
    page.choose(2)
    assert page.with_points(data, np.array([[0.5, 0.5]]), 0).y[-1].tolist() == [0.0, 0.0, 0.0], "or none"


def test_all_ten_digits_can_be_drawn_by_their_own_keys(open_window: Open, qtbot: QtBot) -> None:
    window = open_window("digits")
    page = opened(window, qtbot)
    qtbot.waitUntil(lambda: len(page._chips) == 10)
    assert [chip.text() for chip in page._chips] == [str(digit) for digit in range(10)]
    for digit in (9, 0, 6):
        qtbot.keyClick(page, Qt.Key(Qt.Key.Key_0 + digit))
        assert page.chosen == digit and page._chips[digit].isChecked()
    assert page.more.isHidden() and "62 features not shown" in page.said.text()
    assert keys_of(("a", "b")) == ["1", "2"] and keys_of(tuple("abcdefghij"))[-1] == "0"


def test_names_are_cut_where_they_stay_apart() -> None:
    font = Theme("dark").ui_font(11)
    metrics = QFontMetricsF(font)
    names = ("iris versicolor", "iris virginica", "iris setosa")
    for room in (30.0, 50.0, 70.0, 500.0):
        cut = told_apart(names, font, room)
        assert len(set(cut)) == 3 and all(metrics.horizontalAdvance(each) <= room for each in cut)
    assert told_apart(names, font, 500.0) == names
    assert told_apart(("the same", "the same"), font, 500.0) == ("the same", "the same")
