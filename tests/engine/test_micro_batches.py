"""Micro-batches in threads: the gradient of the whole batch, the same bits on every run, no thread left."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.mixtures import LOSS_SPECS, Run, captured, differences, runs

from deltaglow.engine import (
    PRECISIONS,
    BatchNorm,
    Dense,
    Dropout,
    LossSpec,
    Network,
    NonFinite,
    Trainer,
    TrainerOptions,
)
from deltaglow.engine import UpdateRule as Rule
from deltaglow.engine import crew as crew_module
from deltaglow.engine.crew import Crew
from deltaglow.engine.micro_batches import MicroBatches
from deltaglow.engine.ops import SMALL


@pytest.fixture(autouse=True)
def three_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many this machine has."""
    monkeypatch.setattr("deltaglow.engine.rooms.processors", lambda: 3)


@settings(max_examples=60, deadline=None)
@given(run=runs(norms=False), parts=st.integers(2, 5), segments=st.sampled_from((1, 2, "auto")))
def test_any_mixture_learns_as_in_one_piece(run: Run, parts: int, segments: int | str) -> None:
    run.optimizer = "momentum"  # Adam's first step is of size η whatever the gradient, down to its sign
    plain, parted = run.trainer(), run.trainer(micro_batches=parts, checkpoint=segments)
    with parted.threads():
        for _ in range(6):
            one, other = captured(plain), captured(parted)
            np.testing.assert_allclose(other.gradient, one.gradient, rtol=1e-7, atol=1e-10)
            assert other.loss == pytest.approx(one.loss, rel=1e-9)
            assert other.accuracy == pytest.approx(one.accuracy, nan_ok=True)
            assert differences((one.rows, one.x, one.y), (other.rows, other.x, other.y)) == []
            for a, b in zip(one.layers, other.layers, strict=True):
                np.testing.assert_allclose(b.delta, a.delta, rtol=1e-7, atol=1e-9)
                assert a.extra.keys() == b.extra.keys()
                if "keep" in a.extra:
                    assert np.array_equal(a.extra["keep"], b.extra["keep"])


def step(trainer: Trainer, steps: int) -> None:
    for _ in range(steps):
        trainer.step()


def test_large_layers_whose_errors_are_scaled_on_the_way() -> None:
    run = deep()
    run.layers = [Dense(90, "gelu"), Dropout(0.2), Dense(90, "selu"), Dense(90, "gelu_tanh"), Dense(3)]
    plain, parted = run.trainer(), run.trainer(micro_batches=3, checkpoint=2)
    assert len(plain.network.theta) > SMALL
    with parted.threads():
        for _ in range(4):
            one, other = captured(plain), captured(parted)
            np.testing.assert_allclose(other.gradient, one.gradient, rtol=1e-7, atol=1e-10)


def deep(loss: LossSpec = LOSS_SPECS[0], precision: str = "float64") -> Run:
    layers = [Dense(7, "tanh"), Dropout(0.3), Dense(5, "relu"), Dense(3)]
    return Run(layers, loss, "adam", Rule(), 0.05, 4, precision=precision)


@pytest.mark.parametrize("loss", LOSS_SPECS)
@pytest.mark.parametrize("segments", [1, 2])
@pytest.mark.parametrize("precision", PRECISIONS)
def test_a_run_repeats_bit_for_bit_on_any_number_of_processors(
    monkeypatch: pytest.MonkeyPatch, loss: LossSpec, segments: int, precision: str
) -> None:
    found = []
    for processors in (1, 2, 3, 8):
        monkeypatch.setattr("deltaglow.engine.rooms.processors", lambda n=processors: n)
        trainer = deep(loss, precision).trainer(micro_batches=3, checkpoint=segments)
        with trainer.threads():
            found.append([captured(trainer) for _ in range(12)])
    alone = deep(loss, precision).trainer(micro_batches=3, checkpoint=segments)
    found.append([captured(alone) for _ in range(12)])
    assert all(differences(found[0], other) == [] for other in found[1:])


