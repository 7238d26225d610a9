"""Steps from before an edit of the network or the data are shown, each with the project it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from deltaglow.engine import Frame
from deltaglow.model import build, edits, examples
from deltaglow.model.project import BuiltinData, Project
from deltaglow.session.lab import Lab


def other_data(project: Project) -> Project:
    assert isinstance(project.data, BuiltinData)
    return replace(project, data=replace(project.data, samples=60, seed=5))


def more_units(project: Project) -> Project:
    return edits.with_units(project, 1, 7)


def other_batches(project: Project) -> Project:
    return replace(project, training=replace(project.training, batch_size=7))


CHANGES = pytest.mark.parametrize("change", [other_data, more_units, other_batches])


def steps(lab: Lab, count: int) -> None:
    for _ in range(count):
        lab.next_step()


@pytest.fixture
def lab() -> Iterator[Lab]:
    made = Lab(examples.load("moons"))
    steps(made, 12)
    yield made
    made.close()


def same(one: Frame, other: Frame) -> bool:
    return one.theta_after.tobytes() == other.theta_after.tobytes() and np.array_equal(one.x, other.x)


@CHANGES
def test_every_step_is_shown_with_its_own_project(lab: Lab, change: Callable[[Project], Project]) -> None:
    early, project, data = [lab.past_frame(step) for step in range(12)], lab.project, lab.dataset
    lab.edit("Change", change)
    steps(lab, 8)
    later, changed = [lab.past_frame(step) for step in range(12, 20)], lab.project
    undo, told = lab.document.undo_stack.count(), []
    lab.projectChanged.connect(lambda: told.append(lab.frame.step))
    assert lab.first_step == 0 and lab.alike == (12, 20)
    for step in (15, 3, 11, 12, 0, 19):
        lab.show_step(step, lab.phases.end)
        mine = step < 12
        assert same(lab.frame, (early if mine else later)[step if mine else step - 12]) and lab.complete
        assert lab.project is (project if mine else changed)
        assert np.array_equal(lab.dataset.x, data.x) == (mine or change is not other_data)
        assert lab.alike == ((0, 11) if mine else (12, 20))
        assert lab.project.network.sizes == lab.frame.architecture.widths
        assert len(lab.phases) == len(lab.opening.phases)
        lab.select(lab.selected)
    assert told == [3, 12, 0, 19] and lab.document.undo_stack.count() == undo
    assert lab.document.project is changed and lab.branches.here.project is changed


@CHANGES
def test_walking_goes_over_the_edit(lab: Lab, change: Callable[[Project], Project]) -> None:
    project = lab.project
    lab.edit("Change", change)
    steps(lab, 2)
    for step in (13, 12, 11, 10):
        lab.show_step(step, lab.phases.end)
    assert lab.project is project
    lab.set_position(0.0)
    lab.step_back()
    assert (lab.frame.step, lab.complete) == (9, True)
    for _ in range(4):
        lab.next_step()
    assert lab.frame.step == 13 and lab.project.training == change(project).training


@CHANGES
def test_going_on_from_there_is_a_branch_of_the_project_shown(
    lab: Lab, change: Callable[[Project], Project], qtbot: QtBot
) -> None:
    project = lab.project
    lab.edit("Change", change)
    steps(lab, 4)
    lab.show_step(11, lab.phases.end)
    saved = lab.saved_project
    lab.train(until=20)
    qtbot.waitUntil(lambda: not lab.running)
    alone = build.trainer(project)
    for _ in range(13):
        alone.step()
    assert lab.document.project is project and lab.head == 20
    lab.show_step(12, lab.phases.end)
    assert lab.frame.theta_after.tobytes() == alone.network.theta.tobytes()
    assert [branch.head for branch in lab.branches.others] == [16]
    again = Lab(saved)
    steps(again, 1)
    assert again.frame.theta_after.tobytes() == alone.network.theta.tobytes()
    again.close()
    lab.document.undo_stack.undo()
    assert lab.head == 16 and lab.frame.step == 11 and lab.project is project


@CHANGES
def test_an_edit_there_begins_a_branch_from_that_step(lab: Lab, change: Callable[[Project], Project]) -> None:
    def rate(project: Project) -> Project:
        optimizer = replace(project.training.optimizer, learning_rate=0.123)
        return replace(project, training=replace(project.training, optimizer=optimizer))

    project = lab.project
    lab.edit("Change", change)
    steps(lab, 4)
    lab.show_step(6, lab.phases.end)
    before = lab.frame.theta_after.tobytes()
    lab.edit("Rate", rate)
    assert lab.document.project == rate(project) and lab.head == 7
    assert lab.frame.step == 6 and lab.frame.theta_after.tobytes() == before
    lab.document.undo_stack.undo()
    assert lab.head == 16 and lab.frame.step == 6 and lab.frame.theta_after.tobytes() == before
    lab.show_step(14)
    assert lab.project is lab.document.project


@CHANGES
def test_one_sample_is_held_on_to_over_the_edit(lab: Lab, change: Callable[[Project], Project]) -> None:
    lab.look_at(9)
    lab.edit("Change", change)
    steps(lab, 3)
    for step in range(10, 14):
        lab.show_step(step, lab.phases.end)
        assert lab.pinned is None or lab.row == 9


@CHANGES
def test_forgetting_the_run_there_leads_back_to_the_project_as_it_is(
    lab: Lab, change: Callable[[Project], Project], qtbot: QtBot
) -> None:
    lab.edit("Change", change)
    steps(lab, 4)
    now = lab.project
    lab.previous_step()
    lab.show_step(3)
    assert lab.project != now
    with qtbot.waitSignal(lab.projectChanged):
        lab.restart()
    assert lab.project == lab.document.project == now and lab.head == 0
