"""The command line in process: what it prints, where, and the code it ends with."""

from __future__ import annotations

import json
import math
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deltaglow import __version__, cli
from deltaglow.engine import NonFinite, Trainer
from deltaglow.model import build, examples, fileformat, gradients

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command line; gives its exit code, stdout and stderr."""

    def go(*arguments: str) -> tuple[int, str, str]:
        try:
            code = cli.main(arguments)
        except SystemExit as stop:
            code = int(stop.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return go


def document(**changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "deltaglow": 1,
        "network": {
            "inputs": 2,
            "layers": [{"units": 3, "activation": "tanh", "init": "xavier_uniform"}, {"units": 2}],
        },
        "data": {"inline": {"x": [[1, 2], [0, -1], [0.5, 0.5]], "y": [0, 1, 1]}},
        "training": {"optimizer": {"name": "sgd", "learning_rate": 0.5}, "batch_size": 2, "seed": 3},
    }
    return made | changes


@pytest.fixture
def project(tmp_path: Path) -> Path:
    path = tmp_path / "project.json"
    path.write_text(json.dumps(document()))
    return path


# ---- solve ------------------------------------------------------------------------------------


def test_solve_json_is_the_promised_document(run: Run, project: Path) -> None:
    code, out, err = run("solve", str(project), "--steps", "3", "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert list(found) == ["steps"]
    assert [step["step"] for step in found["steps"]] == [0, 1, 2]
    for step, rows in zip(found["steps"], (2, 1, 2), strict=True):
        assert list(step) == ["step", "loss", "y_hat", "layers", "after"] and list(step["after"]) == [
            "layers"
        ]
        assert np.shape(step["y_hat"]) == (rows, 2)
        for layer, after, units, before in zip(
            step["layers"], step["after"]["layers"], (3, 2), (2, 3), strict=True
        ):
            assert list(layer) == ["z", "a", "delta", "dW", "db"] and list(after) == ["W", "b"]
            assert all(np.shape(layer[name]) == (rows, units) for name in ("z", "a", "delta"))
            assert np.shape(layer["dW"]) == np.shape(after["W"]) == (units, before)
            assert np.shape(layer["db"]) == np.shape(after["b"]) == (units,)


def test_solve_json_has_every_bit_of_the_trainer_s_numbers(run: Run, project: Path) -> None:
    _, out, _ = run("solve", str(project), "--steps", "4", "--json")
    trainer = build.trainer(examples.open_project(project))
    for step in json.loads(out)["steps"]:
        frame = trainer.step(capture=True)
        assert frame is not None and step["loss"] == frame.loss
        for layer, after, trace in zip(step["layers"], step["after"]["layers"], frame.layers, strict=True):
            for name in ("z", "a", "delta", "dW", "db"):
                assert layer[name] == getattr(trace, name).tolist()
            assert after["W"] == trace.W_after.tolist() and after["b"] == trace.b_after.tolist()


def test_solve_in_words(run: Run) -> None:
    code, out, err = run("solve", "@worked-example", "--steps", "2")
    assert (code, err) == (0, "")
    assert "Step 0" in out and "Step 1" in out and "0.567" in out and "δ" in out
    assert run("solve", "@worked-example")[1].count("── Step") == 1


def test_solve_says_which_number_overflowed_and_prints_nothing(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "overflow.json"
    d = document()
    d["network"]["layers"][0] |= {"W": [[1e308, 1e308]] * 3, "activation": "identity"}
    path.write_text(json.dumps(d))
    for options in ((), ("--json",)):
        code, out, err = run("solve", str(path), *options)
        assert (code, out) == (1, "")
        assert err == f"{path}: step 0: z of layer 1 is no longer a finite number\n"


def test_solve_json_never_prints_infinity(run: Run, tmp_path: Path) -> None:
    """A saturated sigmoid hides an infinite z from the loss, but JSON cannot hold it."""
    path = tmp_path / "overflow.json"
    d = document()
    d["network"]["layers"][0] |= {"W": [[1e308, 1e308]] * 3, "activation": "sigmoid"}
    d["data"]["inline"] = {"x": [[1, 1]], "y": [0]}
    path.write_text(json.dumps(d))
    code, out, err = run("solve", str(path), "--json")
    assert (code, out) == (1, "")
    assert err == f"{path}: step 0: z of layer 1 is no longer a finite number\n"


# ---- explain ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address", ["delta[1][0]", "dW[2][1,0]", "w8", "loss", "y_hat[1]", "W_after[1][0,2]", "x[0]"]
)
def test_explain(run: Run, address: str) -> None:
    code, out, err = run("explain", "@worked-example", address)
    assert (code, err) == (0, "") and len(out.splitlines()) > 3


@pytest.mark.parametrize(
    ("depth", "words"),
    [
        ("words", "Raising the weight w₁ a little lowers the loss by 0.0423 times as much, because"),
        ("numbers", "∂L/∂w₁ = δ⁽¹⁾₁ x₁ = −0.0423·1 = −0.0423"),
        ("chain", "L → ŷ₁ → z⁽²⁾₁ → a⁽¹⁾₁ → z⁽¹⁾₁ → w₁"),
    ],
)
def test_explain_at_three_depths(run: Run, depth: str, words: str) -> None:
    code, out, err = run("explain", "@worked-example", "dw1", "--depth", depth)
    assert (code, err) == (0, "") and words in out
    assert "agrees to 12 digits" in " ".join(out.split())


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("delta[3][0]", "delta[3][0]: the network has 2 layers; the nearest is delta[2][0]"),
        ("dleta[1][0]", "dleta[1][0]: not an address; did you mean delta[layer][unit]?"),
        ("loss@1", "loss@1: the batch has 1 row, counted from 0; the nearest is loss@0"),
    ],
)
def test_explain_what_is_not_there(run: Run, address: str, message: str) -> None:
    assert run("explain", "@worked-example", address) == (1, "", f"@worked-example: {message}\n")


# ---- train ------------------------------------------------------------------------------------


def test_train_ends_with_losses_accuracy_and_speed(run: Run) -> None:
    code, out, err = run("train", "@xor", "--steps", "300")
    assert (code, err) == (0, "")
    assert "300" in out and "accuracy" in out and "100.00%" in out and "steps per second" in out


def test_train_json_is_one_object(run: Run, project: Path) -> None:
    code, out, err = run("train", str(project), "--steps", "50", "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert found["steps"] == 50 and found["last_loss"] < found["first_loss"]
    assert 0 <= found["accuracy"] <= 1 and found["steps_per_second"] > 0 and found["seconds"] > 0
    trainer = build.trainer(examples.open_project(project))
    assert found["first_loss"] == trainer.evaluate()[0]
    for _ in range(50):
        trainer.step()
    assert (found["last_loss"], found["accuracy"]) == trainer.evaluate()


@pytest.mark.parametrize("name", ["trained.json", "trained.dglow"])
def test_train_writes_what_it_learned(run: Run, project: Path, tmp_path: Path, name: str) -> None:
    out = tmp_path / name
    before = project.read_bytes()
    code, said, _ = run("train", str(project), "--steps", "20", "--out", str(out))
    assert code == 0 and str(out) in said
    assert project.read_bytes() == before
    trainer = build.trainer(examples.open_project(project))
    for _ in range(20):
        trainer.step()
    trained = build.trainer(fileformat.read(out))
    assert trained.network.theta.tobytes() == trainer.network.theta.tobytes()


def test_train_can_write_over_its_own_file(run: Run, project: Path) -> None:
    assert run("train", str(project), "--steps", "5", "--out", str(project))[0] == 0
    assert fileformat.read(project).network.layers[0].W is not None


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("none/out.json", "cannot be written: no such file or directory"),
        ("out.txt", "is not a name for a project, which ends in .dglow or .json"),
        (".", "is not a name for a project"),
    ],
)
def test_train_refuses_before_it_begins(
    run: Run, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, message: str
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("it trained")

    monkeypatch.setattr(Trainer, "step", never)
    path = tmp_path / target
    code, out, err = run("train", str(project), "--steps", "5", "--out", str(path))
    assert (code, out) == (1, "") and err.startswith(f"{path}: {message}") and err.count("\n") == 1


def test_train_stops_at_the_first_number_that_is_not_finite(run: Run, tmp_path: Path) -> None:
    path, out = tmp_path / "wild.json", tmp_path / "out.json"
    d = document()
    d["network"]["layers"][0]["activation"] = "relu"
    d["training"]["optimizer"]["learning_rate"] = 1000
    d["data"]["inline"]["x"] = [[1e100, 2e100], [0, -1e100], [5e99, 5e99]]
    path.write_text(json.dumps(d))
    code, said, err = run("train", str(path), "--steps", "1000", "--out", str(out))
    assert (code, said) == (1, "") and not out.exists()
    assert err.startswith(f"{path}: step ") and err.endswith("is no longer a finite number\n")
    assert err.count("\n") == 1


def test_a_penalty_that_overflows_is_one_line(run: Run, tmp_path: Path) -> None:
    """Both where the training's loss has it and where the penalty of all parameters is asked for alone."""
    path = tmp_path / "heavy.json"
    d = document()
    d["network"]["layers"][1] |= {"W": [[1e200, 0, 0], [0, 0, 0]]}
    d["training"]["l2"] = 0.1
    path.write_text(json.dumps(d))
    for arguments in (("train", str(path), "--steps", "3"), ("check", str(path)), ("solve", str(path))):
        code, said, err = run(*arguments)
        assert (code, said) == (1, "")
        assert err.startswith(f"{path}: step 0: ") and err.count("\n") == 1


