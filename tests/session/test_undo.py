"""One history over edits and runs: what undo and redo bring back, bit for bit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from deltaglow.model import build, edits, examples, fileformat
from deltaglow.model.project import Optimizer, Project
from deltaglow.session.lab import Lab


@pytest.fixture
def lab(qapp: object) -> Iterator[Lab]:
    project = examples.load("spirals")
    training = replace(project.training, optimizer=Optimizer("adam", 0.01))
    made = Lab(replace(project, training=training))
    yield made
    made.close()


def train(lab: Lab, qtbot: QtBot, steps: int) -> None:
    wanted = lab.head + steps
    lab.train()
    qtbot.waitUntil(lambda: lab.history.length >= wanted, timeout=20_000)
    lab.pause()


def rate(value: float) -> Callable[[Project], Project]:
    def change(project: Project) -> Project:
        optimizer = replace(project.training.optimizer, learning_rate=value)
        return replace(project, training=replace(project.training, optimizer=optimizer))

    return change


def units(count: int) -> Callable[[Project], Project]:
    return lambda project: edits.with_units(project, 1, count)


def names(lab: Lab) -> list[str]:
    stack = lab.document.undo_stack
    return [stack.text(i) for i in range(stack.count())]


def standing(lab: Lab) -> tuple[object, ...]:
    return (
        lab.project,
        lab.head,
        lab.frame.step,
        lab.position,
        lab.frame.theta.tobytes(),
        lab.history.columns(lab.history.names).tobytes(),
        lab._trainer.state().theta.tobytes(),
        tuple(array.tobytes() for array in lab._trainer.state().optimizer),
        fileformat.dumps(lab.trained_project),
    )


def test_undo_rewinds_a_run_and_redo_goes_forward_again(lab: Lab, qtbot: QtBot) -> None:
    start = standing(lab)
    train(lab, qtbot, 300)
    end = standing(lab)
    assert names(lab) == [f"Train {lab.head:,} steps"]
    lab.document.undo_stack.undo()
    assert standing(lab) == start and lab.head == 0
    lab.document.undo_stack.redo()
    assert standing(lab) == end


def test_undo_while_a_run_is_under_way_ends_and_rewinds_it(lab: Lab, qtbot: QtBot) -> None:
    start = standing(lab)
    lab.train()
    qtbot.waitUntil(lambda: lab.history.length > 50)
    lab.document.undo_stack.undo()
    assert not lab.running and standing(lab) == start
    lab.document.undo_stack.redo()
    assert lab.head > 50 and lab.history.length == lab.head


def test_edits_and_runs_undone_one_by_one_and_done_again(lab: Lab, qtbot: QtBot) -> None:
    places = [standing(lab)]
    for do in (
        lambda: train(lab, qtbot, 70),
        lambda: lab.edit("Learning rate", rate(0.003)),
        lambda: train(lab, qtbot, 70),
        lambda: lab.edit("Units", units(5)),
        lambda: train(lab, qtbot, 70),
        lambda: lab.edit("Layer", lambda p: edits.add_layer(p, 2, "batch_norm")),
        lambda: train(lab, qtbot, 30),
        lab.restart,
        lambda: train(lab, qtbot, 20),
    ):
        do()
        places.append(standing(lab))
    stack = lab.document.undo_stack
    assert stack.count() == len(places) - 1
    for place in reversed(places[:-1]):
        stack.undo()
        assert standing(lab) == place
    for place in places[1:]:
        stack.redo()
        assert standing(lab) == place
    stack.setIndex(4)
    assert standing(lab) == places[4]


def test_an_edit_while_training_goes_on_and_divides_the_run(lab: Lab, qtbot: QtBot) -> None:
    said: list[bool] = []
    lab.runningChanged.connect(said.append)
    lab.train()
    qtbot.waitUntil(lambda: lab.history.length > 40)
    lab.edit("Units", units(4))
    at = lab._stretch.begins
    assert lab.running and at > 40
    qtbot.waitUntil(lambda: lab.history.length > at + 40)
    lab.pause()
    assert said == [True, False]
    assert names(lab) == [f"Train {at:,} steps", "Units", f"Train {lab.head - at:,} steps"]
    assert lab.first_step == 0 and lab.alike == (at, lab.head)
    lab.rewind()
    assert lab.frame.step == 0 and lab.project.network.sizes != lab.document.project.network.sizes


def test_a_slider_that_is_dragged_while_training_is_one_step(lab: Lab, qtbot: QtBot) -> None:
    lab.train()
    qtbot.waitUntil(lambda: lab.history.length > 10)
    for number in range(5):
        lab.edit("Learning rate", rate(0.001 + 0.001 * number), merge=True)
        reached = lab.history.length
        qtbot.waitUntil(lambda reached=reached: lab.history.length > reached)
    lab.pause()
    assert [name.split()[0] for name in names(lab)] == ["Train", "Learning", "Train"]
    end = standing(lab)
    losses = lab.history.columns(["loss"])
    stack = lab.document.undo_stack
    stack.undo()
    assert lab.project.training.optimizer.learning_rate == pytest.approx(0.005)
    stack.undo()
    assert lab.project.training.optimizer.learning_rate == 0.01
    stack.redo()
    stack.redo()
    assert standing(lab) == end
    # Every step comes back as it was, across all the rates that the slider passed.
    for step in (0, len(losses) // 2, len(losses) - 2):
        lab.show_step(step)
        assert np.float32(lab.frame.loss) == losses[step, 0]


def test_an_edit_in_the_past_begins_there_and_undo_brings_the_future_back(lab: Lab, qtbot: QtBot) -> None:
    train(lab, qtbot, 100)
    lab.show_step(40)
    here = standing(lab)
    lab.edit("Learning rate", rate(0.5))
    assert lab.head == 40 and lab.history.length == 40 and lab.frame.learning_rate == 0.5
    lab.document.undo_stack.undo()
    assert standing(lab) == here and lab.head >= 100


def test_training_on_from_the_past_is_undone_to_where_it_was(lab: Lab, qtbot: QtBot) -> None:
    train(lab, qtbot, 100)
    lab.rewind()
    here = standing(lab)
    train(lab, qtbot, 20)
    lab.document.undo_stack.undo()
    assert standing(lab) == here and lab.head >= 100


def test_a_run_that_makes_no_step_is_no_step_of_the_history(qapp: object) -> None:
    project = examples.load("worked-example")
    first = project.network.layers[0]
    wild = replace(first, activation="identity", W=np.full((2, 3), 1e308))
    lab = Lab(replace(project, network=replace(project.network, layers=(wild, *project.network.layers[1:]))))
    lab.train()
    lab.pause()
    assert lab.head == 0 and lab.document.undo_stack.count() == 0 and not lab.document.modified
    lab.close()


def test_what_a_run_learned_makes_the_document_modified_until_it_is_undone(lab: Lab, qtbot: QtBot) -> None:
    train(lab, qtbot, 5)
    assert lab.document.modified
    lab.document.undo_stack.undo()
    assert not lab.document.modified


def test_a_title_is_edited_in_mid_run_without_a_trace_in_it(lab: Lab, qtbot: QtBot) -> None:
    train(lab, qtbot, 30)
    head, theta = lab.head, lab.frame.theta
    lab.edit("Title", lambda project: replace(project, title="New"))
    assert lab.project.title == "New" and lab.head == head and lab.frame.theta is not None
    assert np.array_equal(lab.frame.theta, theta)
    lab.show_step(3)
    lab.document.undo_stack.undo()
    assert lab.project.title != "New"


def test_a_weight_typed_in_mid_run_stays_and_the_others_with_it(lab: Lab, qtbot: QtBot) -> None:
    train(lab, qtbot, 30)
    before = lab._trainer.state()
    lab.edit("w", lambda project: edits.set_weights(project, [((1, 0, 1), 0.75)]))
    after = lab._trainer.state()
    changed = np.flatnonzero(after.theta != before.theta)
    assert len(changed) == 1 and after.theta[changed[0]] == 0.75
    assert all(np.array_equal(a, b) for a, b in zip(before.optimizer, after.optimizer, strict=True))
    assert after.step == before.step == lab.head
    assert lab.project.network.layers[0].W is not None and lab.project.network.layers[0].W[0, 1] == 0.75


def test_a_project_opened_and_edited_is_saved_without_numbers_it_did_not_have(lab: Lab) -> None:
    lab.edit("Learning rate", rate(0.5))
    lab.edit("Batch", lambda p: replace(p, training=replace(p.training, batch_size=7)))
    assert lab.trained_project is lab.project
    lab.edit("Units", units(4))
    assert lab.trained_project.network.layers[0].W is not None, "what was on the screen stays"
    lab.restart()
    assert lab.trained_project is lab.project
    assert np.array_equal(lab.frame.theta, build.trainer(lab.project).network.theta)


def test_an_edit_that_is_withdrawn_leaves_what_was_undone_before_it(lab: Lab, qtbot: QtBot) -> None:
    stack = lab.document.undo_stack
    lab.edit("Units", units(4))
    train(lab, qtbot, 5)
    lab.edit("Rate", rate(0.5))
    stack.setClean()
    last, made = standing(lab), names(lab)
    stack.undo()
    stack.undo()
    before = standing(lab)
    for value in (0.3, 0.2):
        lab.edit("Drag", rate(value), merge=7)
    assert not stack.canRedo()
    lab.withdraw("Drag", 7)
    assert (names(lab), standing(lab), stack.index()) == (made, before, 1)
    assert lab.document.modified
    stack.redo()
    stack.redo()
    assert standing(lab) == last and not lab.document.modified
    stack.undo()
    lab.edit("Drag", rate(0.3), merge=8)
    lab.edit("Units", units(5))
    lab.withdraw("Drag", 8)
    assert not stack.canRedo() and names(lab)[-2:] == ["Drag", "Units"]
