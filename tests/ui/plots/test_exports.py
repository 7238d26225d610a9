"""What others get of a plot: a picture, a drawing, the numbers, the clipboard. Opened again and looked at."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from deltaglow.model import examples
from deltaglow.model.project import Schedule
from deltaglow.session.lab import Lab
from deltaglow.ui.plots import PLOTS, PlotCard
from deltaglow.ui.plots.card import MEANS
from deltaglow.ui.plots.distributions import DistributionPlot
from deltaglow.ui.plots.work_plot import WorkPlot
from deltaglow.ui.theme import Theme


def made(qtbot: QtBot, theme: Theme, name: str) -> tuple[Lab, PlotCard]:
    """A plot of a few steps, full."""
    project = examples.open_project("@iris")
    schedule = Schedule("cosine")
    lab = Lab(replace(project, training=replace(project.training, schedule=schedule)))
    for _ in range(12):
        lab.next_step()
    plot = PLOTS[name](lab, theme)
    qtbot.addWidget(plot)
    plot.resize(460, 220)
    plot.show()
    plot.refresh()
    if isinstance(plot, WorkPlot):
        plot._button.click()
        plot.settle()
    if isinstance(plot, DistributionPlot):
        plot.settle()
    return lab, plot


def pixels(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    data = np.frombuffer(image.constBits(), np.uint8)
    return data.reshape(image.height(), image.width(), 4)[..., :3].astype(int)


def rendered(path: Path, size: tuple[int, int]) -> QImage:
    renderer = QSvgRenderer(str(path))
    assert renderer.isValid()
    image = QImage(*size, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.magenta)
    with QPainter(image) as painter:
        renderer.render(painter)
    return image


def numbers(path: Path) -> list[list[str]]:
    return list(csv.reader(path.read_text("utf-8").splitlines()))


@pytest.mark.parametrize("name", list(PLOTS))
@pytest.mark.parametrize("choice", ["dark", "light"])
def test_a_picture_and_a_drawing_show_the_same(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, name: str, choice: str
) -> None:
    theme = Theme(choice)
    theme.apply(qapp)
    lab, plot = made(qtbot, theme, name)
    assert plot.export("PNG", tmp_path / "a.png") and plot.export("SVG", tmp_path / "a.svg")
    picture = QImage(str(tmp_path / "a.png"))
    drawing = rendered(tmp_path / "a.svg", (picture.width(), picture.height()))
    one, other = pixels(picture), pixels(drawing)
    ground = theme.color("panel")
    wanted = [ground.blue(), ground.green(), ground.red()]
    for each in (one, other):
        np.testing.assert_allclose(each[2, 2], wanted, atol=2)
        assert (np.abs(each - wanted).max(axis=2) > 40).mean() > 0.004, "something is drawn"
    assert (np.abs(one - other).max(axis=2) > 90).mean() < 0.09, "and the same in both"
    words = re.findall(r"<text[^>]*>([^<]*)", (tmp_path / "a.svg").read_text("utf-8"))
    assert plot.heading in " ".join(words), "text is text"
    assert plot.export("CSV", tmp_path / "a.csv")
    head, *rows = numbers(tmp_path / "a.csv")
    assert len(rows) >= 3 and all(len(row) == len(head) for row in rows)
    lab.close()


def test_marks_of_samples_are_drawn_as_marks(qtbot: QtBot, theme: Theme, tmp_path: Path) -> None:
    lab, plot = made(qtbot, theme, "regions")
    assert plot.export("SVG", tmp_path / "a.svg")
    found = (tmp_path / "a.svg").read_text("utf-8")
    assert found.count("<image") == 1, "the regions alone are a picture"
    assert len(re.findall("<(path|polyline|polygon)", found)) > 100
    lab.close()


def test_what_is_outside_of_the_axes_is_cut_off(qtbot: QtBot, theme: Theme, tmp_path: Path) -> None:
    lab, plot = made(qtbot, theme, "loss")
    plot.body.getPlotItem().getViewBox().setRange(yRange=(0.9, 1.0), padding=0)
    assert plot.export("SVG", tmp_path / "a.svg")
    assert "clip-path" in (tmp_path / "a.svg").read_text("utf-8")
    lab.close()


def test_the_menu_of_the_button_copies_the_picture(qtbot: QtBot, theme: Theme) -> None:
    lab, plot = made(qtbot, theme, "gradient")
    plot.more.setFocus()
    QTest.keyClick(plot.more, Qt.Key.Key_Space)
    menu = plot.findChild(QMenu)
    assert menu is not None and menu.isVisible()
    copy = next(a for a in menu.actions() if a.text() == "Copy picture")
    copy.trigger()
    menu.close()
    qtbot.waitUntil(lambda: plot.findChild(QMenu) is None)
    copied = QGuiApplication.clipboard().pixmap()
    assert copied.width() == 2 * plot.picture().size.width()
    lab.close()


def test_the_numbers_are_those_that_are_shown(qtbot: QtBot, theme: Theme, tmp_path: Path) -> None:
    lab, plot = made(qtbot, theme, "confusion")
    plot.export("CSV", tmp_path / "a.csv")
    head, *rows = numbers(tmp_path / "a.csv")
    assert head == ["is", *lab.dataset.class_names, "precision", "recall"]
    assert [[int(n) for n in row[1:4]] for row in rows] == plot._found.confusion.tolist()
    lab.close()
    lab, plot = made(qtbot, theme, "regions")
    plot.export("CSV", tmp_path / "b.csv")
    table = np.array(numbers(tmp_path / "b.csv")[1:], dtype=float)
    np.testing.assert_allclose(table[:, 2:].sum(axis=1), 1.0)
    np.testing.assert_array_equal(table[:, 2:], plot._outputs.reshape(len(table), -1))
    left, right, bottom, top = plot._regions.bounds
    assert (
        left < table[:, 0].min() and table[:, 0].max() < right and bottom < table[0, 1] < table[-1, 1] < top
    )
    lab.close()


def test_a_file_that_cannot_be_written_is_told_of(qtbot: QtBot, theme: Theme, tmp_path: Path) -> None:
    lab, plot = made(qtbot, theme, "loss")
    for kind in MEANS:
        with qtbot.waitSignal(lab.message, timeout=1000) as said:
            assert not plot.export(kind, tmp_path / "nowhere" / "a.b")
        assert "nowhere" in said.args[0]
    assert list(tmp_path.iterdir()) == []
    lab.close()


def test_an_empty_plot_gives_nothing(qtbot: QtBot, theme: Theme, tmp_path: Path) -> None:
    lab = Lab(examples.open_project("@iris"))
    for kind in PLOTS.values():
        plot = kind(lab, theme)
        qtbot.addWidget(plot)
        plot.refresh()
        actions = {action.text(): action for action in plot.menu().actions()}
        if not plot._full:
            assert not actions["Export as SVG…"].isEnabled() and plot.picture() is None
    lab.close()


def test_one_step_alone_is_one_column_with_a_whole_number(qtbot: QtBot, theme: Theme) -> None:
    lab = Lab(examples.open_project("@iris"))
    lab.next_step()
    plot = DistributionPlot(lab, theme)
    qtbot.addWidget(plot)
    plot.resize(460, 220)
    plot.show()
    plot.refresh()
    plot.settle()
    axis = plot.body.getPlotItem().getAxis("bottom")
    (low, high), _ = plot.body.getPlotItem().getViewBox().viewRange()
    ticks = [tick for _, level in axis.tickValues(low, high, 400) for tick in level]
    assert [axis.tickStrings([tick], 1, 1)[0] for tick in ticks if low <= tick <= high] == ["0"]
    lab.close()


def test_a_press_on_a_distribution_goes_to_that_step(qtbot: QtBot, theme: Theme) -> None:
    lab, plot = made(qtbot, theme, "distributions")
    plane = plot.body
    place = plane.mapFromScene(plane.getPlotItem().getViewBox().mapViewToScene(QPointF(4.0, 0.0)))
    qtbot.mouseClick(plane.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert lab.frame.step == 4
    qtbot.waitUntil(lambda: plane._now.isVisible() and plane._now.value() == 4)
    lab.close()