def test_a_restored_state_replays_and_looking_changes_nothing() -> None:
    alone, watched = deep().trainer(micro_batches=3), deep().trainer(micro_batches=3)
    state = watched.state()
    with watched.threads():
        for _ in range(7):
            watched.preview()
            watched.evaluate()
            watched.step()
            alone.step()
    assert differences(alone.state(), watched.state()) == []
    watched.restore(state)
    step(watched, 7)
    assert differences(alone.state(), watched.state()) == []


def threads() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name.startswith("crew")]


def test_threads_are_there_while_they_are_wanted_and_not_after() -> None:
    trainer = deep().trainer(micro_batches=3)
    trainer.step()
    assert threads() == []
    for _ in range(2):
        with trainer.threads():
            step(trainer, 3)
            assert threads()
        assert threads() == []
    trainer.step()
    assert threads() == []


def test_threads_end_when_a_step_fails() -> None:
    trainer = deep().trainer(micro_batches=3)
    trainer.learning_rate = float("nan")
    with pytest.raises(NonFinite), trainer.threads():
        step(trainer, 3)
    assert threads() == []


def test_a_plain_run_has_no_threads() -> None:
    trainer = deep().trainer()
    with trainer.threads():
        trainer.step()
        assert threads() == []


def test_all_are_waited_for_when_one_fails() -> None:
    crew, done = Crew(2), []

    def fail() -> None:
        raise ZeroDivisionError

    for tapes in ([[fail], [lambda: done.append(1)]], [[lambda: done.append(1)], [fail]]):
        with crew.at_work(), pytest.raises(ZeroDivisionError):
            crew.run(tapes)
    assert done == [1, 1]


def test_parts_work_at_the_same_time() -> None:
    crew, meeting = Crew(3), threading.Barrier(3, timeout=20)
    with crew.at_work():
        crew.run([[meeting.wait], [meeting.wait], [meeting.wait]])
    assert meeting.n_waiting == 0 and not meeting.broken


def test_more_parts_than_samples_and_a_last_smaller_batch() -> None:
    plain, parted = deep().trainer(), deep().trainer(micro_batches=100)
    with parted.threads():
        for _ in range(9):
            one, other = captured(plain), captured(parted)
            assert len(one.rows) == len(other.rows)
            np.testing.assert_allclose(other.theta_after, one.theta_after, rtol=1e-6, atol=1e-9)


def test_what_is_not_finite_first_is_named_as_in_one_piece() -> None:
    def stop(**options: object) -> NonFinite:
        run = deep(LossSpec("squared_error"))
        run.optimizer, run.rate = "sgd", 1e120
        trainer = run.trainer(**options)
        with pytest.raises(NonFinite) as caught, trainer.threads():
            step(trainer, 20)
        return caught.value

    plain, parted = stop(), stop(micro_batches=3, checkpoint=2)
    assert (plain.step, plain.quantity) == (parted.step, parted.quantity)


def test_nothing_is_said_of_overflow_in_any_thread() -> None:
    rng = np.random.default_rng(0)
    network = Network(2, [Dense(3, "sigmoid", W=np.full((3, 2), -800.0)), Dense(2)], LossSpec(), rng)
    trainer = Trainer(
        network,
        np.ones((8, 2)),
        np.eye(2)[[0, 1] * 4],
        learning_rate=0.1,
        batch_size=8,
        shuffle=False,
        rng=rng,
        options=TrainerOptions(micro_batches=4),
    )
    with trainer.threads():
        trainer.step()


def test_batch_normalisation_has_no_micro_batches() -> None:
    network = Network(6, [BatchNorm(), Dense(3)], LossSpec(), np.random.default_rng(0))
    with pytest.raises(ValueError, match="layer 1 normalises over the whole batch"):
        MicroBatches(network, 4)


def test_the_ledger_counts_what_the_parts_write() -> None:
    plain, parted = deep().trainer(), deep().trainer(micro_batches=2)
    for trainer in (plain, parted):
        trainer.step()
    one, two = plain.ledger(), parted.ledger()
    assert two.gradients - one.gradients == one.parameters
    assert sum(two.layers) == pytest.approx(sum(one.layers), rel=0.05)


def test_processors_are_those_this_program_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    assert crew_module.processors() >= 1
    monkeypatch.delattr(crew_module.os, "sched_getaffinity", raising=False)
    assert crew_module.processors() >= 1
