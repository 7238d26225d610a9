"""Bursts: the numbers of single steps to the last bit, in fewer calls."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltaglow.engine import Dense, EarlyStopping, Network, NonFinite, Trainer, TrainerOptions, UpdateRule
from deltaglow.engine import feed as feed_module

OPTIMIZERS = ("sgd", "momentum", "nesterov", "rmsprop", "adam", "adagrad")


def make(
    widths: tuple[int, ...] = (2, 4, 3),
    *,
    samples: int = 60,
    batch: int = 5,
    shuffle: bool = True,
    optimizer: str = "sgd",
    rate: float = 0.1,
    activation: str = "relu",
    options: TrainerOptions | None = None,
    seed: int = 0,
    mask: np.ndarray | None = None,
) -> Trainer:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(samples, widths[0]))
    y = np.eye(widths[-1])[rng.integers(0, widths[-1], samples)]
    hidden = [Dense(n, activation, mask=mask if k == 0 else None) for k, n in enumerate(widths[1:-1])]
    network = Network(widths[0], [*hidden, Dense(widths[-1])], "softmax_cross_entropy", rng)
    return Trainer(
        network,
        x,
        y,
        optimizer=optimizer,
        learning_rate=rate,
        batch_size=batch,
        shuffle=shuffle,
        rng=rng,
        options=options,
    )


def one_by_one(trainer: Trainer, steps: int) -> np.ndarray:
    rows = []
    for _ in range(steps):
        trainer.step()
        rows.append(trainer.scalars.copy())
    return np.array(rows)


def in_bursts(trainer: Trainer, steps: int) -> tuple[np.ndarray, int]:
    """The numbers of so many steps, and in how many calls of `run` they were made."""
    rows, calls = [], 0
    while sum(map(len, rows)) < steps:
        rows.append(trainer.run(steps - sum(map(len, rows))).copy())
        calls += 1
    return np.concatenate(rows), calls


def same(one: Trainer, other: Trainer) -> None:
    """Everything that decides the next steps."""
    a, b = one.state(), other.state()
    assert a.step == b.step
    assert a.generator == b.generator
    assert np.array_equal(a.theta, b.theta)
    assert all(np.array_equal(x, y) for x, y in zip(a.optimizer, b.optimizer, strict=True))


@given(
    st.lists(st.integers(1, 9), min_size=0, max_size=3),
    st.integers(2, 12),
    st.integers(1, 12),
    st.integers(12, 70),
    st.booleans(),
    st.sampled_from(OPTIMIZERS),
    st.sampled_from(["relu", "tanh", "gelu", "identity"]),
    st.sampled_from(["constant", "cosine"]),
    st.integers(0, 10**6),
)
def test_the_numbers_are_those_of_single_steps(
    hidden: list[int],
    classes: int,
    batch: int,
    samples: int,
    shuffle: bool,
    optimizer: str,
    activation: str,
    schedule: str,
    seed: int,
) -> None:
    settings = {"steps": 50} if schedule == "cosine" else {}

    def made() -> Trainer:
        return make(
            (3, *hidden, classes),
            samples=samples,
            batch=batch,
            shuffle=shuffle,
            optimizer=optimizer,
            activation=activation,
            seed=seed,
            options=TrainerOptions(update=UpdateRule(schedule=schedule, schedule_settings=settings)),
        )

    alone, together = made(), made()
    expected = one_by_one(alone, 40)
    found, _ = in_bursts(together, 40)
    assert np.array_equal(expected, found, equal_nan=True)
    same(alone, together)
    one, other = alone.step(capture=True), together.step(capture=True)
    assert one is not None
    assert other is not None
    assert np.array_equal(one.theta_after, other.theta_after)


def test_a_burst_is_an_epoch_or_32_steps() -> None:
    assert in_bursts(make(samples=60, batch=5), 12 * 4)[1] == 4
    assert in_bursts(make(samples=20, batch=20, shuffle=False), 32 * 3)[1] == 3
    assert in_bursts(make(samples=640, batch=5), 128)[1] == 4


def test_it_takes_fewer_calls() -> None:
    plain = make((2, 4, 2, 2), samples=200, batch=10)
    noisy = make((2, 4, 2, 2), samples=200, batch=10, options=TrainerOptions(noise=1e-9))
    assert plain.calls_in_run < 26 < plain.calls_per_step
    assert noisy.calls_in_run == noisy.calls_per_step


def test_a_last_smaller_batch_and_windows_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = one_by_one(make(samples=63, batch=5), 100)
    assert np.array_equal(expected, in_bursts(make(samples=63, batch=5), 100)[0])
    monkeypatch.setattr(feed_module, "WINDOW", 6)
    assert np.array_equal(expected, in_bursts(make(samples=63, batch=5), 100)[0])


def test_deleted_connections_stay_deleted() -> None:
    mask = np.ones((4, 2))
    mask[1, 0] = 0.0
    alone, together = make(mask=mask), make(mask=mask)
    one_by_one(alone, 30)
    in_bursts(together, 30)
    same(alone, together)
    assert together.network.W(1)[1, 0] == 0.0


def test_it_ends_early_when_it_is_disturbed() -> None:
    alone, together = make(), make()
    assert len(together.run(10, lambda: False)) == 1
    looks = iter([True, True, False])
    assert len(together.run(10, lambda: next(looks))) == 3
    expected = one_by_one(alone, 16)
    assert np.array_equal(in_bursts(together, 12)[0], expected[4:])
    same(alone, together)


def until_it_breaks(trainer: Trainer, most: int) -> tuple[list[np.ndarray], str]:
    """The numbers of all steps that can be made, `most` at a time, and what ends them."""
    rows: list[np.ndarray] = []
    with pytest.raises(NonFinite) as stop:  # noqa: PT012  which of the steps raises is what is asked
        while len(rows) < 500:
            if most > 1:
                rows += [row.copy() for row in trainer.run(most)]
            else:
                trainer.step()
                rows.append(trainer.scalars.copy())
    return rows, str(stop.value)


@pytest.mark.parametrize(("optimizer", "rate"), [("sgd", 1e100), ("momentum", 1e100), ("adam", 2e153)])
def test_what_is_not_finite_stops_at_its_step(optimizer: str, rate: float) -> None:
    alone, together = (make(activation="identity", optimizer=optimizer, rate=rate) for _ in range(2))
    expected, found = until_it_breaks(alone, 1), until_it_breaks(together, 50)
    assert len(expected[0]) > 0
    assert np.array_equal(expected[0], found[0])
    assert expected[1] == found[1]
    same(alone, together)


@pytest.mark.parametrize("by_step", [False, True])
def test_a_step_that_fails_at_the_start_of_an_epoch_leaves_the_order_of_samples(by_step: bool) -> None:
    alone, together = make(), make()
    one_by_one(alone, 30)
    in_bursts(together, 12)
    together.learning_rate = 1e308
    with pytest.raises(NonFinite):
        together.step() if by_step else together.run(12)
    assert together.step_count == 12
    together.learning_rate = 0.1
    in_bursts(together, 18)
    same(alone, together)


def test_a_changed_learning_rate_applies_to_the_next_step() -> None:
    alone, together = make(), make()
    for trainer, steps in ((alone, one_by_one), (together, in_bursts)):
        steps(trainer, 7)
        trainer.learning_rate = 0.01
        steps(trainer, 20)
    same(alone, together)


def test_verdicts_and_early_stopping_are_where_they_were() -> None:
    rng = np.random.default_rng(1)
    kept_out = rng.normal(size=(20, 2)), np.eye(3)[rng.integers(0, 3, 20)]
    options = TrainerOptions(validation=kept_out, early_stopping=EarlyStopping(patience=2))
    alone, together = make(options=options), make(options=options)
    expected = one_by_one(alone, 120)
    found, calls = in_bursts(together, 120)
    assert np.array_equal(expected, found, equal_nan=True)
    assert calls < 60
    assert np.isfinite(found).all(axis=1).any()
    assert alone.watch.stopped_at == together.watch.stopped_at is not None
    same(alone, together)


def test_evaluation_and_replay_see_the_last_step() -> None:
    trainer = make()
    trainer.run(12)
    state = trainer.state()
    ahead = trainer.run(12).copy()
    trainer.restore(state)
    assert np.array_equal(one_by_one(trainer, 12), ahead)
