"""Layers that are not plain dense ones: gradients of random mixtures, replay, evaluation, exactness."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deltaglow.engine import (
    BatchNorm,
    Conv1d,
    Dense,
    Dropout,
    Frame,
    LayerSpec,
    Network,
    NonFinite,
    Probe,
    Skip,
    Trainer,
    check_gradients,
)
from deltaglow.engine.workspace import Workspace

SMOOTH = ("identity", "tanh", "sigmoid")


def make(layers: list[LayerSpec], inputs: int = 6, *, evaluation: bool = False, rate: float = 0.1) -> Trainer:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(11, inputs))
    network = Network(inputs, layers, "softmax_cross_entropy", rng)
    y = np.eye(network.widths[-1])[rng.integers(0, network.widths[-1], 11)]
    return Trainer(
        network, x, y, learning_rate=rate, batch_size=4, shuffle=True, rng=rng, evaluation=evaluation
    )


def mixed() -> list[LayerSpec]:
    return [
        Conv1d(2, 3, 1, "tanh"),
        BatchNorm("relu"),
        Dropout(0.3),
        Dense(5, "tanh"),
        Dense(5, "tanh", skip=Skip(4)),
        Dense(3, skip=Skip(0, True)),
    ]


def captured(trainer: Trainer) -> Frame:
    frame = trainer.step(capture=True)
    assert frame is not None
    return frame


@st.composite
def networks(draw: st.DrawFn) -> list[LayerSpec]:
    """Random mixtures over 6 inputs, ending in 3 units."""
    layers: list[LayerSpec] = []
    widths, channels = [6], [1]
    for _ in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(("dense", "skip", "conv", "norm", "dropout")))
        phi = draw(st.sampled_from(SMOOTH))
        places = widths[-1] // channels[-1]
        units, out = widths[-1], channels[-1]
        if kind == "norm":
            layers.append(BatchNorm(phi))
        elif kind == "dropout":
            layers.append(Dropout(draw(st.sampled_from((0.0, 0.3, 0.6)))))
        elif kind == "conv":
            kernel, stride = draw(st.integers(1, places)), draw(st.integers(1, 3))
            out = draw(st.integers(1, 3))
            units = ((places - kernel) // stride + 1) * out
            layers.append(Conv1d(out, kernel, stride, phi))
        else:
            units, out, skip = draw(st.integers(1, 5)), 1, None
            if kind == "skip":
                source = draw(st.integers(0, len(layers)))
                skip = Skip(source, widths[source] != units or draw(st.booleans()))
            layers.append(Dense(units, phi, skip=skip))
        widths.append(units)
        channels.append(out)
    last = draw(st.integers(0, len(layers)))
    return [*layers, Dense(3, skip=Skip(last, True) if draw(st.booleans()) else None)]


@settings(max_examples=40, deadline=None)
@given(layers=networks(), evaluation=st.booleans())
def test_every_gradient_of_any_mixture_is_that_of_differences(
    layers: list[LayerSpec], evaluation: bool
) -> None:
    trainer = make(layers, evaluation=evaluation)
    trainer.step()
    frame = trainer.preview()
    assert [c for c in check_gradients(frame) if not c.ok] == []
    probe = Probe(frame)
    assert probe.loss() == pytest.approx(frame.loss, rel=1e-12)
    for k, trace in enumerate(frame.layers, start=1):
        for found, known in ((probe.d_z(k, 1, 0), trace.delta), (probe.d_a(k, 1, 0), trace.back)):
            assert found.value == pytest.approx(known[1, 0], rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("at", [0, 2, 3, 7])
def test_a_restored_state_replays_masks_and_running_averages(at: int) -> None:
    trainer = make(mixed())
    for _ in range(at):
        trainer.step()
    state = trainer.state()
    first = [captured(trainer) for _ in range(8)]
    trainer.restore(state)
    for frame in first:
        again = captured(trainer)
        assert np.array_equal(frame.theta_after, again.theta_after)
        assert np.array_equal(frame.statistics_after, again.statistics_after)
        assert np.array_equal(frame.layers[2].extra["keep"], again.layers[2].extra["keep"])


def test_looking_and_evaluating_change_nothing() -> None:
    watched, alone = make(mixed()), make(mixed())
    for _ in range(9):
        watched.preview()
        watched.evaluate()
        watched.step()
        alone.step()
    assert np.array_equal(watched.network.theta, alone.network.theta)
    assert np.array_equal(watched.network.statistics, alone.network.statistics)


def test_a_step_that_fails_changes_nothing() -> None:
    trainer = make(mixed(), rate=1e308)
    states = [trainer.state()]

    def run() -> None:
        for _ in range(50):
            states.append(trainer.state())
            trainer.step()

    with pytest.raises(NonFinite):
        run()
    before, after = states[-1], trainer.state()
    assert np.array_equal(before.theta, after.theta)
    assert np.array_equal(before.statistics, after.statistics)
    assert before.streams == after.streams


def test_evaluation_uses_running_averages_and_drops_nothing() -> None:
    trainer = make([BatchNorm(), Dropout(0.5), Dense(3)], evaluation=True)
    remembered = trainer.network.statistics.copy()
    frame = captured(trainer)
    assert np.array_equal(trainer.network.statistics, remembered) and not frame.training
    np.testing.assert_allclose(frame.layers[0].a, frame.x / np.sqrt(1 + 1e-5), rtol=1e-15)
    assert (frame.layers[1].extra["keep"] == 1).all()


def test_running_variance_is_unbiased_and_moves_by_the_momentum() -> None:
    trainer = make([BatchNorm(momentum=0.25), Dense(3)])
    frame = captured(trainer)
    mean, var = trainer.network.memories[0]
    np.testing.assert_allclose(mean, 0.25 * frame.x.mean(0), rtol=1e-13)
    np.testing.assert_allclose(var, 0.75 + 0.25 * frame.x.var(0, ddof=1), rtol=1e-13)


def test_a_shared_weight_is_one_parameter_wherever_it_is_shown() -> None:
    trace = make([Conv1d(2, 3, 2, in_channels=1), Dense(3)]).preview().layers[0]
    assert trace.block.shape == (4, 2) and trace.W.shape == (4, 6)
    for j, i in ((0, 0), (1, 2)):
        assert trace.W[j, i] == trace.W[j + 2, i + 2] and trace.dW[j, i] == trace.dW[j + 2, i + 2]
    assert trace.mask is not None and trace.W[trace.mask == 0].tolist() == [0.0] * 12


def test_a_layer_without_weights_has_no_gradient_norm() -> None:
    trainer = make([Dense(4), Dropout(0.2), Dense(3)])
    trainer.step()
    scalars = dict(zip(trainer.scalar_names, trainer.scalars.tolist(), strict=True))
    assert scalars["gradient_norm[2]"] == 0.0 and scalars["gradient_norm[3]"] > 0.0


def test_plain_networks_pay_nothing_for_the_others() -> None:
    network = Network(2, [Dense(8, "tanh"), Dense(3)], "softmax_cross_entropy", np.random.default_rng(0))
    room = Workspace(network, 4)
    assert room.draw() == [] and room.commit() == []
    first, last = room.layers
    block, inputs = network.blocks[1], first.outputs
    tapes = (
        last.weigh(inputs, block),
        last.gather(inputs, np.zeros_like(block)),
        last.send_back(block, first),
    )
    assert [len(tape) for tape in tapes] == [1, 1, 1]


@pytest.mark.parametrize(
    ("layer", "says"),
    [
        (Dense(3, skip=Skip(0)), "identity skip from 6 units cannot end in 3"),
        (Dense(3, skip=Skip(2)), "comes from layer 2, which is not before it"),
        (Conv1d(2, 7), "a kernel of 7 does not fit into 6 positions"),
        (Conv1d(2, 1, in_channels=4), "6 units do not fall into 4 channels"),
        (BatchNorm(gamma=np.ones(2)), r"gamma has shape \(2,\), not \(6,\)"),
        (Dropout(1.0), "rate is 1.0, not from 0 to below 1"),
    ],
)
def test_what_does_not_fit_is_refused(layer: LayerSpec, says: str) -> None:
    with pytest.raises(ValueError, match=f"layer 1: .*{says}"):
        Network(6, [layer], "softmax_cross_entropy", np.random.default_rng(0))
