"""Sparse inputs: leaving out what is zero changes no bit of the sum, moves nothing, and saves the work."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltaglow.engine import (
    Clip,
    Conv1d,
    Dense,
    LossSpec,
    Network,
    Penalties,
    Trainer,
    TrainerOptions,
    UpdateRule,
)
from deltaglow.engine.ops import run
from deltaglow.engine.touched import TouchedRows

SPARSE = UpdateRule(sparse_inputs=True)


def one_hot(rows: int, inputs: int, seed: int = 0) -> np.ndarray:
    return np.eye(inputs)[np.random.default_rng(seed).integers(0, inputs, rows)]


def make(x: np.ndarray, rule: UpdateRule, units: int = 5, batch: int = 8, **options: object) -> Trainer:
    rng = np.random.default_rng(1)
    y = np.eye(3)[rng.integers(0, 3, len(x))]
    mask = np.ones((units, x.shape[1]))
    mask[0, ::3] = 0
    network = Network(x.shape[1], [Dense(units, "tanh", mask=mask), Dense(3)], LossSpec(), rng)
    return Trainer(
        network,
        x,
        y,
        optimizer="sgd",
        learning_rate=0.1,
        batch_size=batch,
        shuffle=True,
        rng=rng,
        options=TrainerOptions(update=rule, **options),  # type: ignore[arg-type]
    )


@st.composite
def batches(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, float]:
    """Inputs with a last column of ones, mostly zero; errors; and a share."""
    rows, n_in, units = draw(st.integers(1, 40)), draw(st.integers(1, 12)), draw(st.integers(1, 9))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    x = np.where(
        rng.random((rows, n_in)) < draw(st.sampled_from([0.0, 0.1, 0.5])), rng.normal(size=(rows, n_in)), 0
    )
    if draw(st.booleans()):
        x = (x != 0).astype(float)
    delta = rng.normal(size=(rows, units))
    return np.column_stack((x, np.ones(rows))), delta, draw(st.sampled_from([1.0, 1 / 3]))


@given(st.lists(batches(), min_size=1, max_size=3), st.booleans())
def test_it_is_the_sum_over_all_samples_in_their_order(cases: list, columns: bool) -> None:
    """A plain dense implementation, zeros and all, bit for bit; and nothing is left from the batch before."""
    n_in, units = cases[0][0].shape[1] - 1, cases[0][1].shape[1]
    theta, slopes = np.zeros((2, (n_in + 1) * units))
    network = Network(n_in, [Dense(units)], LossSpec(), np.random.default_rng(0))
    rows = TouchedRows(network, theta, slopes, 40)
    for x, delta, share in cases:
        if x.shape[1] != n_in + 1 or delta.shape[1] != units:
            continue
        given = np.asfortranarray(delta) if columns else delta
        run(rows.gather(x, given, share))
        total = np.zeros((n_in + 1, units))
        for sample, error in zip(x, delta * share if share != 1.0 else delta, strict=True):
            total += sample[:, None] * error
        np.testing.assert_array_equal(slopes.reshape(-1, units), total)
        before = theta.copy()
        run(rows.descend(np.array([0.3])))
        np.testing.assert_array_equal(theta, before - total.ravel() * 0.3)
        assert rows.rows.tolist() == np.flatnonzero((x[:, :-1] != 0).any(axis=0)).tolist()


@pytest.mark.parametrize("units", [5, 700])
def test_runs_are_those_of_the_dense_way(units: int) -> None:
    """To the rounding of sums, which matrix products add up in an order of their own."""
    x = one_hot(60, 20)
    sparse, dense = make(x, SPARSE, units), make(x, UpdateRule(), units)
    for _ in range(100):
        sparse.step()
        dense.step()
        np.testing.assert_allclose(sparse.scalars, dense.scalars, rtol=1e-9)
    np.testing.assert_allclose(sparse.network.theta, dense.network.theta, rtol=1e-9, atol=1e-12)
    assert (sparse.network.W(1)[0, ::3] == 0).all(), "deleted connections stay deleted"


def test_one_sample_at_a_time_it_is_the_dense_way_bit_for_bit() -> None:
    x = one_hot(60, 20)
    sparse, dense = make(x, SPARSE, batch=1), make(x, UpdateRule(), batch=1)
    for _ in range(200):
        sparse.step()
        dense.step()
    assert (sparse.network.theta + 0.0).tobytes() == (dense.network.theta + 0.0).tobytes()


@pytest.mark.parametrize("at", [0, 3, 11])
def test_it_replays_bit_for_bit(at: int) -> None:
    trainer = make(one_hot(60, 20), SPARSE)
    for _ in range(at):
        trainer.step()
    state = trainer.state()
    first = []
    for _ in range(20):
        trainer.preview()
        trainer.step()
        first.append(trainer.network.theta.tobytes())
    trainer.restore(state)
    fresh = make(one_hot(60, 20), SPARSE)
    fresh.restore(state)
    for expected in first:
        trainer.step()
        fresh.step()
        assert trainer.network.theta.tobytes() == fresh.network.theta.tobytes() == expected


def test_frames_show_zeros_where_nothing_was_touched() -> None:
    trainer = make(one_hot(60, 50), SPARSE, batch=4)
    for _ in range(20):
        frame = trainer.step(capture=True)
        assert frame is not None
        still = ~(frame.x != 0).any(axis=0)
        assert still.sum() >= 46
        layer = frame.layers[0]
        assert not layer.dW[:, still].any()
        assert layer.W_after[:, still].tobytes() == layer.W[:, still].tobytes()
        assert layer.dW[1:, ~still].all() and (layer.W_after != layer.W)[1:, ~still].all()


def test_the_work_that_is_saved_is_counted() -> None:
    trainer = make(one_hot(640, 400), SPARSE, batch=8)
    for _ in range(80):
        trainer.step()
    found = trainer.touched
    assert found is not None and found.seen == 80
    assert 7 < found.touched / found.seen <= 8, "of 400 rows, 8 samples touch at most 8"
    assert make(one_hot(10, 4), UpdateRule()).touched is None


@pytest.mark.parametrize(
    "rule",
    [
        UpdateRule(sparse_inputs=True, penalties=Penalties(0, 0.1)),
        UpdateRule(sparse_inputs=True, weight_decay=0.1),
        UpdateRule(sparse_inputs=True, clip=Clip("norm", 1.0)),
        UpdateRule(sparse_inputs=True, accumulate=2),
        UpdateRule(sparse_inputs=True, top_k=0.5),
    ],
)
def test_what_moves_other_weights_is_refused(rule: UpdateRule) -> None:
    with pytest.raises(ValueError, match="plain descent only"):
        make(one_hot(10, 4), rule)


def test_what_makes_inputs_dense_is_refused() -> None:
    with pytest.raises(ValueError, match="no noise"):
        make(one_hot(10, 4), SPARSE, noise=0.1)
    with pytest.raises(ValueError, match="whole batches"):
        make(one_hot(10, 4), SPARSE, micro_batches=2)
    rng = np.random.default_rng(0)
    network = Network(4, [Conv1d(1, 2), Dense(3)], LossSpec(), rng)
    with pytest.raises(ValueError, match="dense first layer"):
        Trainer(
            network,
            one_hot(10, 4),
            one_hot(10, 3),
            optimizer="sgd",
            learning_rate=0.1,
            batch_size=2,
            shuffle=False,
            rng=rng,
            options=TrainerOptions(update=SPARSE),
        )
