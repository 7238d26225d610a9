"""Branches: the past played on is the same future, an edit there begins another, and none is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from deltaglow.model import edits, examples
from deltaglow.model.project import Change, Project
from deltaglow.session import branches as module
from deltaglow.session.lab import Lab


@pytest.fixture
def lab() -> Iterator[Lab]:
    made = Lab(examples.load("spirals"))
    yield made
    made.close()


def advance(lab: Lab, steps: int) -> None:
    for _ in range(steps):
        lab.next_step()


def rate(value: float) -> Change:
    def change(project: Project) -> Project:
        optimizer = replace(project.training.optimizer, learning_rate=value)
        return replace(project, training=replace(project.training, optimizer=optimizer))

    return change


def standing(lab: Lab) -> tuple[object, ...]:
    """All that is seen of where it stands."""
    titles = [(b.number, b.title, b.head) for b in lab.branches.every]
    at = lab.branches.current, lab.head, lab.frame.step, lab.position
    return (*at, titles, lab.frame.theta_after.tobytes(), lab.project)


def rows(lab: Lab, upto: int) -> bytes:
    return lab.history.columns(lab.history.names, 0, upto).tobytes()


def test_the_past_played_on_is_the_same_future_bit_for_bit(lab: Lab, qtbot: QtBot) -> None:
    lab.train()
    qtbot.waitUntil(lambda: lab.history.length > 400)
    lab.pause()
    head, seen = lab.head, rows(lab, lab.head)
    frames = {step: lab.past_frame(step).theta_after.tobytes() for step in (100, 150, 300, head - 1)}
    lab.show_step(100)
    lab.train()
    qtbot.waitUntil(lambda: lab.history.length >= head)
    lab.pause()
    assert rows(lab, head) == seen
    assert {step: lab.past_frame(step).theta_after.tobytes() for step in frames} == frames
    assert len(lab.branches.every) == 1


def test_going_back_forgets_nothing_of_the_branch(lab: Lab) -> None:
    advance(lab, 30)
    lab.show_step(10)
    lab._go_back_to(10)
    assert lab.head == 10 and lab.branches.here.head == 30
    advance(lab, 5)
    assert lab.head == 15 and lab.branches.here.head == 30
    lab.switch_to(1)
    assert lab.head == 30 and lab.frame.step == 29 and lab.complete


def test_an_edit_in_the_past_begins_a_branch_and_keeps_the_future(lab: Lab) -> None:
    advance(lab, 30)
    future = lab.frame.theta_after.tobytes()
    lab.show_step(10)
    lab.edit("Learning rate", rate(0.05))
    advance(lab, 8)
    one, two = lab.branches.every
    assert (one.title, one.head, two.title, two.head) == ("Run 1", 30, "Run 2", 18)
    assert lab.branches.current == 2 and one.shared(two) == 10
    assert rows(lab, 10) == one.history.columns(one.history.names, 0, 10).tobytes()
    mine = lab.frame.theta_after.tobytes()
    lab.switch_to(1)
    assert lab.head == 30 and lab.frame.theta_after.tobytes() == future
    assert lab.project.training.optimizer.learning_rate == one.project.training.optimizer.learning_rate
    lab.switch_to(2)
    assert lab.head == 18 and lab.frame.theta_after.tobytes() == mine


def test_an_edit_at_the_newest_step_goes_on_with_the_branch(lab: Lab) -> None:
    advance(lab, 5)
    lab.edit("Learning rate", rate(0.05))
    advance(lab, 5)
    lab.show_step(lab.head)
    lab.edit("Learning rate", rate(0.1))
    assert len(lab.branches.every) == 1
    advance(lab, 1)
    assert lab.branches.here.head == 11


def test_training_on_from_before_an_edit_is_another_branch(lab: Lab, qtbot: QtBot) -> None:
    advance(lab, 10)
    lab.edit("Learning rate", rate(0.05))
    advance(lab, 5)
    lab.show_step(4)
    lab.train()
    qtbot.waitUntil(lambda: lab.history.length > 8)
    lab.pause()
    one, two = lab.branches.every
    assert one.head == 15 and one.shared(two) == 4 and lab.branches.current == 2


def test_a_drag_in_the_past_begins_one_branch(lab: Lab) -> None:
    advance(lab, 10)
    lab.show_step(3)
    for value in (0.1, 0.11, 0.12, 0.13):
        lab.edit("Learning rate", rate(value), merge=7)
    assert len(lab.branches.every) == 2
    lab.document.undo_stack.undo()
    assert len(lab.branches.every) == 1 and lab.head == 10


def test_an_edit_of_a_run_that_went_back_keeps_what_it_had(lab: Lab, qtbot: QtBot) -> None:
    advance(lab, 40)
    lab.show_step(5)
    lab.rate = 20.0
    lab.train()
    qtbot.waitUntil(lambda: lab.history.length > 6)
    lab.edit("Learning rate", rate(0.02))
    qtbot.waitUntil(lambda: lab.history.length > 9)
    lab.pause()
    one, two = lab.branches.every
    assert one.head == 40 and 5 < one.shared(two) < 40 and lab.branches.current == 2
    assert two.head == lab.head


def test_a_new_structure_at_step_0_keeps_the_run(lab: Lab) -> None:
    advance(lab, 12)
    theta = lab.frame.theta_after.tobytes()
    lab.rewind()
    lab.edit("Units", lambda project: edits.with_units(project, 1, 9))
    advance(lab, 3)
    assert [b.head for b in lab.branches.every] == [12, 3]
    lab.switch_to(1)
    assert lab.frame.theta_after.tobytes() == theta


def test_everything_about_branches_is_undone_and_done_again(lab: Lab) -> None:
    advance(lab, 20)
    lab.show_step(5)
    lab.edit("Learning rate", rate(0.05))
    advance(lab, 4)
    stack, seen = lab.document.undo_stack, [standing(lab)]
    for do in (
        lambda: lab.rename_branch(2, "  slower \n descent "),
        lambda: lab.switch_to(1),
        lambda: lab.delete_branch(2),
        lab.restart,
    ):
        do()
        seen.append(standing(lab))
    assert seen[1][4] == [(1, "Run 1", 20), (2, "slower descent", 9)]
    assert seen[3][4] == [(1, "Run 1", 20)] and seen[4][4] == [(1, "Run 1", 0)]
    for expected in reversed(seen[:-1]):
        stack.undo()
        assert standing(lab) == expected
    for expected in seen[1:]:
        stack.redo()
        assert standing(lab) == expected


def test_what_cannot_be_is_refused(lab: Lab) -> None:
    with pytest.raises(ValueError, match="stood on"):
        lab.delete_branch(1)
    for command in (lab.switch_to, lab.delete_branch):
        with pytest.raises(KeyError):
            command(9)
    count = lab.document.undo_stack.count()
    lab.rename_branch(1, "")
    assert lab.document.undo_stack.count() == count


def test_of_many_branches_without_names_the_oldest_go(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    for value in range(8):
        advance(lab, 2)
        if value == 2:
            lab.rename_branch(lab.branches.current, "kept")
        lab.show_step(0)
        lab.edit("Learning rate", rate(0.1 + value / 100))
    titles = [branch.title for branch in lab.branches.every]
    assert titles == ["kept", "Run 6", "Run 7", "Run 8", "Run 9"]


def test_another_project_begins_with_one_branch(lab: Lab) -> None:
    advance(lab, 5)
    lab.show_step(1)
    lab.edit("Learning rate", rate(0.05))
    lab.open(examples.load("xor"))
    assert [b.title for b in lab.branches.every] == ["Run 1"] and lab.branches.here.head == 0


def test_all_branches_share_the_memory_and_come_back_from_little(lab: Lab, qtbot: QtBot) -> None:
    heads = []
    for value in (0.1, 0.2, 0.3):
        lab.train()
        qtbot.waitUntil(lambda: lab.history.length > 600)
        lab.pause()
        heads.append((lab.head, lab.frame.theta_after.tobytes()))
        lab.rewind()
        lab.edit("Learning rate", rate(value))
    lab.memory.bound = lab.memory.nbytes // 6
    lab.memory.make_room()
    assert lab.memory.nbytes <= lab.memory.bound
    for number, (head, theta) in enumerate(heads, start=1):
        lab.switch_to(number)
        assert lab.head == head and np.array_equal(lab.frame.theta_after, np.frombuffer(theta))
        assert len([1 for member in lab.memory.members if member.held[1] is not None]) <= 1


def test_another_project_is_compared_with_nothing(lab: Lab) -> None:
    for name in ("spirals", "moons"):
        lab.open(examples.load(name))
        advance(lab, 3)
        lab.show_step(1)
        lab.edit("Learning rate", rate(0.01))
        advance(lab, 1)
        assert lab.compared is None
        lab.compare_with(lab.branches.others[0].number)
        assert lab.compared == 1


def test_the_one_that_is_compared_stays_however_many_there_are(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    lab.next_step()
    lab.next_step()
    for number in range(5):
        lab.show_step(0)
        lab.edit("Seed", lambda p, number=number: replace(p, training=replace(p.training, seed=50 + number)))
        if number == 0:
            lab.compare_with(1)
        lab.next_step()
        lab.next_step()
    assert lab.compared == 1 and 1 in lab.branches and len(lab.branches.every) == 4