def test_train_does_not_write_parameters_that_give_no_finite_loss(
    run: Run, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Trainer, "evaluate", lambda _: (math.inf, 0.0))
    out = tmp_path / "out.json"
    code, said, err = run("train", str(project), "--steps", "3", "--out", str(out))
    assert (code, said) == (1, "") and not out.exists()
    assert err == f"{project}: step 3: the loss is no longer a finite number\n"


def test_a_bar_is_shown_to_people_only(run: Run, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("train", str(project), "--steps", "40")[2] == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    code, out, err = run("train", str(project), "--steps", "40", "--json")
    assert code == 0 and json.loads(out)["steps"] == 40
    assert "%" in err and "step" in err


# ---- check ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", examples.names())
def test_every_example_passes_its_check(run: Run, name: str) -> None:
    code, out, err = run("check", f"@{name}")
    assert (code, err) == (0, "")
    assert "valid: " in out and "compared with finite differences" in out


def test_corners_are_reported_and_not_failed(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "corner.json"
    d = document()
    d["network"]["layers"][0] = {
        "units": 3,
        "activation": "relu",
        "W": [[1, -0.5], [1, 1], [0, 0]],
        "b": [0, 0, 0],
    }
    path.write_text(json.dumps(d))
    code, out, err = run("check", str(path))
    assert (code, err) == (0, "") and "not judged: " in out


def test_a_network_too_large_to_check_whole_says_so(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gradients, "check", partial(gradients.check, budget=5e6))
    code, out, _ = run("check", str(project))
    assert code == 0 and "gradients: 5 of 17" in out and "one in 4 was compared" in out


def test_a_wrong_gradient_fails(run: Run, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    preview = Trainer.preview

    def spoilt(self: Trainer) -> object:
        frame = preview(self)
        dW = frame.layers[0].dW.copy()
        dW[1, 0] += 1e-3
        object.__setattr__(frame.layers[0], "dW", dW)
        return frame

    monkeypatch.setattr(Trainer, "preview", spoilt)
    code, out, err = run("check", str(project))
    assert code == 1 and "valid" in out
    assert err.startswith(f"{project}: 1 gradients disagree") and "dW[1][1,0] is " in err


# ---- bad projects, wrong usage, other ends ------------------------------------------------------

EVERY = [("solve",), ("solve", "--json"), ("check",), ("train", "--steps", "5"), ("explain", "loss")]


@pytest.mark.parametrize("command", EVERY, ids=" ".join)
@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "cannot be read: no such file or directory"),
        ("", "is empty, must be a JSON object"),
        ('{"deltaglow": 1, "network": {', "line 1, column 30: ends in the middle"),
        (json.dumps(document(deltaglow=2)), "deltaglow: is version 2, this program reads version 1; a newer"),
        (
            json.dumps(document(network={"inputs": 2, "layers": [{"units": -3}]})),
            "network.layers[0].units: is -3",
        ),
    ],
)
def test_bad_projects_are_one_line_everywhere(
    run: Run, tmp_path: Path, command: tuple[str, ...], text: str | None, message: str
) -> None:
    path = tmp_path / "bad.json"
    if text is not None:
        path.write_text(text)
    before = sorted(tmp_path.iterdir())
    extra = ("--out", str(tmp_path / "out.json")) if command[0] == "train" else ()
    code, out, err = run(command[0], str(path), *command[1:], *extra)
    assert (code, out) == (1, "")
    assert err.startswith(f"{path}: {message}") and err.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("solve",),
        ("solve", "@xor", "more"),
        ("solve", "@xor", "--steps", "0"),
        ("solve", "@xor", "--steps", "-1"),
        ("solve", "@xor", "--steps", "1.5"),
        ("solve", "@xor", "--steps", "many"),
        ("solve", "@xor", "--steps", "٣"),
        ("solve", "@xor", "--jsn"),
        ("explain", "@xor"),
        ("train", "@xor"),
        ("train", "@xor", "--steps", "0"),
        ("train", "@xor", "--steps", "9" * 40),
        ("shot", "@xor"),
        ("shot", "@xor", "--out", "x.jpg"),
        ("shot", "@xor", "--out", "x.png", "--size", "1280"),
        ("shot", "@xor", "--out", "x.png", "--size", "0x0"),
        ("shot", "@xor", "--out", "x.png", "--size", "9999x9999"),
        ("shot", "@xor", "--out", "x.png", "--theme", "pink"),
        ("shot", "@xor", "--out", "x.png", "--phase", "sideways"),
        ("shot", "@xor", "--out", "x.png", "--phase", "delta:1@2"),
        ("check",),
        ("slove", "@xor"),
        ("--nonsense",),
        ("--theme", "pink"),
        ("--selftest", "@xor"),
    ],
    ids=" ".join,
)
def test_wrong_usage(run: Run, arguments: tuple[str, ...]) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "") and err.startswith("usage: ")


