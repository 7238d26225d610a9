"""The array backend: another array module stands in for NumPy, and NumPy pays nothing for it."""

from __future__ import annotations

import ast
from pathlib import Path
from types import FunctionType

import numpy as np
import pytest
from tests.engine.standin import Module

import deltaglow.engine
from deltaglow.engine import (
    ACTIVATIONS,
    LOSSES,
    OPTIMIZERS,
    BatchNorm,
    Clip,
    Conv1d,
    Dense,
    Dropout,
    EarlyStopping,
    LayerSpec,
    LossSpec,
    Network,
    Penalties,
    Skip,
    Trainer,
    TrainerOptions,
    UpdateRule,
)
from deltaglow.engine import precision as precisions
from deltaglow.engine.backend import HOST, Backend

MASK = np.array([[1, 0, 1, 1, 1]] * 4)


def layers(activation: str) -> list[LayerSpec]:
    return [
        Conv1d(2, 3, 1, activation),
        BatchNorm("relu"),
        Dropout(0.3),
        Dense(5, activation),
        Dense(5, activation, skip=Skip(4)),
        Dense(4, activation, mask=MASK),
        Dense(3, skip=Skip(0, True)),
    ]


def trainer(
    backend: Backend,
    *,
    activation: str = "tanh",
    optimizer: str = "adam",
    loss: LossSpec | None = None,
    options: TrainerOptions | None = None,
) -> Trainer:
    """Every kind of layer on 11 samples in batches of 4, so that one is smaller."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(11, 6))
    network = Network(6, layers(activation), loss or LossSpec(), rng, backend)
    y = np.eye(3)[rng.integers(0, 3, 11)]
    return Trainer(
        network,
        x,
        y,
        optimizer=optimizer,
        learning_rate=0.05,
        batch_size=4,
        shuffle=True,
        rng=rng,
        options=options,
    )


def everything(accumulate: int = 2, clip: str = "norm") -> TrainerOptions:
    rng = np.random.default_rng(4)
    return TrainerOptions(
        update=UpdateRule(
            schedule="cosine",
            penalties=Penalties(0.01, 0.02),
            weight_decay=0.1,
            clip=Clip(clip, 0.3),
            accumulate=accumulate,
        ),
        noise=0.1,
        early_stopping=EarlyStopping(2),
        validation=(rng.normal(size=(5, 6)), np.eye(3)[rng.integers(0, 3, 5)]),
    )


def same_run(*, steps: int = 7, options: TrainerOptions | None = None, **given: object) -> Module:
    """Runs the same project on NumPy and on the stand-in, and compares everything that can be seen of it."""
    module = Module()
    on_host = trainer(HOST, options=options, **given)  # type: ignore[arg-type]
    elsewhere = trainer(Backend(module), options=options, **given)  # type: ignore[arg-type]
    assert type(elsewhere.network.theta).__name__ == "Device"
    start = elsewhere.state()
    for _ in range(steps):
        ours, theirs = on_host.step(capture=True), elsewhere.step(capture=True)
        assert ours is not None and theirs is not None
        np.testing.assert_allclose(theirs.theta_after, ours.theta_after, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(elsewhere.scalars, on_host.scalars, rtol=1e-9, atol=1e-12)
        for a, b in zip(ours.layers, theirs.layers, strict=True):
            for name in ("z", "a", "slope", "back", "delta", "block_gradient"):
                found = getattr(b, name)
                assert type(found) is np.ndarray and found.dtype == np.float64
                np.testing.assert_allclose(found, getattr(a, name), rtol=1e-9, atol=1e-12)
        assert ours.update.arrays.keys() == theirs.update.arrays.keys()
    np.testing.assert_allclose(elsewhere.evaluate(), on_host.evaluate(), rtol=1e-9)
    np.testing.assert_allclose(elsewhere.network.W(4), on_host.network.W(4), rtol=1e-9)
    learned = elsewhere.state().theta
    elsewhere.restore(start)
    for _ in range(steps):
        elsewhere.step()
    assert np.array_equal(elsewhere.state().theta, learned), "a replay finds the same bits"
    return module


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_runs_on_another_array_module(activation: str) -> None:
    assert same_run(activation=activation).calls["matmul"] > 0


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimiser_does(optimizer: str) -> None:
    same_run(optimizer=optimizer)


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_does(loss: str) -> None:
    same_run(loss=LossSpec(loss))


def test_a_weighted_and_a_naive_loss_do() -> None:
    same_run(loss=LossSpec("softmax_cross_entropy", 0.1, (1.0, 2.0, 0.5)))
    same_run(loss=LossSpec("softmax_cross_entropy", naive=True))


@pytest.mark.parametrize("clip", ["norm", "value"])
def test_penalties_clipping_gathering_noise_schedules_and_early_stopping_do(clip: str) -> None:
    same_run(options=everything(clip=clip), steps=20)


def test_no_tape_is_bound_to_numpy_but_by_the_backend() -> None:
    """`op(np.…)` anywhere else would not run on another array module."""
    folder = Path(deltaglow.engine.__file__).parent
    bound = []
    for file in sorted(folder.rglob("*.py")):
        if file.name == "backend.py":
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "op":
                first = ast.unparse(node.args[0])
                if first.startswith("np.") and "scalars" not in ast.unparse(node):
                    bound.append(f"{file.name}:{node.lineno} {first}")
    assert not bound


def test_numpy_is_called_directly() -> None:
    """No call of a step goes through anything written in Python between the tape and NumPy."""
    run = trainer(HOST)
    run.step()
    (tape, *_) = run._tapes.values()
    for call in tape:
        assert not isinstance(getattr(call.func, "__func__", call.func), FunctionType), call.func


def test_a_device_that_is_not_there_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precisions.importlib.util, "find_spec", lambda name: None)
    assert precisions.missing("cpu") == ""
    assert precisions.missing("cuda") == 'CuPy is not installed: pip install "deltaglow[cuda]"'
    with pytest.raises(precisions.NoDevice):
        precisions.backend("float64", "cuda")


class _Cupy(Module):
    """CuPy on a machine with so many cards; with none, the driver may be missing altogether."""

    def __init__(self, cards: int, error: str = "") -> None:
        super().__init__()
        self.cuda = self.runtime = self
        self._cards, self._error = cards, error

    def getDeviceCount(self) -> int:
        if self._error:
            raise RuntimeError(self._error)
        return self._cards


@pytest.mark.parametrize(
    ("cupy", "reason"),
    [
        (_Cupy(1), ""),
        (_Cupy(0), "CuPy finds no graphics card"),
        (
            _Cupy(0, "cudaErrorInsufficientDriver:\n CUDA driver version is insufficient"),
            "CuPy finds no graphics card: cudaErrorInsufficientDriver: CUDA driver version is insufficient",
        ),
    ],
)
def test_cupy_without_a_card_is_one_line_too(
    monkeypatch: pytest.MonkeyPatch, cupy: _Cupy, reason: str
) -> None:
    monkeypatch.setattr(precisions.importlib.util, "find_spec", lambda name: name)
    monkeypatch.setattr(precisions.importlib, "import_module", lambda name: cupy)
    assert precisions.missing("cuda") == reason
    if not reason:
        assert precisions.backend("float32", "cuda").xp is cupy
