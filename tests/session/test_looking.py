"""Holding on to one sample: in its batch, or apart from it; and nothing is learned from looking."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from deltaglow.engine import Network, evaluate
from deltaglow.explain.derivation import derive
from deltaglow.model import examples
from deltaglow.model.own_samples import own, with_feature, without
from deltaglow.model.quantity import Quantity
from deltaglow.model.samples import prepared, split
from deltaglow.session.lab import Lab


@pytest.fixture
def iris(qapp: QApplication) -> Iterator[Lab]:
    lab = Lab(examples.load("iris"))
    yield lab
    lab.close()


def outside(lab: Lab) -> int:
    """A row that is kept out of the training, and so in no batch."""
    return int(split(lab.project)[1][0])


def test_a_row_of_the_batch_is_shown_in_it(iris: Lab) -> None:
    frame = iris.frame
    iris.look_at(int(frame.rows[3]))
    assert iris.frame is frame and iris.sample == 3 and not iris.apart
    iris.set_sample(5)
    assert iris.pinned is None
    with pytest.raises(IndexError):
        iris.look_at(150)


def test_a_row_outside_the_batch_is_asked_alone(iris: Lab) -> None:
    lab = iris
    lab.next_step()
    theta, row = lab.frame.theta_after.copy(), outside(lab)
    lab.look_at(row)
    assert lab.apart and lab.row == row and lab.frame.rows.tolist() == [row]
    assert not lab.frame.training and lab.frame.step == 1 == lab.head
    assert np.array_equal(lab.frame.theta, theta), "what is shown was complete: the parameters after it"
    made = prepared(lab.project).dataset
    assert np.array_equal(lab.frame.x[0], made.x[row])
    network = Network.of(lab.frame.architecture)
    network.theta[:] = theta
    judged = evaluate(network, made.x[row : row + 1], made.y[row : row + 1])
    assert lab.frame.loss == pytest.approx(judged.loss, rel=1e-12)
    assert np.array_equal(lab.trained_project.network.layers[0].W, lab.frame.layers[0].W)
    for q in (
        Quantity("loss"),
        Quantity("delta", 1, (0,)),
        Quantity("dW", 1, (0, 1)),
        Quantity("x", None, (2,)),
    ):
        assert derive(lab.project, lab.frame, q, lab.sample).label


def test_it_stays_from_step_to_step_and_nothing_is_learned_from_it(iris: Lab) -> None:
    lab, other = iris, Lab(examples.load("iris"))
    for _ in range(4):
        other.next_step()
    wanted = other.frame.theta_after.copy()
    row = outside(lab)
    lab.look_at(row)
    lab.set_position(lab.end)
    assert not lab.complete and lab.head == 0
    assert not lab.reached(Quantity("W_after", 1, (0, 0)))
    for step in range(1, 5):
        lab.step_forward()
        assert (lab.head, lab.frame.step, lab.position) == (step, step, 0.0)
        assert lab.apart and lab.row == row
        lab.next_step()
        assert lab.position == lab.end
    assert np.array_equal(lab.frame.theta, wanted)
    lab.previous_step()
    assert lab.frame.step == 3 and lab.apart
    lab.show_step(1)
    assert lab.frame.step == 1 and lab.row == row
    lab.look_at(None)
    assert not lab.apart and lab.frame.step == 1 and lab.frame.samples > 1
    other.close()


def test_playing_goes_on_past_it(iris: Lab) -> None:
    lab = iris
    lab.look_at(outside(lab))
    lab.set_playing(True)
    for _ in range(200):
        lab.advance(0.1)
        assert lab.position <= lab.end
    assert lab.head > 0 and lab.apart
    lab.set_playing(False)


def test_after_a_run_it_is_shown_again_with_what_was_learned(iris: Lab, qtbot: QtBot) -> None:
    lab = iris
    row = outside(lab)
    lab.look_at(row)
    lab.train()
    qtbot.waitUntil(lambda: lab.history.length > 30 and lab.pull())
    assert lab.frame.samples > 1
    lab.pause()
    assert lab.apart and lab.row == row and lab.frame.step == lab.head
    state = lab.saved_project.state
    assert state is not None and state.step == lab.head
    lab.document.undo_stack.undo()
    assert lab.head == 0 and lab.apart


def test_an_edit_keeps_it_and_fewer_samples_let_it_go(iris: Lab) -> None:
    lab = iris
    lab.next_step()
    lab.look_at(149)
    lab.edit("Batch size", replace(lab.project, training=replace(lab.project.training, batch_size=8)))
    assert lab.row == 149
    lab.edit("Samples", replace(lab.project, data=replace(lab.project.data, samples=60)))  # type: ignore[type-var]
    assert lab.pinned is None and not lab.apart


@pytest.mark.parametrize("name", ["batch-norm", "dropout", "convolution", "residual", "regression", "gates"])
def test_every_kind_of_network_can_be_asked(qapp: QApplication, name: str) -> None:
    lab = Lab(examples.load(name))
    lab.next_step()
    for row in {0, len(lab.dataset.x) - 1, *split(lab.project)[1][:1].tolist()}:
        lab.look_at(int(row))
        assert lab.row == row
    lab.close()


def test_deleting_an_earlier_sample_lets_go_of_what_would_be_another(iris: Lab) -> None:
    iris.look_at(100)
    iris.edit("Edit a sample", replace(iris.project, data=with_feature(own(iris.project), 3, 0, 5.0)))
    assert iris.pinned == 100
    iris.edit("Delete a sample", replace(iris.project, data=without(own(iris.project), [3])))
    assert iris.pinned is None and not iris.apart
