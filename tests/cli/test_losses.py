"""The command line on losses beside the usual one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from deltaglow.cli import main

SINE: dict[str, Any] = {
    "deltaglow": 1,
    "network": {
        "inputs": 1,
        "loss": "squared_error",
        "layers": [{"units": 4, "activation": "tanh"}, {"units": 1}],
    },
    "data": {"builtin": {"name": "sine"}},
    "training": {"batch_size": 10},
}
LABELS: dict[str, Any] = {
    "deltaglow": 1,
    "network": {"inputs": 2, "loss": "sigmoid_cross_entropy", "layers": [{"units": 2}]},
    "data": {"inline": {"x": [[1, 0], [0, 1]], "y": [[1, 1], [0, 1]]}},
    "training": {"batch_size": 2},
}
NAIVE: dict[str, Any] = {
    "deltaglow": 1,
    "network": {
        "inputs": 1,
        "loss": {"name": "softmax_cross_entropy", "naive": True},
        "layers": [{"units": 2, "W": [[1000], [0]]}],
    },
    "data": {"inline": {"x": [[1]], "y": [0]}},
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "project.json"


def trained(path: Path, document: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    path.write_text(json.dumps(document))
    assert main(["train", str(path), "--steps", "5", "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_train_on_numbers_gives_r_squared(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = trained(path, SINE, capsys)
    whole = found["evaluation"]["training"]
    assert found["accuracy"] is None and whole["confusion"] is None and whole["precision"] is None
    assert whole["loss"] == found["last_loss"] and whole["r_squared"] < 1
    assert main(["train", str(path), "--steps", "5"]) == 0
    assert "R²  " in (text := capsys.readouterr().out) and "nan" not in text and "accuracy" not in text


def test_train_on_labels_counts_each(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = trained(path, LABELS, capsys)["evaluation"]["training"]
    assert [sum(map(sum, label)) for label in whole["confusion"]] == [2, 2]
    assert main(["train", str(path), "--steps", "5"]) == 0
    assert "right: yes" in capsys.readouterr().out


def test_train_on_classes_shows_who_was_taken_for_whom(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "@spirals", "--steps", "20"]) == 0
    text = capsys.readouterr().out
    assert "arm 1" in text and "precision" in text and max(map(len, text.splitlines())) <= 100


def test_naive_softmax_stops_where_it_overflows(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path.write_text(json.dumps(NAIVE))
    for command in (["train", "--steps", "3"], ["solve"], ["check"]):
        assert main([command[0], str(path), *command[1:]]) == 1
        assert "step 0: an exponential of softmax is no longer a finite number" in capsys.readouterr().err
    stable = NAIVE | {"network": NAIVE["network"] | {"loss": "softmax_cross_entropy"}}
    path.write_text(json.dumps(stable))
    assert main(["train", str(path), "--steps", "3"]) == 0


@pytest.mark.parametrize("document", [SINE, LABELS])
def test_everything_works_on_every_loss(
    path: Path, document: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    path.write_text(json.dumps(document))
    assert main(["check", str(path)]) == 0
    assert main(["solve", str(path)]) == 0
    assert main(["explain", str(path), "loss"]) == 0
    assert "✓" in capsys.readouterr().out
    assert main(["explain", str(path), "exp[0]"]) == 1
    assert "has no softmax" in capsys.readouterr().err
    assert main(["shot", str(path), "--out", str(path.with_suffix(".png")), "--phase", "softmax"]) == 1
    assert "no phase 'softmax' here" in capsys.readouterr().err
