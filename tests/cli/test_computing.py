"""--precision and --device stand in place of the project's own fields."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deltaglow import cli
from deltaglow.engine import DEVICES, missing
from deltaglow.model import fileformat

Write = Callable[..., Path]

absent = pytest.mark.parametrize("device", [device for device in DEVICES if missing(device)])
COMMANDS = [["train", "--steps", "6"], ["solve", "--steps", "2"], ["explain", "dW[2][0,1]"], ["check"]]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def go(name: str = "project.json", **training: object) -> Path:
        made: dict[str, Any] = {
            "deltaglow": 1,
            "network": {"inputs": 2, "layers": [{"units": 5, "activation": "tanh"}, {"units": 2}]},
            "data": {"builtin": {"name": "moons"}},
            "training": {"batch_size": 20, **training},
        }
        path = tmp_path / name
        path.write_text(json.dumps(made))
        return path

    return go


def solved(capsys: pytest.CaptureFixture[str], path: Path, *options: str) -> str:
    assert cli.main(["solve", str(path), "--steps", "3", "--json", *options]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("precision", ["float64", "float32", "mixed"])
def test_it_is_the_run_of_a_project_that_says_so(
    write: Write, capsys: pytest.CaptureFixture[str], precision: str
) -> None:
    asked = solved(capsys, write(), "--precision", precision)
    said = solved(capsys, write(precision=precision))
    assert asked == said
    assert (asked == solved(capsys, write())) == (precision == "float64")


def test_what_train_writes_is_the_project_as_it_was_trained(write: Write, tmp_path: Path) -> None:
    source, out = write(precision="mixed", loss_scale={"initial": 64}), tmp_path / "out.json"
    before = source.read_bytes()
    line = ["train", str(source), "--steps", "4", "--out", str(out), "--precision"]
    assert cli.main([*line, "mixed"]) == 0
    kept = fileformat.read(out).training
    assert kept.precision == "mixed" and kept.loss_scale is not None and kept.loss_scale.initial == 64
    assert cli.main([*line, "float32"]) == 0
    dropped = fileformat.read(out).training
    assert (dropped.precision, dropped.loss_scale) == ("float32", None)
    assert source.read_bytes() == before


@absent
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: str(command[0]))
def test_a_device_that_is_not_there_is_one_line(
    write: Write, capsys: pytest.CaptureFixture[str], command: list[str], device: str
) -> None:
    name, *rest = command
    assert cli.main([name, str(write()), *rest, "--device", device]) == 1
    out, err = capsys.readouterr()
    assert out == "" and err == f"--device {device}: {missing(device)}\n"


@absent
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: str(command[0]))
def test_a_project_for_a_device_opens_without_it(
    write: Write, capsys: pytest.CaptureFixture[str], command: list[str], device: str
) -> None:
    name, *rest = command
    path = write(device=device)
    assert cli.main([name, str(path), *rest]) == 1
    assert capsys.readouterr().err == f'{path}: training.device: is "{device}", but {missing(device)}\n'
    assert cli.main([name, str(path), *rest, "--device", "cpu"]) == 0


def test_an_archive_a_table_and_an_example_take_them_too(
    write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive, table = tmp_path / "project.dglow", tmp_path / "table.csv"
    fileformat.write(fileformat.read(write()), archive)
    table.write_text("a,b,kind\n" + "".join(f"{k},{k * k % 7},{'xy'[k % 2]}\n" for k in range(30)))
    for file in (str(archive), str(table), "@xor"):
        out = tmp_path / "out.json"
        assert cli.main(["train", file, "--steps", "3", "--precision", "float32", "--out", str(out)]) == 0
        assert fileformat.read(out).training.precision == "float32"
    assert capsys.readouterr().err == ""


def test_what_does_not_go_with_the_rest_is_refused(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(sparse_inputs=True)
    assert cli.main(["train", str(path), "--steps", "3", "--precision", "float32"]) == 1
    out, err = capsys.readouterr()
    assert out == "" and err.startswith(f"{path}: training.sparse_inputs: is true, but training.precision")
    assert err.count("\n") == 1


@pytest.mark.parametrize("option", [["--precision", "half"], ["--device", "tpu"], ["--precision"]])
def test_what_there_is_not_is_wrong_usage(capsys: pytest.CaptureFixture[str], option: list[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(["train", "@xor", "--steps", "3", *option])
    assert stop.value.code == 2
    assert f"argument {option[0]}: " in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("command", ["train", "solve", "explain", "check"])
def test_help_has_them(capsys: pytest.CaptureFixture[str], command: str) -> None:
    with pytest.raises(SystemExit):
        cli.main([command, "--help"])
    said = capsys.readouterr().out
    assert "--precision {float64,float32,mixed}" in said and "--device {cpu,mkl,cuda}" in said
