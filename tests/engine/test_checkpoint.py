"""Gradient checkpointing: the same numbers to the last bit, in less memory, and frames that are whole."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.mixtures import Run, captured, differences, runs

from deltaglow.engine import (
    PRECISIONS,
    BatchNorm,
    Dense,
    Dropout,
    LossSpec,
    Network,
    NonFinite,
    Skip,
    Trainer,
    UpdateRule,
)
from deltaglow.engine.ops import SMALL
from deltaglow.engine.segments import Segments, segment_count
from deltaglow.engine.workspace import Workspace


def step(trainer: Trainer, steps: int, capture: bool = False) -> None:
    for _ in range(steps):
        trainer.step(capture)


@settings(max_examples=100, deadline=None)
@given(run=runs(), segments=st.integers(2, 9) | st.just("auto"))
def test_any_mixture_computes_the_same_bits(run: Run, segments: int | str) -> None:
    plain, saving = run.trainer(), run.trainer(checkpoint=segments)
    for looked_at in (True, False, True, False, False, True, True):
        if looked_at:
            assert differences(captured(plain), captured(saving)) == []
        else:
            step(plain, 1)
            step(saving, 1)
        assert plain.scalars.tobytes() == saving.scalars.tobytes()
    assert differences(plain.state(), saving.state()) == []


def deep(**changes: object) -> Run:
    """Skips of both kinds across the borders of any segments, running averages and masks."""
    layers = [
        Dense(4, "tanh"),
        Dropout(0.3),
        BatchNorm("relu"),
        Dense(4, "gelu", skip=Skip(1)),
        Dense(5, "identity", skip=Skip(2, True)),
        Dense(4, "identity", skip=Skip(1)),
        Dense(4, "sigmoid", skip=Skip(6)),
        Dense(3, skip=Skip(4, True)),
    ]
    return Run(layers, LossSpec(), "adam", UpdateRule(), 0.0, 4, **changes)


@pytest.mark.parametrize("segments", range(2, 9))
@pytest.mark.parametrize("precision", PRECISIONS)
def test_skips_across_borders_averages_and_masks(segments: int, precision: str) -> None:
    run = deep(precision=precision)
    plain, saving = run.trainer(), run.trainer(checkpoint=segments)
    for _ in range(10):
        assert differences(captured(plain), captured(saving)) == []


@pytest.mark.parametrize("segments", [2, 3, 4])
def test_large_layers_whose_errors_are_scaled_on_the_way(segments: int) -> None:
    run = deep()
    run.layers = [Dense(90, "gelu"), Dropout(0.2), Dense(90, "selu"), Dense(90, "gelu_tanh"), Dense(3)]
    plain, saving = run.trainer(), run.trainer(checkpoint=segments)
    assert len(plain.network.theta) > SMALL
    for _ in range(4):
        assert differences(captured(plain), captured(saving)) == []


def test_a_restored_state_replays_and_looking_changes_nothing() -> None:
    alone, watched = deep().trainer(checkpoint="auto"), deep().trainer(checkpoint="auto")
    state = watched.state()
    for _ in range(7):
        watched.preview()
        watched.evaluate()
        watched.step()
        alone.step()
    assert differences(alone.state(), watched.state()) == []
    watched.restore(state)
    step(watched, 7)
    assert differences(alone.state(), watched.state()) == []


@pytest.mark.parametrize("looked_at", [False, True])
@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_what_is_not_finite_first_is_named_as_in_a_plain_run(looked_at: bool, noise: float) -> None:
    def stop(**options: object) -> tuple[NonFinite, Trainer]:
        run = deep(rate=1e70)
        run.optimizer, run.noise = "sgd", noise
        trainer = run.trainer(**options)
        with pytest.raises(NonFinite) as caught:
            step(trainer, 20, looked_at)
        return caught.value, trainer

    (plain, one), (saving, other) = stop(), stop(checkpoint=3)
    assert (plain.step, plain.quantity) == (saving.step, saving.quantity)
    assert "layer" in plain.quantity
    assert differences(plain.frame, saving.frame) == []
    assert differences(one.state(), other.state()) == []


def test_frames_of_steps_nobody_looked_at_are_not_those_of_earlier_ones() -> None:
    trainer, plain = deep().trainer(checkpoint=3), deep().trainer()
    first = captured(trainer)
    step(trainer, 3)
    step(plain, 4)
    assert differences(captured(trainer), captured(plain)) == []
    assert differences(first.layers, trainer.preview().layers) != []


@pytest.mark.parametrize(
    ("chosen", "layers", "segments"),
    [
        *(("auto", 1, 1), ("auto", 2, 1), ("auto", 3, 2), ("auto", 9, 3), ("auto", 40, 6), ("auto", 43, 7)),
        *((1, 5, 1), (4, 5, 4), (9, 5, 5)),
    ],
)
def test_how_many_segments_there_are(chosen: int | str, layers: int, segments: int) -> None:
    assert segment_count(chosen, layers) == segments


@pytest.mark.parametrize("segments", range(1, 9))
def test_segments_hold_every_layer_once_and_are_about_equal(segments: int) -> None:
    architecture = deep().trainer().network.architecture
    bounds = Segments(architecture, segments).bounds
    assert [k for first, last in bounds for k in range(first, last + 1)] == list(range(1, 9))
    lengths = [last - first + 1 for first, last in bounds]
    assert len(bounds) == segments and max(lengths) - min(lengths) <= 1


@pytest.mark.parametrize("segments", range(1, 7))
def test_what_is_needed_at_the_same_time_lies_apart(segments: int) -> None:
    """Also where NumPy would notice an overlap and help itself with a copy."""
    phis = ("identity", "identity", "tanh", "tanh", "identity", "relu")
    network = Network(3, [Dense(4, phi) for phi in phis], "softmax_cross_entropy", np.random.default_rng(0))
    room = Workspace(network, 4, segments=segments)
    for first, last in room.segments.bounds:
        arrays = {(first - 1, "back"): room.layers[first - 2].back} if first > 1 else {}
        for k in range(first, last + 1):
            arrays |= {(k, name): getattr(room.layers[k - 1], name) for name in ("outputs", "back", "delta")}
        for (one, a), (other, b) in combinations(arrays.items(), 2):
            assert a is b or not np.shares_memory(a, b), (one, other)
