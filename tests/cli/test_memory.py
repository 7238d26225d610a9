"""What `deltaglow train` tells of memory, and that segments and micro-batches work from the command line."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deltaglow import cli

Train = Callable[..., dict[str, Any]]


def write(path: Path, layers: int, **training: object) -> Path:
    path.write_text(
        json.dumps(
            {
                "deltaglow": 1,
                "network": {
                    "inputs": 2,
                    "layers": [*[{"units": 9, "activation": "tanh"}] * layers, {"units": 2}],
                },
                "data": {"builtin": {"name": "moons"}},
                "training": {"batch_size": 50, "shuffle": True, **training},
            }
        )
    )
    return path


@pytest.fixture
def train(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Train:
    def go(layers: int = 39, **training: object) -> dict[str, Any]:
        path = write(tmp_path / "project.json", layers, **training)
        assert cli.main(["train", str(path), "--steps", "12", "--json"]) == 0
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    return go


def test_forty_layers_in_segments_learn_the_same_in_two_fifths_of_the_memory(train: Train) -> None:
    plain, saving = train(), train(checkpoint="auto")
    assert plain["last_loss"] == saving["last_loss"] != plain["first_loss"]
    one, other = plain["memory"], saving["memory"]
    assert other["activations"] <= 0.4 * one["activations"] and other["total"] < one["total"]
    assert len(one["layers"]) == 40 and one["shared"] == 0 < other["shared"]
    assert one["activations"] == sum(one["layers"]) + one["working"]


def test_micro_batches_learn_the_same_but_for_the_last_digits_and_leave_no_thread(train: Train) -> None:
    before = threading.active_count()
    plain, parted = train(layers=3), train(layers=3, micro_batches=4)
    assert parted["last_loss"] == pytest.approx(plain["last_loss"], rel=1e-9)
    assert parted == train(layers=3, micro_batches=4) | {
        key: parted[key] for key in ("seconds", "steps_per_second")
    }
    assert threading.active_count() == before


def test_a_line_or_two_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "project.json", 8, checkpoint=3)
    assert cli.main(["train", str(path), "--steps", "5"]) == 0
    found = re.search(r"^memory .*(\n +.*)*", capsys.readouterr().out, re.MULTILINE)
    assert found is not None
    line = " ".join(found[0].split())
    for word in ("parameters ", "gradients ", "optimiser ", "activations ", " shared)", "data ", " kB"):
        assert word in line


@pytest.mark.parametrize("command", [["solve", "--steps", "3"], ["check"], ["explain", "dW[2][0,1]"]])
@pytest.mark.parametrize("training", [{"checkpoint": "auto"}, {"checkpoint": 4, "micro_batches": 3}])
def test_every_number_is_there_and_right(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str], training: dict[str, object]
) -> None:
    path = write(tmp_path / "project.json", 5, **training)
    name, *rest = command
    assert cli.main([name, str(path), *rest]) == 0
    out = capsys.readouterr().out
    if "micro_batches" not in training:
        assert cli.main([name, str(write(tmp_path / "plain.json", 5)), *rest]) == 0
        assert capsys.readouterr().out == out
