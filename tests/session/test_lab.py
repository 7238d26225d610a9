"""The laboratory, with a real thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from deltaglow.engine import EarlyStopping
from deltaglow.model import build, examples
from deltaglow.model.project import Optimizer, Project, Schedule, Validation
from deltaglow.model.quantity import AddressError, Quantity
from deltaglow.session.lab import Lab


@pytest.fixture
def lab(qapp: object) -> Iterator[Lab]:
    made = Lab(examples.load("worked-example"))
    yield made
    made.close()


@pytest.fixture
def spirals(qapp: object) -> Iterator[Lab]:
    made = Lab(examples.load("spirals"))
    yield made
    made.close()


def with_rate(project: Project, rate: float) -> Project:
    optimizer = replace(project.training.optimizer, learning_rate=rate)
    return replace(project, training=replace(project.training, optimizer=optimizer))


def train(lab: Lab, qtbot: QtBot, steps: int) -> None:
    wanted = lab.history.length + steps
    lab.train()
    qtbot.waitUntil(lambda: lab.history.length >= wanted, timeout=20_000)
    lab.pause()


def test_opens_at_the_start_with_nothing_done(lab: Lab) -> None:
    assert (lab.head, lab.position, lab.frame.step, lab.history.length) == (0, 0.0, 0, 0)
    assert not lab.reached(Quantity("z", 1, (0,)))
    assert lab.reached(Quantity("W", 1, (0, 0)))


def test_stepping_forward_reaches_each_number_in_turn_and_completes_the_step(lab: Lab) -> None:
    order = ["z", "a", "y_hat", "loss", "delta", "dW", "W_after"]
    known: list[str] = []
    while lab.head == 0:
        lab.step_forward()
        for kind in order:
            layer = None if kind in ("y_hat", "loss") else 1
            index = {"loss": (), "dW": (0, 0), "W_after": (0, 0)}.get(kind, (0,))
            if kind not in known and lab.reached(Quantity(kind, layer, index)):
                known.append(kind)
    assert known == order
    assert lab.history.length == 1
    assert lab.frame.loss == pytest.approx(0.567135605855, abs=1e-12)


def test_back_and_forth_is_exact(lab: Lab) -> None:
    places = []
    for _ in range(40):
        places.append((lab.frame.step, lab.position, lab.frame.loss))
        lab.step_forward()
    for place in reversed(places):
        lab.step_back()
        assert (lab.frame.step, lab.position, lab.frame.loss) == place


def test_a_phase_and_a_step_at_a_time(lab: Lab) -> None:
    lab.phase_forward()
    assert lab.position == 1.0
    lab.step_forward()
    lab.phase_back()
    assert lab.position == 1.0
    lab.next_step()
    assert (lab.head, lab.position) == (1, lab.phases.end)
    lab.next_step()
    assert (lab.head, lab.frame.step) == (2, 1)
    lab.previous_step()
    assert (lab.frame.step, lab.position) == (0, lab.phases.end)


def test_training_runs_on_its_own_thread_and_keeps_every_step(spirals: Lab, qtbot: QtBot) -> None:
    threads = set()
    collect = spirals.runner.worker.stepped
    collect.connect(lambda: threads.add(threading.get_ident()))
    train(spirals, qtbot, 500)
    assert spirals.head == spirals.history.length >= 500
    assert len(threads) == 1 and threading.get_ident() not in threads
    assert spirals.frame.step == spirals.head - 1
    assert spirals.position == spirals.phases.end


def test_training_gives_what_the_trainer_alone_gives(spirals: Lab, qtbot: QtBot) -> None:
    train(spirals, qtbot, 300)
    trainer = build.trainer(spirals.project)
    for _ in range(spirals.head):
        trainer.step()
    assert np.array_equal(spirals.frame.theta_after, trainer.network.theta)


def test_rewinding_and_training_again_finds_the_same_future(spirals: Lab, qtbot: QtBot) -> None:
    train(spirals, qtbot, 400)
    before = spirals.history.columns(["loss"])
    spirals.rewind()
    assert (spirals.frame.step, spirals.position, spirals.head) == (0, 0.0, len(before))
    train(spirals, qtbot, 100)
    after = spirals.history.columns(["loss"])
    common = min(len(before), len(after))
    assert np.array_equal(before[:common], after[:common])


def test_a_past_step_can_be_shown(spirals: Lab, qtbot: QtBot) -> None:
    train(spirals, qtbot, 300)
    losses = spirals.history.columns(["loss"])[:, 0]
    for step in (0, 17, 299, 150):
        spirals.show_step(step, spirals.phases.end)
        assert np.float32(spirals.frame.loss) == losses[step]


def test_the_learning_rate_changes_between_steps_without_a_pause(spirals: Lab, qtbot: QtBot) -> None:
    spirals.train()
    qtbot.waitUntil(lambda: spirals.history.length > 50)
    spirals.edit("learning rate", with_rate(spirals.project, 0.001))
    assert spirals.running
    reached = spirals.history.length + 50
    qtbot.waitUntil(lambda: spirals.history.length > reached)
    spirals.pause()
    assert spirals.frame.learning_rate == 0.001
    assert spirals.history.length == spirals.head
    spirals.show_step(10)
    assert spirals.frame.learning_rate != 0.001


def test_an_edit_of_the_learning_rate_shows_at_once_when_paused_and_is_undone(lab: Lab) -> None:
    after = lab.frame.theta_after.copy()
    lab.edit("learning rate", with_rate(lab.project, 1.0))
    assert not np.array_equal(lab.frame.theta_after, after)
    lab.document.undo_stack.undo()
    assert np.array_equal(lab.frame.theta_after, after)


def test_edits_of_one_name_merge_into_one_undo_step(lab: Lab) -> None:
    for rate in (0.2, 0.3, 0.4):
        lab.edit("learning rate", with_rate(lab.project, rate), merge=True)
    assert lab.document.undo_stack.count() == 1
    lab.document.undo_stack.undo()
    assert lab.project.training.optimizer.learning_rate == 0.1


def test_a_structural_edit_while_training_rebuilds_and_goes_on(spirals: Lab, qtbot: QtBot) -> None:
    spirals.train()
    qtbot.waitUntil(lambda: spirals.history.length > 20)
    layers = spirals.project.network.layers
    network = replace(spirals.project.network, layers=(replace(layers[0], units=5), *layers[1:]))
    spirals.edit("units", replace(spirals.project, network=network))
    assert spirals.running
    qtbot.waitUntil(lambda: spirals.history.length > 20)
    spirals.pause()
    assert spirals.frame.architecture.widths[1] == 5


def test_selecting_what_is_not_there_says_so_and_changes_nothing(lab: Lab) -> None:
    before = lab.selected
    with pytest.raises(AddressError, match="the network has 2 layers"):
        lab.select(Quantity("delta", 3, (0,)))
    assert lab.selected == before


def test_a_selection_the_new_network_lacks_falls_back_to_the_loss(lab: Lab) -> None:
    lab.select(Quantity("delta", 2, (1,)))
    first = lab.project.network.layers[0]
    network = replace(lab.project.network, layers=(replace(first, names_W=None, names_b=None),))
    lab.edit("one layer", replace(lab.project, network=network))
    assert lab.selected == Quantity("loss")


def test_training_that_explodes_stops_names_the_place_and_keeps_the_frame(spirals: Lab, qtbot: QtBot) -> None:
    spirals.edit("learning rate", with_rate(spirals.project, 900.0))
    network = spirals.project.network
    layers = tuple(replace(layer, activation="identity") for layer in network.layers)
    spirals.edit("linear", replace(spirals.project, network=replace(network, layers=layers)))
    with qtbot.waitSignal(spirals.message, timeout=20_000) as caught:
        spirals.train()
    assert "no longer a finite number" in caught.args[0]
    assert not spirals.running
    assert spirals.head == spirals.history.length
    assert np.isfinite(spirals.frame.theta).all()
    assert "press Home" in caught.args[0] and "comes too late" in caught.args[0]
    with qtbot.assertNotEmitted(spirals.message):
        spirals.show_step(spirals.head)
        spirals.edit("learning rate", with_rate(spirals.project, 0.01))
        spirals.edit("learning rate", with_rate(spirals.project, 0.001))
    assert spirals.broken
    spirals.rewind()
    spirals.edit("learning rate", with_rate(spirals.project, 0.002))
    with qtbot.assertNotEmitted(spirals.message):
        for _ in range(5):
            spirals.next_step()
    assert spirals.head == 5 and not spirals.broken


@pytest.fixture
def stopping(qapp: object) -> Iterator[Lab]:
    """A run that early stopping ends within a few epochs."""
    project = examples.load("spirals")
    training = replace(
        project.training,
        optimizer=Optimizer("adam", 0.5),
        schedule=Schedule("exponential"),
        early_stopping=EarlyStopping(2),
        noise=0.1,
    )
    made = Lab(replace(project, training=training, validation=Validation(0.3)))
    yield made
    made.close()


def test_early_stopping_ends_the_run_says_so_and_shows_the_best(stopping: Lab, qtbot: QtBot) -> None:
    with qtbot.waitSignal(stopping.message, timeout=30_000) as said:
        stopping.train()
    assert said.args is not None and "Stopped early at step" in said.args[0]
    qtbot.waitUntil(lambda: not stopping.running, timeout=5000)
    alone = build.trainer(stopping.project)
    while not alone.stopped_early:
        alone.step()
    assert stopping.head == stopping.history.length == alone.step_count
    assert stopping.frame.step == stopping.head and stopping.position == 0.0
    assert np.array_equal(stopping.frame.theta, alone.network.theta)
    assert alone.watch.best_theta is not None
    assert np.array_equal(stopping.trained_project.network.layers[0].W, alone.network.W(1))
    stopping.show_step(3)
    past = build.trainer(stopping.project)
    for _ in range(3):
        past.step()
    assert np.array_equal(stopping.frame.theta_after, past.preview().theta_after)


def test_a_fixed_rate_is_kept(spirals: Lab, qtbot: QtBot) -> None:
    spirals.rate = 50.0
    spirals.train()
    qtbot.waitUntil(lambda: spirals.history.length >= 10, timeout=5000)
    spirals.pause()
    assert spirals.history.length < 200


def test_playing_ends_with_the_step_and_then_plays_the_next_one(lab: Lab) -> None:
    for step in range(3):
        lab.set_playing(True)
        assert lab.playing and lab.frame.step == step and lab.position < lab.end
        for _ in range(100):
            if lab.playing:
                lab.advance(0.1)
        assert not lab.playing and lab.frame.step == step and lab.complete


def test_playing_moves_with_time_and_goes_on_to_the_next_step_if_wanted(lab: Lab) -> None:
    lab.set_onward(True)
    lab.set_playing(True)
    lab.seconds_per_layer = 0.5
    lab.advance(0.25)
    assert lab.position == pytest.approx(0.5)
    for _ in range(100):
        lab.advance(0.1)
    assert lab.frame.step >= 1
    lab.step_back()
    assert not lab.playing


def test_a_step_that_is_broken_from_the_start_is_shown_and_reported(qapp: object) -> None:
    project = examples.load("worked-example")
    first = project.network.layers[0]
    wild = replace(first, activation="identity", W=np.full((2, 3), 1e308))
    network = replace(project.network, layers=(wild, *project.network.layers[1:]))
    lab = Lab(replace(project, network=network))
    told: list[str] = []
    lab.message.connect(told.append)
    lab.set_position(lab.phases.end)
    assert lab.head == 0 and not np.isfinite(lab.frame.layers[1].z).all()
    lab.train()
    lab.pause()
    assert lab.head == 0
    lab.close()


def test_closed_in_mid_training_many_times(qapp: object, qtbot: QtBot) -> None:
    project = examples.load("spirals")
    for _ in range(50):
        lab = Lab(project)
        lab.train()
        qtbot.waitUntil(lambda lab=lab: lab.history.length > 3)
        lab.close()
        assert not lab.runner.thread_.isRunning()
