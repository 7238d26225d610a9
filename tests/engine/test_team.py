"""Large steps in threads: the numbers of one thread, in the same arrays, however many hands there are."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from deltaglow.engine import Dense, Dropout, Network, NonFinite, Trainer, TrainerOptions, UpdateRule
from deltaglow.engine import team as team_module
from deltaglow.engine.layers import LayerSpec, Skip
from deltaglow.engine.regularisation import Penalties
from deltaglow.engine.team import TeamWorkspace, team_size

DEEP = (Dense(256, "relu"), Dense(192, "gelu"), Dropout(0.3), Dense(200, "identity"), Dense(5))


@pytest.fixture(autouse=True)
def worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks that a test can afford count as large."""
    monkeypatch.setattr(team_module, "LARGE", 2**20)


def trained_by(
    hands: int,
    monkeypatch: pytest.MonkeyPatch,
    layers: tuple[LayerSpec, ...] = DEEP,
    loss: str = "softmax_cross_entropy",
    options: TrainerOptions | None = None,
    **more: object,
) -> Trainer:
    """A trainer with a smaller last batch in every epoch, on a machine with so many processors."""
    monkeypatch.setattr(team_module, "processors", lambda: hands)
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(150, 40)), np.eye(5)[rng.integers(0, 5, 150)]
    network = Network(40, layers, loss, rng)
    settings = {"learning_rate": 0.05, "batch_size": 60, "shuffle": True, "rng": rng} | more
    return Trainer(network, x, y, options=options, **settings)


@pytest.mark.parametrize("loss", ["softmax_cross_entropy", "squared_error"])
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_crew_computes_what_one_thread_computes(
    monkeypatch: pytest.MonkeyPatch, loss: str, optimizer: str
) -> None:
    penalties = UpdateRule(penalties=Penalties(l2=0.01)) if optimizer == "adam" else UpdateRule()
    options = TrainerOptions(update=penalties)
    alone, *crews = [
        trained_by(hands, monkeypatch, loss=loss, optimizer=optimizer, options=options) for hands in (1, 2, 3)
    ]
    assert [isinstance(t._workspace, TeamWorkspace) for t in (alone, *crews)] == [False, True, True]
    for crew in crews:
        state = alone.state()
        with crew.threads():
            for _ in range(7):
                one, other = alone.step(capture=True), crew.step(capture=True)
                assert one is not None and other is not None
                np.testing.assert_allclose(other.theta_after, one.theta_after, rtol=1e-9, atol=1e-12)
                np.testing.assert_allclose(crew.scalars, alone.scalars, rtol=1e-9)
                for a, b in zip(one.layers, other.layers, strict=True):
                    for name in ("z", "a", "slope", "back", "delta", "block_gradient"):
                        np.testing.assert_allclose(getattr(b, name), getattr(a, name), rtol=1e-9, atol=1e-12)
        alone.restore(state)


def test_a_run_repeats_bit_for_bit_with_threads_and_without(monkeypatch: pytest.MonkeyPatch) -> None:
    threaded, plain = trained_by(3, monkeypatch), trained_by(3, monkeypatch)
    state = threaded.state()
    with threaded.threads():
        assert sum(thread.name.startswith("crew") for thread in threading.enumerate()) == 2
        for _ in range(9):
            threaded.step()
            plain.step()
    assert np.array_equal(threaded.network.theta, plain.network.theta)
    assert np.array_equal(threaded.scalars, plain.scalars)
    after = threaded.network.theta.copy()
    threaded.restore(state)
    for _ in range(9):
        threaded.step()
    assert np.array_equal(threaded.network.theta, after)


def test_a_step_that_is_not_finite_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for hands, rate in ((2, 1e100), (1, 1e100), (2, 1e200), (1, 1e200)):
        trainer = trained_by(hands, monkeypatch, loss="squared_error", learning_rate=rate)
        with trainer.threads(), pytest.raises(NonFinite) as caught:
            steps(trainer, 9)
        assert trainer.step_count == caught.value.step
        assert np.isfinite(trainer.network.theta).all()
        found.append((caught.value.step, caught.value.quantity))
    assert found[0] == found[1]
    assert found[2] == found[3]


def steps(trainer: Trainer, count: int) -> None:
    for _ in range(count):
        trainer.step()


def test_who_needs_no_crew(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    skip = (Dense(256, "relu"), Dense(256, skip=Skip(1)), Dense(5))
    for layers, rows, processors in ((DEEP, 4, 8), (skip, 60, 8), (DEEP, 60, 1)):
        monkeypatch.setattr(team_module, "processors", lambda n=processors: n)
        assert team_size(Network(40, layers, "softmax_cross_entropy", rng), rows) == 1
    monkeypatch.setattr(team_module, "processors", lambda: 64)
    assert team_size(Network(40, DEEP, "softmax_cross_entropy", rng), 60) == 4
    segments = trained_by(2, monkeypatch, options=TrainerOptions(checkpoint=2))
    assert not isinstance(segments._workspace, TeamWorkspace)
