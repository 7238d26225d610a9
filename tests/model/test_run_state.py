"""Saved, closed, opened and trained on is trained on, bit for bit."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deltaglow.engine import OPTIMIZERS, Trainer
from deltaglow.model import build, fileformat, run_state
from deltaglow.model.errors import ProjectError
from deltaglow.model.project import Project

PLAIN: dict[str, Any] = {
    "deltaglow": 1,
    "network": {"inputs": 2, "layers": [{"units": 5, "activation": "tanh"}, {"units": 2}]},
    "data": {"builtin": {"name": "moons", "samples": 22}, "validation": {"fraction": 0.2}},
    "training": {"batch_size": 4, "shuffle": True, "optimizer": {"name": "sgd", "learning_rate": 0.05}},
}
LAYERS = [{"units": 4, "activation": "relu"}, {"type": "batch_norm"}, {"type": "dropout"}, {"units": 2}]
WAYS: dict[str, dict[str, Any]] = {
    **{name: {"optimizer": {"name": name, "learning_rate": 0.05}} for name in OPTIMIZERS},
    "schedule": {"schedule": {"name": "warmup_cosine"}, "noise": 0.1},
    "gathering": {"accumulate": 3, "top_k": 0.5, "clip": {"norm": 1}, "optimizer": {"name": "adam"}},
    "watched": {"early_stopping": {"patience": 2, "min_delta": 0.05}},
    "float32": {"precision": "float32", "optimizer": {"name": "adam"}},
    "mixed": {"precision": "mixed", "loss_scale": {"initial": 16777216, "grow_after": 3}},
    "ordered": {"shuffle": False, "weight_decay": 0.1},
}


def project(**training: Any) -> Project:
    return fileformat.loads(json.dumps(PLAIN | {"training": PLAIN["training"] | training}))


def drawing() -> Project:
    return fileformat.loads(json.dumps(PLAIN | {"network": {"inputs": 2, "layers": LAYERS}}))


def saved(project: Project, trainer: Trainer) -> Project:
    given = build.with_parameters(project, trainer.network.theta, trainer.network.statistics)
    return replace(given, state=run_state.taken(trainer.state()))


def stepped(trainer: Trainer, steps: int) -> Trainer:
    for _ in range(steps):
        trainer.step()
    return trainer


def assert_same(one: Trainer, other: Trainer) -> None:
    a, b = one.state(), other.state()
    assert a.step == b.step and a.generator == b.generator and a.epoch_generator == b.epoch_generator
    assert a.streams == b.streams and a.scaling == b.scaling and a.begun == b.begun
    for mine, theirs in zip(
        (a.theta, a.statistics, *a.optimizer), (b.theta, b.statistics, *b.optimizer), strict=True
    ):
        assert mine.dtype == theirs.dtype and mine.tobytes() == theirs.tobytes()
    assert (a.watch.best_loss, a.watch.waited, a.watch.stopped_at) == (
        b.watch.best_loss,
        b.watch.waited,
        b.watch.stopped_at,
    )


@pytest.mark.parametrize("suffix", [".json", ".dglow"])
@pytest.mark.parametrize("way", [*WAYS, "drawing"])
def test_going_on_from_the_file_is_going_on(way: str, suffix: str, tmp_path: Path) -> None:
    made = drawing() if way == "drawing" else project(**WAYS[way])
    trainer = stepped(build.trainer(made), 7)
    assert trainer.step_count % trainer.steps_per_epoch, "in the midst of an epoch"
    kept, path = saved(made, trainer), tmp_path / f"run{suffix}"
    fileformat.write(kept, path)
    opened = fileformat.read(path)
    assert opened == kept
    again = build.trainer(opened)
    assert_same(again, trainer)
    for _ in range(3):  # over the ends of epochs, of what is gathered, of what the watch waits for
        assert_same(stepped(again, 5), stepped(trainer, 5))
    assert again.scalars.tobytes() == trainer.scalars.tobytes()


def test_without_its_state_the_run_is_another_one() -> None:
    made = project(optimizer={"name": "adam", "learning_rate": 0.05})
    trainer = stepped(build.trainer(made), 7)
    bare = stepped(build.trainer(replace(saved(made, trainer), state=None)), 2)
    assert not np.array_equal(bare.network.theta, stepped(trainer, 2).network.theta)


def document(**changes: Any) -> str:
    made = project(optimizer={"name": "adam"})
    found = json.loads(fileformat.dumps(saved(made, stepped(build.trainer(made), 3))))
    found["state"] |= changes
    return json.dumps(found)


P = 5 * 3 + 2 * 6
GENERATOR = "0" * 64


@pytest.mark.parametrize(
    ("changes", "where", "what"),
    [
        ({"optimizer": []}, "state.optimizer", 'remembers 2 (m, v); take "state" out to begin anew'),
        ({"optimizer": [[0.0], [0.0]]}, "state.optimizer[0]", f"the network has {P} parameters"),
        ({"optimizer": [[0.0] * P, [-1.0] * P]}, "state.optimizer[1]", "negative"),
        ({"optimizer": [[0.0] * P] * 9}, "state.optimizer", "at most 8"),
        ({"step": -1}, "state.step", "from 0 to 100000000"),
        ({"step": 1.5}, "state.step", "whole number"),
        ({"generator": GENERATOR}, "state.generator", "hexadecimal"),
        ({"streams": [document.__name__]}, "state.streams[0]", "hexadecimal"),
        (
            {"streams": [f"{'0' * 32} {'0' * 32} 0 {'0' * 8}"]},
            "state.streams",
            "has 1 stream, must have 0: one for each dropout layer",
        ),
        ({"watch": {"best": [1.0]}}, "state.watch.best", f"the network has {P} parameters"),
        ({"loss_scale": {"scale": 0}}, "state.loss_scale.scale", "from 1 to 16777216"),
        ({"momentum": 1}, "state.momentum", "is not a known key"),
    ],
)
def test_a_state_that_does_not_fit_is_refused(changes: dict[str, Any], where: str, what: str) -> None:
    with pytest.raises(ProjectError) as refused:
        fileformat.loads(document(**changes))
    assert refused.value.where == where and what in refused.value.what


def test_another_optimiser_by_hand_is_refused() -> None:
    found = json.loads(document())
    found["training"]["optimizer"] = {"name": "momentum"}
    with pytest.raises(
        ProjectError, match=r"has 2 arrays, momentum as it is set here remembers 1 \(velocity\)"
    ):
        fileformat.loads(json.dumps(found))


def test_numbers_that_no_file_can_hold_are_left_out() -> None:
    state = stepped(build.trainer(project(optimizer={"name": "adam"})), 1).state()
    assert run_state.taken(replace(state, optimizer=(state.optimizer[0], np.full(P, np.inf)))) is None
    assert run_state.taken(replace(state, step=run_state.MAX_STEPS + 1)) is None


def test_an_untrained_project_writes_none() -> None:
    assert "state" not in json.loads(fileformat.dumps(project()))