@pytest.mark.parametrize(
    "name", ["a\nb.json", "\x1b[31m.json", os.fsdecode(b"\xff.json"), "-x.json", "ü" * 200, "", "a\0b", "@\n"]
)
def test_strange_names_are_one_line(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = run("solve", "--", name)
    assert (code, out) == (1, "")
    assert err.count("\n") == 1 and err[:-1].isprintable() and len(err) < 400


def test_a_misspelt_command_gets_a_hint(run: Run) -> None:
    assert 'did you mean "solve"?' in run("slove", "@xor")[2]


def test_version_and_help(run: Run) -> None:
    assert run("--version") == (0, f"deltaglow {__version__}\n", "")
    code, out, _ = run("--help")
    assert code == 0
    assert all(word in out for word in ("solve", "explain", "train", "shot", "check", "@worked-example"))
    for command in ("solve", "explain", "train", "shot", "check"):
        code, out, _ = run(command, "--help")
        assert code == 0 and "FILE" in out


def test_ctrl_c_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Trainer, "run", interrupted)
    out = tmp_path / "out.json"
    assert run("train", "@xor", "--steps", "5", "--out", str(out)) == (130, "", "interrupted\n")
    assert not out.exists()


def test_too_little_memory_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def hungry(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(build, "trainer", hungry)
    assert run("solve", "@xor") == (1, "", "@xor: there is not enough memory for this\n")


def test_no_output_to_print_to(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    code, _, err = run("solve", "@xor")
    assert (code, err) == (1, "there is no standard output to print to\n")


def test_a_large_document_costs_little_time(tmp_path: Path, run: Run) -> None:
    """200,000 numbers in a batch of 64: reading must not take a Python call a number."""
    rng = np.random.default_rng(0)
    d = document(network={"inputs": 100, "layers": [{"units": 2}]})
    d["data"] = {
        "inline": {"x": rng.standard_normal((2000, 100)).tolist(), "y": [k % 2 for k in range(2000)]}
    }
    d["training"]["batch_size"] = 64
    path = tmp_path / "large.json"
    path.write_text(json.dumps(d))
    start = time.perf_counter()
    assert run("train", str(path), "--steps", "1")[0] == 0
    assert time.perf_counter() - start < 5.0


def test_non_finite_names_the_step() -> None:
    assert str(NonFinite(7, "z of layer 2")) == "step 7: z of layer 2 is no longer a finite number"
