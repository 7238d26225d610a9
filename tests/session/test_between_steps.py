"""Weights and hyperparameters edited during a run: they apply between two steps, and the run goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from tests.session.test_undo import names, rate, standing, units

from deltaglow.model import build, edits, examples
from deltaglow.model.errors import ProjectError
from deltaglow.model.project import Change, Optimizer, Project
from deltaglow.session.lab import Lab


@pytest.fixture
def lab(qapp: object) -> Iterator[Lab]:
    project = examples.load("spirals")
    training = replace(project.training, optimizer=Optimizer("adam", 0.01))
    made = Lab(replace(project, training=training))
    yield made
    made.close()


def weight(value: float) -> Change:
    return partial(edits.set_weights, values=[((2, 1, 3), value)])


def smaller_batches(project: Project) -> Project:
    return replace(project, training=replace(project.training, batch_size=7))


def reach(lab: Lab, qtbot: QtBot, steps: int) -> None:
    qtbot.waitUntil(lambda: lab.history.length >= steps, timeout=20_000)


@pytest.fixture
def stops(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What ends a run, or tells that it ended."""
    found: list[object] = []
    stop: Callable[[], bool] = lab.runner.stop
    monkeypatch.setattr(lab.runner, "stop", lambda: found.append("stop") or stop())
    lab.runningChanged.connect(found.append)
    return found


def test_a_weight_set_in_mid_run_is_in_theta_from_the_next_step_on(
    lab: Lab, qtbot: QtBot, stops: list[object]
) -> None:
    lab.train()
    reach(lab, qtbot, 40)
    del stops[:]
    places = []
    for value in (0.75, -1.5):
        lab.edit("Weight", weight(value))
        places.append(lab._stretch.begins)
        reach(lab, qtbot, lab.head + 40)
    assert lab.running and stops == []
    lab.pause()

    alone = build.trainer(lab._stretch.holding(0).project)
    at = alone.network.architecture
    for value, place in zip((0.75, -1.5), places, strict=True):
        while alone.step_count < place:
            alone.step()
        state = alone.state()
        theta = state.theta.copy()
        at.layers[1].named(at.blocks(theta)[1])["W"][1, 3] = value
        alone.restore(replace(state, theta=theta))
        shown = lab._frame_of(place)
        assert shown.theta.tobytes() == theta.tobytes() and shown.layers[1].W[1, 3] == value
    while alone.step_count < lab.head:
        alone.step()
    assert alone.state().theta.tobytes() == lab._trainer.state().theta.tobytes()
    assert all(map(np.array_equal, alone.state().optimizer, lab._trainer.state().optimizer))
    assert [name.split()[0] for name in names(lab)] == ["Train", "Weight", "Train", "Weight", "Train"]
    assert lab.first_step == 0 and lab.history.length == lab.head


@pytest.mark.parametrize(
    "change", [weight(0.5), rate(0.05), smaller_batches], ids=["weight", "rate", "batch"]
)
def test_undone_and_redone_every_step_is_the_same_bit_for_bit(
    lab: Lab, qtbot: QtBot, stops: list[object], change: Change
) -> None:
    first = standing(lab)
    lab.train()
    reach(lab, qtbot, 70)
    del stops[:]
    lab.edit("Edit", change)
    at = lab._stretch.begins
    reach(lab, qtbot, at + 70)
    assert stops == []
    lab.pause()
    last = standing(lab)
    frames = [lab._frame_of(step).theta.tobytes() for step in range(lab.first_step, lab.head)]
    for _ in range(3):
        lab.document.undo_stack.undo()
    assert standing(lab) == first and lab.head == 0
    lab.document.undo_stack.redo()
    assert lab.head == at
    lab.document.undo_stack.redo()
    lab.document.undo_stack.redo()
    assert standing(lab) == last
    assert frames == [lab._frame_of(step).theta.tobytes() for step in range(lab.first_step, lab.head)]


def test_a_drag_in_mid_run_is_one_step_of_the_history(lab: Lab, qtbot: QtBot, stops: list[object]) -> None:
    lab.train()
    reach(lab, qtbot, 30)
    del stops[:]
    for value in (0.1, 0.2, 0.3, 0.4):
        lab.edit("Weight", weight(value), merge=9)
        reach(lab, qtbot, lab.head + 5)
    assert stops == []
    lab.pause()
    assert [name.split()[0] for name in names(lab)] == ["Train", "Weight", "Train"]
    lab.document.undo_stack.undo()
    lab.document.undo_stack.undo()
    assert names(lab)[0] == f"Train {lab.head:,} steps"


def test_at_a_slow_rate_an_edit_neither_waits_for_a_step_nor_hastens_it(lab: Lab, qtbot: QtBot) -> None:
    lab.rate = 2.0
    lab.train()
    reach(lab, qtbot, 1)
    for value in range(20):
        lab.edit("Weight", weight(value / 20), merge=5)
    assert lab.head <= 2
    lab.pause()


def test_what_changes_the_network_still_ends_the_run_and_begins_it_again(
    lab: Lab, qtbot: QtBot, stops: list[object]
) -> None:
    lab.train()
    reach(lab, qtbot, 30)
    del stops[:]
    lab.edit("Units", units(9))
    assert stops == ["stop"] and lab.running
    reach(lab, qtbot, lab.head + 10)
    lab.pause()


def test_an_edit_that_fails_on_what_was_learned_lets_the_run_go_on(lab: Lab, qtbot: QtBot) -> None:
    def failing(project: Project) -> Project:
        if project.network.layers[0].W is not None:
            raise ProjectError("layer 1", "cannot be edited")
        return smaller_batches(project)

    lab.train()
    reach(lab, qtbot, 10)
    with pytest.raises(ProjectError):
        lab.edit("Batch size", failing)
    assert lab.running
    reach(lab, qtbot, lab.history.length + 40)
    lab.pause()
