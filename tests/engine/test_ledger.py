"""The memory ledger: what it counts is what NumPy allocated, and what the savings come to by it."""

from __future__ import annotations

import gc
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from tests.engine.mixtures import Run, runs

from deltaglow.engine import Clip, Dense, EarlyStopping, LossSpec, Network, Penalties, Trainer, TrainerOptions
from deltaglow.engine import UpdateRule as Rule
from deltaglow.engine.ledger import Ledger

WIDTH = 24


def deep(activation: str = "tanh", layers: int = 40, batch: int = 32, **options: object) -> Trainer:
    """A dense network of equally wide layers on 96 samples."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(96, WIDTH)), np.eye(WIDTH)[rng.integers(0, WIDTH, 96)]
    specs = [Dense(WIDTH, activation) for _ in range(layers - 1)]
    network = Network(WIDTH, [*specs, Dense(WIDTH)], LossSpec(), rng)
    made = TrainerOptions(**options)  # type: ignore[arg-type]
    return Trainer(
        network,
        x,
        y,
        learning_rate=0.01,
        batch_size=batch,
        shuffle=False,
        rng=rng,
        optimizer="adam",
        options=made,
    )


def stepped(trainer: Trainer) -> Ledger:
    """After the first steps: some memory is taken only then."""
    for _ in range(5):
        trainer.step()
    return trainer.ledger()


@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu", "gelu_tanh", "selu", "identity"])
def test_forty_layers_in_segments_take_at_most_two_fifths(activation: str) -> None:
    plain, saving = stepped(deep(activation)), stepped(deep(activation, checkpoint="auto"))
    assert saving.activations <= 0.4 * plain.activations
    assert saving.shared > sum(saving.layers) and plain.shared == 0
    rest = ("parameters", "gradients", "optimizer", "data", "evaluation", "kept")
    assert all(getattr(plain, name) == getattr(saving, name) for name in rest)


def test_wide_and_narrow_layers_share_as_well() -> None:
    def activations(checkpoint: int) -> int:
        widths = (50, 3, 20, 60, 7, 40, 9, 30, 5)
        layers = [Dense(width, "tanh") for width in widths]
        rng = np.random.default_rng(0)
        network = Network(4, layers, "squared_error", rng)
        options = TrainerOptions(checkpoint=checkpoint)
        x, y = np.zeros((64, 4)), np.zeros((64, 5))
        return stepped(
            Trainer(network, x, y, learning_rate=0.1, batch_size=64, shuffle=False, rng=rng, options=options)
        ).activations

    assert activations(3) < 0.65 * activations(1)


@settings(max_examples=25, deadline=None)
@given(run=runs())
def test_what_is_counted_is_what_numpy_allocated(run: Run) -> None:
    gc.collect()
    tracemalloc.start()
    try:
        validation = (np.zeros((3, 6)), np.eye(3))
        trainer = run.trainer(
            checkpoint="auto", validation=validation, early_stopping=EarlyStopping(1000, restore_best=False)
        )
        counted = stepped(trainer).total
        gc.collect()
        arrays = tracemalloc.DomainFilter(True, np.lib.tracemalloc_domain)
        taken = sum(trace.size for trace in tracemalloc.take_snapshot().filter_traces([arrays]).traces)
    finally:
        tracemalloc.stop()
    assert counted == pytest.approx(taken, rel=0.02, abs=2000)


def test_gathering_gradients_saves_activations_and_moves_the_same_way() -> None:
    whole, gathering = deep(batch=96, layers=4), deep(batch=24, layers=4, update=Rule(accumulate=4))
    for _ in range(4):
        gathering.step()
    whole.step()
    np.testing.assert_allclose(gathering.network.theta, whole.network.theta, rtol=1e-9, atol=1e-12)
    one, four = whole.ledger(), gathering.ledger()
    assert four.gradients - one.gradients == 2 * one.parameters
    assert sum(four.layers) == pytest.approx(sum(one.layers) / 4, rel=0.01)


def test_every_vector_of_parameters_is_counted_where_it_belongs() -> None:
    rule = Rule(penalties=Penalties(0.1, 0.1), clip=Clip("norm", 1.0), weight_decay=0.1)
    plain, much = stepped(deep(layers=3)), stepped(deep(layers=3, update=rule))
    P = plain.parameters
    assert plain.parameters == 8 * len(deep(layers=3).network.theta)
    assert much.gradients - plain.gradients == 3 * P
    assert plain.gradients == P and plain.optimizer >= 6 * P
    assert plain.total == sum(plain.layers) + sum(
        getattr(plain, name) for name in plain.__dataclass_fields__ if name != "layers"
    )


def test_a_frame_leaves_no_copies_behind() -> None:
    trainer = deep(layers=9, checkpoint="auto")
    before = stepped(trainer)
    frame = trainer.step(capture=True)
    assert frame is not None and frame.layers[0].z.any()
    assert trainer.ledger() == before


def test_more_batches_take_no_more_room_to_work_in() -> None:
    def working(batches: int) -> int:
        rng = np.random.default_rng(0)
        x, y = rng.normal(size=(8 * batches, 50)), np.eye(3)[rng.integers(0, 3, 8 * batches)]
        layers = [Dense(200, "gelu", mask=np.tril(np.ones((200, 50)))), Dense(30, "selu"), Dense(3)]
        network = Network(50, layers, LossSpec(), rng)
        trainer = Trainer(network, x, y, learning_rate=0.01, batch_size=8, shuffle=True, rng=rng)
        for _ in range(batches):
            trainer.step()
        return trainer.ledger().working

    assert working(40) < 1.1 * working(2)


def test_looking_takes_room_for_evaluation_only() -> None:
    trainer = deep(layers=3)
    before = stepped(trainer)
    trainer.evaluate()
    after = trainer.ledger()
    assert before.evaluation == 0 < after.evaluation
    assert before.activations == after.activations and before.total + after.evaluation == after.total
