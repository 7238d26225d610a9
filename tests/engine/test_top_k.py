"""Sparse gradients: the largest are sent, nothing is lost, ties fall the same way, runs replay exactly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from deltaglow.engine import (
    OPTIMIZERS,
    Clip,
    Dense,
    Frame,
    LossSpec,
    Network,
    NonFinite,
    Penalties,
    Trainer,
    TrainerOptions,
    UpdateRule,
)
from deltaglow.engine.ops import run
from deltaglow.engine.top_k import TopK, sent_count

MASK = np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 1.0]])
VECTORS = st.integers(1, 40).flatmap(
    lambda size: arrays(np.float64, size, elements=st.floats(-1e6, 1e6) | st.sampled_from([0.0, -2.0, 2.0]))
)


def largest(c: np.ndarray, count: int) -> list[int]:
    """The places of the `count` largest sizes, the first of equal ones first: a sort, in plain Python."""
    return sorted(range(len(c)), key=lambda i: (-abs(c[i]), i))[:count]


@given(VECTORS, st.floats(0, 1, exclude_min=True))
def test_the_largest_are_sent_and_nothing_is_lost(c: np.ndarray, share: float) -> None:
    rule = TopK(share, len(c))
    rule.before[:] = c / 4
    gradient = c - c / 4
    total = rule.before + gradient
    run(rule.tape(gradient))
    chosen = largest(total, rule.count)
    assert np.flatnonzero(rule._chosen).tolist() == sorted(chosen)
    expected = np.zeros(len(c))
    expected[chosen] = total[chosen]
    assert rule.sent.tobytes() == expected.tobytes()
    np.testing.assert_array_equal(rule.sent + rule.after, total)
    assert not (rule.sent * rule.after).any(), "a number is sent or remembered, never both"


@given(st.floats(0, 1, exclude_min=True), st.integers(1, 10**7))
def test_how_many_are_sent(share: float, size: int) -> None:
    count = sent_count(share, size)
    assert 1 <= count <= size
    assert share * size - 1e-6 <= count <= max(1, share * size + 1)
    assert sent_count(0.1, 1000) == 100 and sent_count(0.001, 42) == 1 and sent_count(1.0, 42) == 42


def test_ties_go_to_the_first() -> None:
    rule = TopK(0.5, 6)
    run(rule.tape(np.array([1.0, -3.0, 1.0, -1.0, 1.0, 0.0])))
    assert rule.sent.tolist() == [1, -3, 1, 0, 0, 0]
    assert rule.after.tolist() == [0, 0, 0, -1, 1, 0]
    run(rule.commit())
    run(rule.tape(np.array([0.25, 0.0, 0.0, 0.0, 0.5, 0.0])))
    assert rule.sent.tolist() == [0.25, 0, 0, -1, 1.5, 0], "what was held back is sent in the end"


def make(rule: UpdateRule, optimizer: str = "sgd", rate: float = 0.05, batch: int = 5) -> Trainer:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(23, 2))
    y = np.eye(3)[rng.integers(0, 3, 23)]
    network = Network(2, [Dense(4, "tanh", mask=MASK), Dense(3)], LossSpec(), rng)
    return Trainer(
        network,
        x,
        y,
        optimizer=optimizer,
        learning_rate=rate,
        batch_size=batch,
        shuffle=True,
        rng=rng,
        options=TrainerOptions(update=rule),
    )


def captured(trainer: Trainer) -> Frame:
    frame = trainer.step(capture=True)
    assert frame is not None
    return frame


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_all_of_it_is_the_dense_run_bit_for_bit(optimizer: str) -> None:
    sparse, dense = make(UpdateRule(top_k=1.0), optimizer), make(UpdateRule(), optimizer)
    for _ in range(30):
        sparse.step()
        dense.step()
    # A deleted weight is a zero whose sign says nothing.
    assert (sparse.network.theta + 0.0).tobytes() == (dense.network.theta + 0.0).tobytes()


@pytest.mark.parametrize("share", [0.01, 0.2, 0.7])
def test_against_a_plain_implementation_of_the_paper(share: float) -> None:
    """Stich's Algorithm 1: m ← m + η g, x ← x − top_k(m), m ← m − top_k(m). The gradient of each step is the
    trainer's, at parameters that the plain implementation hands it.
    """
    trainer = make(UpdateRule(top_k=share))
    theta = trainer.network.theta.copy()
    memory, eta = np.zeros_like(theta), 0.05
    count = sent_count(share, len(theta))
    for _ in range(60):
        np.testing.assert_allclose(trainer.network.theta, theta, rtol=1e-10, atol=1e-12)
        trainer.network.theta[:] = theta
        memory += eta * captured(trainer).gradient
        sent = largest(memory, count)
        theta[sent] -= memory[sent]
        memory[sent] = 0.0


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("at", [0, 5, 14])
def test_it_replays_bit_for_bit_and_deleted_connections_stay(optimizer: str, at: int) -> None:
    rule = UpdateRule(
        penalties=Penalties(0.001, 0.02), clip=Clip("norm", 0.2), accumulate=3, weight_decay=0.1, top_k=0.3
    )
    trainer = make(rule, optimizer)
    for _ in range(at):
        trainer.step()
    state = trainer.state()
    first = [captured(trainer).theta_after.tobytes() for _ in range(20)]
    assert (trainer.network.W(1)[MASK == 0] == 0).all()
    trainer.restore(state)
    assert [captured(trainer).theta_after.tobytes() for _ in range(20)] == first
    fresh = make(rule, optimizer)
    fresh.restore(state)
    assert [captured(fresh).theta_after.tobytes() for _ in range(20)] == first


def test_frames_show_what_was_sent_and_what_is_remembered() -> None:
    trainer = make(UpdateRule(top_k=0.25, accumulate=2))
    before = np.zeros_like(trainer.network.theta)
    for step in range(10):
        frame = captured(trainer)
        arrays = frame.update.arrays
        assert arrays["remembered_before"].tobytes() == before.tobytes()
        assert frame.update.sent == sent_count(0.25, len(before)) == 7
        if step % 2 == 0:
            assert "sent" not in arrays and np.array_equal(frame.theta, frame.theta_after)
            continue
        total = arrays["gathered"] + before
        np.testing.assert_array_equal(arrays["sent"] + arrays["remembered"], total)
        assert np.count_nonzero(arrays["sent"]) <= 7
        moved = frame.theta_after != frame.theta
        assert (arrays["sent"][moved] != 0).all()
        before = arrays["remembered"].copy()


def test_a_step_that_fails_remembers_nothing_new() -> None:
    trainer = make(UpdateRule(top_k=0.5), rate=1e308)
    state = trainer.state()

    def go_on() -> None:
        nonlocal state
        for _ in range(50):
            state = trainer.state()
            trainer.step()

    with pytest.raises(NonFinite):
        go_on()
    again = trainer.state()
    assert again.step == state.step
    for now, then in zip((again.theta, *again.optimizer), (state.theta, *state.optimizer), strict=True):
        assert now.tobytes() == then.tobytes()


def test_looking_changes_nothing() -> None:
    looked, not_looked = make(UpdateRule(top_k=0.1), "adam"), make(UpdateRule(top_k=0.1), "adam")
    for _ in range(20):
        looked.preview()
        looked.step(capture=True)
        not_looked.step()
    assert looked.network.theta.tobytes() == not_looked.network.theta.tobytes()


def test_it_learns_with_a_tenth_of_the_gradient() -> None:
    """The point of the memory: without what was held back, the numbers that are never large never move."""
    trainer = make(UpdateRule(top_k=0.1), rate=0.3, batch=23)
    start = trainer.evaluate()[0]
    for _ in range(3000):
        trainer.step()
    dense = make(UpdateRule(), rate=0.3, batch=23)
    for _ in range(3000):
        dense.step()
    assert trainer.evaluate()[0] < 0.7 * start
    assert trainer.evaluate()[0] < dense.evaluate()[0] + 0.05
    frame = captured(trainer)
    assert (frame.theta != make(UpdateRule()).network.theta).sum() == len(frame.theta) - 2, "but the deleted"
