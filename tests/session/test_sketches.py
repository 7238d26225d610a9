"""Sketches along a run: taken as it goes, worked out again of the past, forgotten with another past."""

from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from deltaglow.explain.sketch import sketch
from deltaglow.model import edits, examples
from deltaglow.session import sketches
from deltaglow.session.lab import Lab
from deltaglow.session.sketches import Sketches


@pytest.fixture
def lab(qtbot: QtBot) -> Lab:
    del qtbot
    return Lab(examples.open_project("@moons"))


def test_the_past_is_worked_out_again_and_is_the_same(lab: Lab) -> None:
    along = Sketches(lab)
    seen = []
    for _ in range(30):
        lab.next_step()
        seen.append(sketch(lab.frame))
    assert along.steps == []
    while along.missing():
        along.fill(along.missing()[0])
    assert along.steps == list(range(30))
    for step in along.steps:
        np.testing.assert_array_equal(
            along.at(step).histograms["dW", 1].counts, seen[step].histograms["dW", 1].counts
        )
    lab.close()


def test_a_step_whose_numbers_are_not_all_there_is_not_taken(lab: Lab) -> None:
    along = Sketches(lab)
    assert not along.take()
    lab.next_step()
    assert along.take() and not along.take() and along.steps == [0]
    lab.close()


def test_an_edit_keeps_the_steps_before_it_and_forgets_those_after(lab: Lab) -> None:
    along = Sketches(lab)
    for _ in range(12):
        lab.next_step()
        along.take()
    lab.show_step(5, lab.phases.end)
    optimizer = replace(lab.project.training.optimizer, learning_rate=0.01)
    lab.edit("Slower", replace(lab.project, training=replace(lab.project.training, optimizer=optimizer)))
    assert all(step <= 5 for step in along.steps)
    lab.close()


def test_there_are_never_more_than_have_room(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sketches, "MOST", 8)
    along = Sketches(lab)
    for _ in range(40):
        lab.next_step()
        along.take()
    assert len(along.steps) == 8 and along.steps[0] == 0 and along.steps[-1] == 39
    assert np.diff(along.steps).max() < 20
    lab.close()


def test_steps_of_an_earlier_network_have_their_own(lab: Lab) -> None:
    along = Sketches(lab)
    for _ in range(10):
        lab.next_step()
    lab.edit("Depth", lambda project: edits.add_layer(project, 1))
    for _ in range(5):
        lab.next_step()

    def whole() -> list[int]:
        while along.missing():
            along.fill(along.missing()[0])
        return along.steps

    assert whole() == list(range(10, 15)) and ("a", 3) in along.at(12).histograms
    lab.show_step(4, lab.phases.end)
    assert whole() == list(range(10)) and ("a", 3) not in along.at(12).histograms
    lab.show_step(14, lab.phases.end)
    assert along.steps == list(range(10, 15))
    lab.close()
