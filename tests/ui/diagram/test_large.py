"""Networks too large to draw line by line are edited like small ones."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from tests.ui.conftest import OpenProject
from tests.ui.diagram.conftest import Hand

from deltaglow.model import edits
from deltaglow.model.project import InlineData, Layer, NetworkSpec, Optimizer, Project, Training
from deltaglow.ui.diagram import fans, heat
from deltaglow.ui.later import Later
from deltaglow.ui.plots import PlotCard

CONTROL = Qt.KeyboardModifier.ControlModifier


def project(*sizes: int) -> Project:
    rng = np.random.default_rng(0)
    data = InlineData(rng.normal(size=(12, sizes[0])), np.eye(sizes[-1])[rng.integers(0, sizes[-1], 12)])
    layers = (*(Layer(n, "tanh") for n in sizes[1:-1]), Layer(sizes[-1]))
    return Project(NetworkSpec(sizes[0], layers), data, Training(Optimizer(), 4))


@pytest.mark.parametrize("sizes", [(784, 64, 10), (20, 200, 3), (3, 100, 2)])
def test_a_large_network_is_edited_like_a_small_one(
    open_project: OpenProject, sizes: tuple[int, ...]
) -> None:
    hand = Hand(open_project(project(*sizes)))
    first = hand.lab.project
    before = hand.lab.frame.layers[0].W.copy()
    hand.click(hand.more(1))
    assert hand.lab.project.network.sizes[1] == sizes[1] + 1
    assert (hand.lab.frame.layers[0].W[: sizes[1]] == before).all()
    hand.drag(hand.unit(1, 0), hand.unit(1, 9))
    assert (hand.lab.frame.layers[0].W[9] == before[0]).all()
    cell = hand.geometry.heat_map(1).center() if hand.geometry.collapsed(1) else hand.edge(1, 5, 0)
    k, j, i = hand.view._pointer.target(cell).connection
    weight = hand.lab.frame.layers[k - 1].W[j, i]
    hand.wheel(cell, 1)
    assert hand.lab.frame.layers[k - 1].W[j, i] == pytest.approx(weight + 0.05, abs=1e-6)
    hand.click(hand.unit(1, 4))
    hand.key(Qt.Key.Key_Delete)
    assert hand.lab.project.network.sizes[1] == sizes[1]
    hand.wheel(hand.unit(1, 4), 12, CONTROL)
    hand.drag(hand.unit(1, 4), hand.unit(1, 4) + QPointF(20, 20), button=Qt.MouseButton.MiddleButton)
    assert not hand.view.grab().isNull()
    while hand.lab.document.undo_stack.canUndo():
        hand.undo()
    assert hand.lab.project is first and np.array_equal(before, hand.lab.frame.layers[0].W)


def test_an_edit_of_a_large_network_is_made_but_once_of_each_project(open_project: OpenProject) -> None:
    """Of the project, of what was learned, and, where an optimiser remembers anything of them, of the marks
    that show where each parameter came from.
    """
    made = project(784, 64, 10)
    remembering = replace(made.training, optimizer=Optimizer("momentum", 0.1))
    hand = Hand(open_project(replace(made, training=remembering)))
    hand.lab.next_step()
    asked: list[Project] = []

    def one_more(made: Project) -> Project:
        asked.append(made)
        return edits.add_unit(made, 1)

    assert hand.editor.apply("Add a unit", one_more)
    assert len(asked) == 3
    asked.clear()

    def weight(made: Project) -> Project:
        asked.append(made)
        return edits.set_weights(made, [((1, 3, 5), 0.25)])

    trainer = hand.lab._trainer
    assert hand.editor.apply("Weight", weight)
    assert len(asked) == 2 and hand.lab._trainer is trainer
    assert hand.lab.frame.layers[0].W[3, 5] == 0.25


def test_moving_a_large_network_makes_no_picture_anew_and_shows_what_a_new_one_would(
    open_project: OpenProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand = Hand(open_project(project(784, 64, 10)))
    hand.lab.next_step()
    hand.editor.zoom(1.5)
    hand.view.grab()
    made: list[object] = []
    colours = heat._made
    monkeypatch.setattr(heat, "_made", lambda *given: made.append(given[0].size) or colours(*given))
    fans_made, maps = fans._picture.cache_info().misses, {64 * 784, 10 * 64}
    for _ in range(3):
        at = hand.unit(1, 4)
        hand.drag(at, at + QPointF(-30, 11), button=Qt.MouseButton.MiddleButton)
        moved = hand.view.grab().toImage()
    assert fans._picture.cache_info().misses == fans_made and not maps & set(made)
    fans._picture.cache_clear()
    heat._kept.clear()
    hand.view._ground.forget()
    assert hand.view.grab().toImage() == moved and maps <= set(made)


def test_a_fan_has_a_line_for_every_few_pixels_of_the_sign_that_most_have_there() -> None:
    far = 20.1 + fans.APART * np.array([0.0, 0.15, 0.8, 1.05, 1.6, 2.95])
    ends = np.column_stack([np.zeros(6), far, np.ones(6), np.zeros(6)])
    lines, signs = fans._thinned(ends, np.array([1.0, -1.0, 1.0, -1.0, 1.0, 0.0]), far)
    assert signs.tolist() == [1.0, 0.0, 0.0]
    assert (lines[:, 1] - 20.1) / fans.APART == pytest.approx([0.95 / 3, 1.325, 2.95])
    apart, _ = fans._thinned(ends[2::3], np.ones(2), far[2::3])
    assert (apart == ends[2::3]).all()


@pytest.mark.parametrize("plot", ["loss", "regions", "distributions"])
def test_an_edit_is_seen_first_and_then_every_plot_follows_once(
    open_project: OpenProject, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot, plot: str
) -> None:
    hand = Hand(open_project(project(3, 8, 2)))
    slot = hand.window.slots[0]
    slot.choose(plot)
    hand.lab.next_step()
    qtbot.waitUntil(lambda: not any(each.asked for each in hand.window.findChildren(Later)))
    order: list[str] = []
    card, drawn = type(slot.plot), hand.view.paintEvent
    refresh = card.refresh

    def refreshed(this: PlotCard) -> None:
        if this is slot.plot:
            order.append("plot")
        refresh(this)

    def painted(event: QPaintEvent) -> None:
        order.append("diagram")
        drawn(event)

    monkeypatch.setattr(card, "refresh", refreshed)
    monkeypatch.setattr(hand.view, "paintEvent", painted)
    for change in (partial(edits.set_bias, k=1, j=2, value=0.5), partial(edits.add_unit, k=1)):
        assert hand.editor.apply("An edit", change)
        assert order == []
        QApplication.sendPostedEvents()
        assert order[0] == "diagram" and 1 <= order.count("plot") <= 2, order
        order.clear()
    hand.undo()
    assert order == []
    QApplication.sendPostedEvents()
    assert order[0] == "diagram" and 1 <= order.count("plot") <= 2, order


def test_what_can_wait_is_done_once_however_often_it_was_asked_for(qapp: QApplication) -> None:
    done: list[int] = []
    later = Later(lambda: done.append(1))
    for _ in range(3):
        later.ask()
    assert not done
    QApplication.sendPostedEvents(later)
    assert len(done) == 1
    later.now()
    later.ask()
    later.now()
    QApplication.sendPostedEvents(later)
    assert len(done) == 2
