"""Layers that are not plain dense ones in the project file: read, written, refused, and trained."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deltaglow.cli import main
from deltaglow.model import build, fileformat
from deltaglow.model.errors import ProjectError

X = np.random.default_rng(0).normal(size=(7, 6)).tolist()

DOCUMENT: dict[str, Any] = {
    "deltaglow": 1,
    "network": {
        "inputs": 6,
        "layers": [
            {"type": "conv1d", "channels": 2, "kernel": 3, "activation": "tanh"},
            {"type": "batch_norm", "activation": "relu"},
            {"type": "dropout", "rate": 0.3},
            {"units": 4, "activation": "tanh"},
            {"units": 4, "skip": {"from": 4}},
            {"units": 2, "skip": {"from": 0, "projection": True}},
        ],
    },
    "data": {"inline": {"x": X, "y": [0, 1, 1, 0, 1, 0, 1]}},
    "training": {"batch_size": 7},
}


def layer(document: dict[str, Any], k: int) -> dict[str, Any]:
    found: dict[str, Any] = document["network"]["layers"][k - 1]
    return found


def opened(document: dict[str, Any]) -> Any:
    return fileformat.loads(json.dumps(document))


def test_sizes_and_parameters_follow() -> None:
    project = opened(DOCUMENT)
    assert project.network.sizes == (6, 8, 8, 8, 4, 4, 2)
    assert project.network.parameter_count == 8 + 16 + 0 + 36 + 20 + 10 + 12
    assert len(build.trainer(project).network.theta) == project.network.parameter_count


@pytest.mark.parametrize("name", ["p.json", "p.dglow"])
def test_trained_numbers_come_back_from_a_file_bit_for_bit(tmp_path: Path, name: str) -> None:
    project = opened(DOCUMENT)
    trainer = build.trainer(project)
    for _ in range(5):
        trainer.step()
    trained = build.with_parameters(project, trainer.network.theta, trainer.network.statistics)
    fileformat.write(trained, tmp_path / name)
    again = fileformat.read(tmp_path / name)
    assert again == trained
    reopened = build.trainer(again)
    assert np.array_equal(reopened.network.theta, trainer.network.theta)
    assert np.array_equal(reopened.network.statistics, trainer.network.statistics)
    assert reopened.evaluate() == trainer.evaluate()


def test_training_from_the_command_line_keeps_the_running_averages(tmp_path: Path) -> None:
    source, target = tmp_path / "a.json", tmp_path / "b.json"
    source.write_text(json.dumps(DOCUMENT))
    assert main(["train", str(source), "--steps", "3", "--out", str(target)]) == 0
    written = json.loads(target.read_text())["network"]["layers"][1]
    assert written["running_mean"] != [0.0] * 8 and written["gamma"] != [1.0] * 8
    assert main(["check", str(target)]) == 0 and main(["check", str(target), "--evaluation"]) == 0


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda d: layer(d, 1).update(kernel=7), "[0].kernel: is 7, longer than the 6 positions before it"),
        (
            lambda d: layer(d, 1).update(in_channels=4),
            "[0].in_channels: is 4, the 6 units before do not fall",
        ),
        (lambda d: layer(d, 1).update(stride=0), "[0].stride: is 0, must be a whole number from 1"),
        (lambda d: layer(d, 1).update(W=[[1, 2, 3]]), "[0].W: has 1 row, the layer has 2 channels"),
        (lambda d: layer(d, 1).update(units=8), "[0].units: is not a known key"),
        (lambda d: layer(d, 2).update(gamma=[1]), "[1].gamma: has 1 number, the layer has 8 units"),
        (lambda d: layer(d, 2).update(running_var=[-1] * 8), "[1].running_var[0]: is -1"),
        (lambda d: layer(d, 2).update(eps=0), "[1].eps: is 0, must be a number above 0"),
        (lambda d: layer(d, 3).update(rate=1), "[2].rate: is 1, must be a number from 0 to 0.99"),
        (lambda d: layer(d, 3).update(activation="tanh"), "[2].activation: is not a known key"),
        (
            lambda d: layer(d, 5)["skip"].update({"from": 5}),
            "[4].skip.from: is 5, must be a whole number from 0 to 4",
        ),
        (
            lambda d: layer(d, 5)["skip"].update({"from": 1}),
            "[4].skip: cannot add the 8 units of layer 1 to 4",
        ),
        (
            lambda d: layer(d, 6)["skip"].update(projection=[[1]]),
            "[5].skip.projection: has 1 row, the layer has 2",
        ),
        (lambda d: layer(d, 6)["skip"].update(projection=3), "[5].skip.projection: is 3, must be a list"),
        (
            lambda d: d["training"].update(batch_size=1),
            "[1]: is batch normalisation, which learns from the spread",
        ),
    ],
)
def test_what_is_wrong_is_one_line(change: Any, says: str) -> None:
    document = copy.deepcopy(DOCUMENT)
    change(document)
    with pytest.raises(ProjectError) as caught:
        opened(document)
    assert says in str(caught.value) and "\n" not in str(caught.value)
