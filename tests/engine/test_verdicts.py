"""A run is judged as it goes on, by the parameters that a step starts from, and is the same run for it."""

from __future__ import annotations

import numpy as np
import pytest

from deltaglow.engine import Dense, LossSpec, Network, Penalties, Trainer, TrainerOptions, UpdateRule
from deltaglow.engine.verdicts import SHARE, verdict_names, verdict_spacing

REGRESSION = LossSpec("squared_error")


def made(loss: LossSpec, kept_out: int, batch: int = 5) -> Trainer:
    rng = np.random.default_rng(3)
    regression = loss.name == "squared_error"
    layers = [Dense(6, "tanh"), Dense(2)]
    x = rng.normal(size=(40, 3))
    y = x[:, :2] * 0.7 + 0.1 if regression else np.eye(2)[(x[:, 0] > x[:, 1]).astype(int)]
    held = (x[:kept_out], y[:kept_out]) if kept_out else None
    options = TrainerOptions(UpdateRule(penalties=Penalties(l2=0.01)), validation=held)
    network = Network(3, layers, rng=np.random.default_rng(0), loss=loss)
    rest = {"learning_rate": 0.1, "batch_size": batch, "shuffle": True, "rng": np.random.default_rng(1)}
    return Trainer(network, x[kept_out:], y[kept_out:], options=options, **rest)


def rows(trainer: Trainer, steps: int) -> dict[str, np.ndarray]:
    taken = []
    for _ in range(steps):
        trainer.step()
        taken.append(trainer.scalars.copy())
    return dict(zip(trainer.scalar_names, np.array(taken).T, strict=True))


@pytest.mark.parametrize(
    ("loss", "kept_out", "names"),
    [
        (LossSpec(), 0, ()),
        (LossSpec(), 10, ("validation_loss", "validation_accuracy")),
        (REGRESSION, 0, ("r_squared",)),
        (REGRESSION, 10, ("validation_loss", "validation_r_squared", "r_squared")),
    ],
)
def test_verdicts_are_of_the_parameters_that_the_step_starts_from(
    loss: LossSpec, kept_out: int, names: tuple[str, ...]
) -> None:
    trainer, twin = made(loss, kept_out), made(loss, kept_out)
    assert verdict_names(loss, kept_out) == names == trainer.scalar_names[-len(names) or 99 :]
    per_epoch = trainer.steps_per_epoch
    samples = kept_out + (40 - kept_out if loss is REGRESSION else 0)
    every = verdict_spacing(per_epoch, 5, samples)
    found = rows(trainer, 3 * every + 1)
    for step in range(3 * every + 1):
        values = [found[name][step] for name in names]
        assert np.isnan(values).all() if step % every else np.isfinite(values).all()
        if step % every == 0 and names:
            held, evaluation, train = twin.validate(), twin.validation(), twin.evaluation()
            if held is not None and evaluation is not None:
                assert found["validation_loss"][step] == held[0]
                regression = loss is REGRESSION
                score = evaluation.r_squared if regression else evaluation.accuracy
                assert found["validation_r_squared" if regression else "validation_accuracy"][step] == score
            if loss is REGRESSION:
                assert found["r_squared"][step] == train.r_squared
        twin.step()
    np.testing.assert_array_equal(trainer.network.theta, twin.network.theta)


def test_looking_changes_nothing() -> None:
    watched, alone = made(LossSpec(), 10), made(LossSpec(), 10)
    alone._verdict_every = 10**9
    rows(watched, 60)
    rows(alone, 60)
    np.testing.assert_array_equal(watched.network.theta, alone.network.theta)


@pytest.mark.parametrize(
    ("per_epoch", "batch", "samples"), [(1, 4, 1), (24, 10, 60), (240, 1, 60), (3, 64, 5000)]
)
def test_verdicts_come_after_whole_epochs_and_cost_what_they_may(
    per_epoch: int, batch: int, samples: int
) -> None:
    every = verdict_spacing(per_epoch, batch, samples)
    assert every % per_epoch == 0
    assert every >= SHARE * samples / (3 * batch)
    assert every - per_epoch < SHARE * (2 + samples / (3 * batch))
