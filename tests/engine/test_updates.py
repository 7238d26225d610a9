"""What a run may have beside the plain step: it replays exactly, keeps masks, costs only what is used."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deltaglow.engine import (
    OPTIMIZERS,
    SCHEDULES,
    Clip,
    Dense,
    EarlyStopping,
    Frame,
    LossSpec,
    Network,
    NonFinite,
    Penalties,
    Trainer,
    TrainerOptions,
    UpdateRule,
    check_gradients,
)
from deltaglow.engine.optimizers import SGD
from deltaglow.engine.schedules import OneCycle

MASK = np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 1.0]])
EVERYTHING = UpdateRule(
    penalties=Penalties(0.001, 0.02),
    weight_decay=0.1,
    clip=Clip("norm", 0.2),
    accumulate=3,
    top_k=0.6,
    schedule="one_cycle",
    schedule_settings={"steps": 40},
)


def make(
    optimizer: str = "sgd",
    options: TrainerOptions | None = None,
    rate: float = 0.05,
    samples: int = 23,
    seed: int = 0,
) -> Trainer:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(samples, 2))
    y = np.eye(3)[rng.integers(0, 3, samples)]
    network = Network(2, [Dense(4, "tanh", mask=MASK), Dense(3)], LossSpec(), rng)
    return Trainer(
        network,
        x,
        y,
        optimizer=optimizer,
        learning_rate=rate,
        batch_size=5,
        shuffle=True,
        rng=rng,
        options=options,
    )


def captured(trainer: Trainer) -> Frame:
    frame = trainer.step(capture=True)
    assert frame is not None
    return frame


def test_plain_descent_costs_no_call_more() -> None:
    plain = make()
    assert len(plain._updater.tape(0)) == 1 and len(plain._updater.commit(0)) == 1


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("at", [0, 4, 13])
def test_everything_replays_bit_for_bit_and_masks_stay(optimizer: str, at: int) -> None:
    options = TrainerOptions(EVERYTHING, noise=0.1, noise_seed=3, early_stopping=EarlyStopping(2))
    trainer, other = make(optimizer, options), make(optimizer, options)
    for _ in range(at):
        trainer.step()
    state = trainer.state()
    first = [(captured(trainer), trainer.scalars.copy()) for _ in range(17)]
    for runner in (trainer, other):
        runner.restore(state)
        for frame, scalars in first:
            again = captured(runner)
            assert np.array_equal(again.theta_after, frame.theta_after)
            assert np.array_equal(again.x, frame.x) and np.array_equal(runner.scalars, scalars)
            assert (again.layers[0].W_after[MASK == 0] == 0.0).all()
            assert again.update.arrays.keys() == frame.update.arrays.keys()
            for name, array in frame.update.arrays.items():
                assert np.array_equal(again.update.arrays[name], array), name


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_looking_changes_nothing(optimizer: str) -> None:
    options = TrainerOptions(EVERYTHING, noise=0.1)
    watched, alone = make(optimizer, options), make(optimizer, options)
    for _ in range(12):
        assert np.array_equal(watched.preview().theta_after, captured(watched).theta_after)
        alone.step()
    assert np.array_equal(watched.network.theta, alone.network.theta)


@settings(max_examples=30, deadline=None)
@given(
    optimizer=st.sampled_from(sorted(OPTIMIZERS)),
    l1=st.sampled_from([0.0, 0.01, 0.5]),
    l2=st.sampled_from([0.0, 0.01, 2.0]),
    seed=st.integers(0, 100),
)
def test_gradients_agree_with_differences_of_the_loss_with_its_penalty(
    optimizer: str, l1: float, l2: float, seed: int
) -> None:
    trainer = make(optimizer, TrainerOptions(UpdateRule(penalties=Penalties(l1, l2)), noise=0.2), seed=seed)
    for _ in range(3):
        trainer.step()
    assert not [check for check in check_gradients(trainer.preview()) if not check.ok]


def test_a_small_loss_beside_a_large_penalty_keeps_its_digits() -> None:
    network = Network(
        2,
        [Dense(2, W=40.0 * np.eye(2), b=np.full(2, -20.0))],
        "sigmoid_cross_entropy",
        np.random.default_rng(0),
    )
    options = TrainerOptions(UpdateRule(penalties=Penalties(0.0, 1.0)))
    run = Trainer(
        network,
        np.eye(2),
        np.eye(2),
        learning_rate=0.1,
        batch_size=2,
        shuffle=False,
        rng=np.random.default_rng(0),
        options=options,
    )
    frame = run.preview()
    assert frame.data_loss == pytest.approx(2 * np.log1p(np.exp(-20.0)), rel=1e-14)
    assert frame.loss == pytest.approx(frame.data_loss + frame.penalty, rel=1e-15)


def test_a_penalty_left_out_of_the_gradient_would_be_found() -> None:
    frame = make(options=TrainerOptions(UpdateRule(penalties=Penalties(0.0, 0.1)))).preview()
    without = replace(frame, update=replace(frame.update, penalties=Penalties()))
    assert [check for check in check_gradients(without) if not check.ok]


def test_gathering_is_the_large_batch() -> None:
    """Three batches of five, gathered, move the parameters as one of fifteen does."""
    small = make(options=TrainerOptions(UpdateRule(accumulate=3)), samples=15)
    start = small.network.theta.copy()
    gradients = [captured(small).gradient for _ in range(3)]
    np.testing.assert_allclose(small.network.theta, start - 0.05 * np.mean(gradients, axis=0), rtol=1e-12)


def test_while_gathering_nothing_moves() -> None:
    trainer = make("adam", TrainerOptions(UpdateRule(accumulate=2)))
    first, second = captured(trainer), captured(trainer)
    assert np.array_equal(first.theta, first.theta_after) and not first.update.updates
    assert not np.array_equal(second.theta, second.theta_after) and second.update.updates
    assert (first.update.count, second.update.count) == (1, 1)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_step_that_fails_changes_nothing(optimizer: str) -> None:
    trainer = make(optimizer, rate=0.1)
    trainer.step()
    before = trainer.state()
    trainer.network.theta[:] = 1.5e308
    with pytest.raises(NonFinite) as first:
        trainer.step(capture=True)
    with pytest.raises(NonFinite) as second:
        trainer.step()
    assert first.value.quantity == second.value.quantity
    for old, new in zip(before.optimizer, trainer.state().optimizer, strict=True):
        assert np.array_equal(old, new)


def test_noise_is_new_in_every_step_and_a_function_of_seed_and_step() -> None:
    one, two = (make(options=TrainerOptions(noise=0.3, noise_seed=seed)) for seed in (1, 2))
    plain = make()
    frames = [captured(one) for _ in range(200)]
    clean = [captured(plain).x for _ in range(200)]
    added = np.concatenate([frame.x - x for frame, x in zip(frames, clean, strict=True)])
    assert abs(added.std() / 0.3 - 1.0) < 0.05 and abs(added.mean()) < 0.02
    assert all(not np.array_equal(a.x, b.x) for a, b in pairwise(frames))
    assert not np.array_equal(frames[0].x, captured(two).x)


def test_early_stopping_gives_the_best_back() -> None:
    rng = np.random.default_rng(8)
    held = rng.normal(size=(30, 2)), np.eye(3)[rng.integers(0, 3, 30)]
    options = TrainerOptions(early_stopping=EarlyStopping(4), validation=held)
    trainer = make("adam", options, rate=0.1)
    losses = []
    while not trainer.stopped_early:
        trainer.step()
        if trainer.step_count % trainer.steps_per_epoch == 0 and not trainer.stopped_early:
            scores = trainer.validate()
            assert scores is not None
            losses.append(scores[0])
    best = int(np.argmin(losses))
    assert trainer.watch.best_step == (best + 1) * trainer.steps_per_epoch
    assert len(losses) == best + 4
    scores = trainer.validate()
    assert scores is not None and scores[0] == losses[best] == trainer.watch.best_loss
    trainer.step()
    assert trainer.stopped_early


def test_the_learning_rate_that_is_shown_is_the_one_that_is_used() -> None:
    halving = UpdateRule(schedule="exponential", schedule_settings={"gamma": 0.5})
    trainer = make(options=TrainerOptions(halving))
    for step in range(5):
        frame = captured(trainer)
        assert frame.learning_rate == 0.05 * 0.5**step == trainer.scalars[-1]
        np.testing.assert_array_equal(frame.theta_after, frame.theta - frame.gradient * frame.learning_rate)
        assert trainer.learning_rate == 0.05
    trainer.learning_rate = 0.1
    assert captured(trainer).learning_rate == 0.1 * 0.5**5


@given(name=st.sampled_from(sorted(SCHEDULES)), t=st.integers(0, 10**6))
def test_schedules_are_finite_and_never_above_the_rate_that_was_set(name: str, t: int) -> None:
    assert 0.0 <= SCHEDULES[name]().rate(0.3, t) <= 0.3 * (1 + 1e-12)


@pytest.mark.parametrize("steps", [1, 2, 3])
@pytest.mark.parametrize("peak", [0.0, 0.3, 1.0])
def test_the_shortest_cycles_work(steps: int, peak: float) -> None:
    schedule = OneCycle({"steps": steps, "peak": peak})
    assert all(0.0 < schedule.rate(0.1, t) <= 0.1 for t in range(steps + 2))


def test_settings_that_a_rule_does_not_take_are_refused() -> None:
    with pytest.raises(ValueError, match="sgd has no setting beta1"):
        SGD(0.1, 3, {"beta1": 0.5})
    with pytest.raises(ValueError, match="one_cycle has no setting gamma"):
        OneCycle({"gamma": 0.5})
