"""The trainer: steps, batches, replay, masks, and what is not finite."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltaglow.engine import ACTIVATIONS, Dense, Frame, Network, NonFinite, Trainer, check_gradients
from deltaglow.engine import feed as feed_module
from deltaglow.model import build, examples


def make(
    samples: int = 23,
    batch: int = 5,
    widths: tuple[int, ...] = (2, 4, 3),
    activation: str = "tanh",
    seed: int = 0,
    rate: float = 0.1,
    shuffle: bool = True,
    mask: np.ndarray | None = None,
) -> Trainer:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(samples, widths[0]))
    y = np.eye(widths[-1])[rng.integers(0, widths[-1], samples)]
    layers = [Dense(n, activation, mask=mask if k == 0 else None) for k, n in enumerate(widths[1:-1])]
    network = Network(widths[0], [*layers, Dense(widths[-1])], "softmax_cross_entropy", rng)
    return Trainer(network, x, y, learning_rate=rate, batch_size=batch, shuffle=shuffle, rng=rng)


def captured(trainer: Trainer) -> Frame:
    frame = trainer.step(capture=True)
    assert frame is not None
    return frame


def step_many(trainer: Trainer, steps: int) -> None:
    for _ in range(steps):
        trainer.step()


def test_an_epoch_feeds_every_sample_once_in_batches_of_the_given_size() -> None:
    trainer = make(samples=23, batch=5)
    for _ in range(3):
        rows = [captured(trainer).rows for _ in range(trainer.steps_per_epoch)]
        assert [len(r) for r in rows] == [5, 5, 5, 5, 3]
        assert sorted(np.concatenate(rows).tolist()) == list(range(23))


def test_without_shuffling_the_order_is_the_files() -> None:
    trainer = make(samples=7, batch=3, shuffle=False)
    rows = [captured(trainer).rows.tolist() for _ in range(6)]
    assert rows == [[0, 1, 2], [3, 4, 5], [6]] * 2


def test_windows_of_batches_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [captured(t).theta_after for t in [make()] for _ in range(40)]
    monkeypatch.setattr(feed_module, "WINDOW", 2)
    pieces = [captured(t).theta_after for t in [make()] for _ in range(40)]
    assert all(np.array_equal(a, b) for a, b in zip(whole, pieces, strict=True))


def test_the_same_seed_gives_the_same_run_bit_for_bit() -> None:
    a, b = make(), make()
    for _ in range(50):
        assert np.array_equal(captured(a).theta_after, captured(b).theta_after)


def test_looking_changes_nothing() -> None:
    watched, alone = make(), make()
    for _ in range(30):
        preview = watched.preview()
        frame = captured(watched)
        assert np.array_equal(preview.theta_after, frame.theta_after)
        watched.evaluate()
        alone.step()
    assert np.array_equal(watched.network.theta, alone.network.theta)


@pytest.mark.parametrize("at", [0, 1, 4, 5, 6, 12])
def test_a_restored_state_replays_the_future(at: int) -> None:
    trainer = make()
    for _ in range(at):
        trainer.step()
    state = trainer.state()
    first = [captured(trainer).theta_after for _ in range(17)]
    trainer.restore(state)
    assert trainer.step_count == at
    assert all(np.array_equal(a, captured(trainer).theta_after) for a in first)


def test_a_state_fits_another_trainer_of_the_same_settings() -> None:
    a, b = make(), make()
    for _ in range(13):
        a.step()
    b.restore(a.state())
    assert np.array_equal(captured(a).theta_after, captured(b).theta_after)


def test_frames_are_frozen_copies() -> None:
    trainer = make()
    frame = captured(trainer)
    theta = frame.theta.copy()
    for array in (frame.theta, frame.x, frame.layers[0].W, frame.layers[0].dW, frame.layers[1].delta):
        assert not array.flags.writeable
    for _ in range(10):
        trainer.step()
    assert np.array_equal(frame.theta, theta)


def test_the_scalars_are_those_of_the_frame() -> None:
    trainer = make()
    for _ in range(9):
        frame = captured(trainer)
        got = dict(zip(trainer.scalar_names, trainer.scalars.tolist(), strict=True))
        assert got["loss"] == pytest.approx(frame.losses.mean(), rel=1e-12)
        hits = frame.y_hat.argmax(1) == frame.y.argmax(1)
        assert got["accuracy"] == pytest.approx(hits.mean())
        for k, layer in enumerate(frame.layers, start=1):
            assert got[f"gradient_norm[{k}]"] == pytest.approx(np.linalg.norm(layer.dW), rel=1e-12)
        moved = np.linalg.norm(frame.theta_after - frame.theta) / np.linalg.norm(frame.theta)
        assert got["update_ratio"] == pytest.approx(moved, rel=1e-9)


def test_norms_of_large_networks_take_the_other_road_to_the_same_numbers() -> None:
    trainer = make(widths=(60, 128, 3))
    frame = captured(trainer)
    got = dict(zip(trainer.scalar_names, trainer.scalars.tolist(), strict=True))
    for k, layer in enumerate(frame.layers, start=1):
        assert got[f"gradient_norm[{k}]"] == pytest.approx(np.linalg.norm(layer.dW), rel=1e-12)


def test_a_deleted_connection_stays_exactly_zero() -> None:
    mask = np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 1.0]])
    trainer = make(mask=mask)
    for _ in range(50):
        frame = captured(trainer)
    assert (frame.layers[0].W_after[mask == 0] == 0.0).all()
    assert (frame.layers[0].dW[mask == 0] == 0.0).all()
    assert (frame.layers[0].W_after[mask == 1] != 0.0).all()


def test_training_learns() -> None:
    trainer = build.trainer(examples.load("moons"))
    before, _ = trainer.evaluate()
    for _ in range(3000):
        trainer.step()
    after, accuracy = trainer.evaluate()
    assert after < 0.5 * before and accuracy > 0.9


def test_evaluating_is_the_mean_over_all_samples() -> None:
    trainer = make(samples=2100, batch=2100, shuffle=False)
    assert trainer.evaluate()[0] == pytest.approx(trainer.preview().loss, rel=1e-12)


def test_logits_of_ten_thousand_either_way_are_exact() -> None:
    x, y = np.array([[1.0], [1.0]]), np.array([[0.0, 1.0], [1.0, 0.0]])
    network = Network(
        1, [Dense(2, W=np.array([[1e4], [-1e4]]))], "softmax_cross_entropy", np.random.default_rng(0)
    )
    frame = Trainer(
        network, x, y, learning_rate=0.1, batch_size=2, shuffle=False, rng=np.random.default_rng(0)
    ).preview()
    np.testing.assert_array_equal(frame.losses, [2e4, 0.0])
    np.testing.assert_array_equal(frame.y_hat, [[1.0, 0.0], [1.0, 0.0]])
    np.testing.assert_array_equal(frame.layers[0].delta, [[1.0, -1.0], [0.0, 0.0]])


def test_what_is_not_finite_stops_before_it_does_harm_and_is_named() -> None:
    trainer = make(activation="identity", rate=1e3)
    with pytest.raises(NonFinite) as caught:
        step_many(trainer, 100_000)
    steps = trainer.step_count
    assert caught.value.step == steps
    assert np.isfinite(trainer.network.theta).all()
    with pytest.raises(NonFinite) as again:
        trainer.step(capture=True)
    assert again.value.quantity == caught.value.quantity
    assert again.value.frame is not None and again.value.frame.step == steps
    assert trainer.step_count == steps


@given(
    widths=st.lists(st.integers(1, 5), min_size=2, max_size=5),
    activation=st.sampled_from(sorted(ACTIVATIONS)),
    batch=st.integers(1, 6),
    seed=st.integers(0, 1000),
)
def test_every_gradient_agrees_with_differences(
    widths: list[int], activation: str, batch: int, seed: int
) -> None:
    trainer = make(6, batch, (2, *widths), activation, seed)
    for _ in range(3):
        trainer.step()
    wrong = [check for check in check_gradients(trainer.preview()) if not check.ok]
    assert not wrong


def test_a_wrong_gradient_is_found() -> None:
    frame = make().preview()
    frame.layers[0].dW.flags.writeable = False
    broken = np.array(frame.layers[0].dW)
    broken[1, 1] *= 1.0001
    object.__setattr__(frame.layers[0], "dW", broken)
    assert [(c.layer, c.name, c.index) for c in check_gradients(frame) if not c.ok] == [(1, "W", (1, 1))]


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("W", np.zeros((2, 2)), r"layer 1: W has shape \(2, 2\), not \(2, 3\)"),
        ("b", np.zeros(3), r"layer 1: b has shape \(3,\), not \(2,\)"),
        ("mask", np.zeros((1, 3)), r"layer 1: mask has shape \(1, 3\), not \(2, 3\)"),
    ],
)
def test_wrong_shapes_are_refused(field: str, value: np.ndarray, says: str) -> None:
    layer = Dense(2, **{field: value})
    with pytest.raises(ValueError, match=says):
        Network(3, [layer], "softmax_cross_entropy", np.random.default_rng(0))
