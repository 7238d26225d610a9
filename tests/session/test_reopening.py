"""A document that is saved and opened again stands where it stood, and goes on as it would have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from deltaglow.model import edits, fileformat
from deltaglow.model.project import Project
from deltaglow.session.lab import Lab

TEXT = """{"deltaglow": 1,
 "network": {"inputs": 2, "layers": [{"units": 4, "activation": "tanh"}, {"units": 2}]},
 "data": {"builtin": {"name": "moons", "samples": 20}},
 "training": {"optimizer": {"name": "adam"}, "batch_size": 6, "shuffle": true}}"""


def walked(lab: Lab, steps: int) -> Lab:
    for _ in range(steps):
        lab.next_step()
    return lab


def reopened(lab: Lab, tmp_path: Path) -> Lab:
    path = tmp_path / "run.dglow"
    fileformat.write(lab.saved_project, path)
    return Lab(fileformat.read(path), path)


def assert_same_next(one: Lab, other: Lab) -> None:
    assert one.head == other.head
    for _ in range(7):
        walked(one, 1), walked(other, 1)
        assert one.frame.step == other.frame.step
        assert one.frame.theta_after.tobytes() == other.frame.theta_after.tobytes()


@pytest.fixture
def lab(qtbot: QtBot) -> Iterator[Lab]:
    made = Lab(fileformat.loads(TEXT))
    yield made
    made.close()


def test_it_stands_where_it_stood_and_goes_on(lab: Lab, tmp_path: Path) -> None:
    walked(lab, 6)
    again = reopened(lab, tmp_path)
    assert (again.head, again.first_step, again.frame.step, again.history.length) == (6, 6, 6, 6)
    assert "before the file was saved" in again.unseen
    assert np.isnan(again.history.columns(["loss"])).all()
    assert again.project.state is None, "only the file has it: every edit would have to keep it true"
    assert_same_next(again, lab)
    again.show_step(8)
    assert again.frame.step == 8 and again.past_frame(7).theta.tobytes() == lab.past_frame(7).theta.tobytes()
    again.close()


def test_what_is_saved_is_the_step_that_is_shown(lab: Lab, tmp_path: Path) -> None:
    walked(lab, 6)
    lab.show_step(3, lab.phases.end)
    again = reopened(lab, tmp_path)
    assert again.head == 4
    assert lab.head == 6 and lab.frame.step == 3, "saving moves nothing"
    walked(again, 1)
    assert again.frame.theta_after.tobytes() == lab.past_frame(4).theta_after.tobytes()
    again.close()


def test_an_earlier_step_is_saved_with_the_rate_of_now(lab: Lab, tmp_path: Path) -> None:
    walked(lab, 4)
    lab.edit("rate", lambda p: _with_rate(p, 0.5))
    walked(lab, 2)
    lab.show_step(2)
    again = reopened(lab, tmp_path)
    lab.train(), lab.pause()
    lab.show_step(2)
    assert again.project.training.optimizer.learning_rate == 0.5 and again.head == 2
    walked(again, 1)
    assert again.frame.theta.tobytes() == lab.past_frame(2).theta.tobytes()
    again.close()


def _with_rate(project: Project, rate: float) -> Project:
    training = project.training
    return replace(
        project, training=replace(training, optimizer=replace(training.optimizer, learning_rate=rate))
    )


def test_an_untrained_document_is_saved_as_it_is(lab: Lab) -> None:
    assert lab.saved_project is lab.project
    walked(lab, 2)
    lab.restart()
    assert lab.saved_project is lab.project


def test_restart_of_what_was_opened_begins_with_the_parameters_of_the_file(lab: Lab, tmp_path: Path) -> None:
    again = reopened(walked(lab, 3), tmp_path)
    theta = again.frame.theta.tobytes()
    again.restart()
    assert again.head == 0 and again.first_step == 0 and again.frame.theta.tobytes() == theta
    again.document.undo_stack.undo()
    assert again.head == 3
    again.close()


def test_an_edit_of_what_was_opened_keeps_the_memory_of_the_optimiser(lab: Lab, tmp_path: Path) -> None:
    again = reopened(walked(lab, 5), tmp_path)
    for one in (again, lab):
        one.edit("unit", lambda p: edits.add_unit(p, 1))
    assert again.frame.theta.tobytes() == lab.frame.theta.tobytes()
    walked(again, 1), walked(lab, 1)
    assert again.frame.theta_after.tobytes() == lab.frame.theta_after.tobytes()
    again.close()


def test_a_draft_of_a_run_under_way_goes_on_too(lab: Lab, qtbot: QtBot) -> None:
    lab.train()
    qtbot.waitUntil(lambda: lab.head > 5)
    kept = lab.saved_project
    assert lab.running and kept.state is not None
    qtbot.waitUntil(lambda: lab.head > kept.state.step + 2)
    lab.pause()
    other = Lab(fileformat.loads(fileformat.dumps(kept)))
    walked(other, 1)
    assert other.frame.theta_after.tobytes() == lab.past_frame(kept.state.step).theta_after.tobytes()
    other.close()
