"""The worked example against numbers computed elsewhere, which are given to 12 decimals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deltaglow.cli import main
from deltaglow.engine import Frame
from deltaglow.model import build, examples

REFERENCE: dict[str, Any] = json.loads((Path(__file__).parent / "worked_example.json").read_text("utf-8"))
COMPUTED, AFTER = REFERENCE["computed"], REFERENCE["after_one_step"]
EXACT = {"rtol": 0.0, "atol": 6e-13}


@pytest.fixture(scope="module")
def frame() -> Frame:
    captured = build.trainer(examples.load("worked-example")).step(capture=True)
    assert captured is not None
    return captured


def test_inputs_are_the_reference_s(frame: Frame) -> None:
    assert frame.x.tolist() == [REFERENCE["inputs"]["x"]]
    assert frame.y.tolist() == [REFERENCE["inputs"]["y"]]
    assert frame.learning_rate == REFERENCE["inputs"]["learning_rate"]
    for k in (1, 2):
        assert frame.layers[k - 1].W.tolist() == REFERENCE["parameters"][f"W{k}"]
        assert frame.layers[k - 1].b.tolist() == REFERENCE["parameters"][f"b{k}"]
    assert frame.layers[0].activation == REFERENCE["inputs"]["hidden"]


@pytest.mark.parametrize("name", ["z1", "a1", "z2", "delta2", "delta1"])
def test_unit_values(frame: Frame, name: str) -> None:
    found = getattr(frame.layers[int(name[-1]) - 1], name[:-1])
    np.testing.assert_allclose(found, [COMPUTED[name]], **EXACT)


@pytest.mark.parametrize("name", ["dW2", "db2", "dW1", "db1"])
def test_gradients(frame: Frame, name: str) -> None:
    found = getattr(frame.layers[int(name[-1]) - 1], name[:-1])
    np.testing.assert_allclose(found, COMPUTED[name], **EXACT)


@pytest.mark.parametrize("name", ["W1", "b1", "W2", "b2"])
def test_parameters_after_one_step(frame: Frame, name: str) -> None:
    found = getattr(frame.layers[int(name[-1]) - 1], f"{name[:-1]}_after")
    np.testing.assert_allclose(found, AFTER[name], **EXACT)


def test_softmax_and_loss(frame: Frame) -> None:
    np.testing.assert_allclose(frame.y_hat, [COMPUTED["y_hat"]], **EXACT)
    np.testing.assert_allclose(frame.loss, COMPUTED["loss"], **EXACT)


def test_loss_after_one_step() -> None:
    trainer = build.trainer(examples.load("worked-example"))
    trainer.step()
    np.testing.assert_allclose(trainer.evaluate()[0], AFTER["loss"], **EXACT)


def test_the_printed_solution_has_the_same_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["solve", "@worked-example", "--steps", "2", "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)["steps"]
    assert set(first) == {"step", "loss", "y_hat", "layers", "after"}
    assert (first["step"], second["step"]) == (0, 1)
    np.testing.assert_allclose(first["loss"], COMPUTED["loss"], **EXACT)
    np.testing.assert_allclose(second["loss"], AFTER["loss"], **EXACT)
    np.testing.assert_allclose(first["y_hat"], [COMPUTED["y_hat"]], **EXACT)
    for k, (layer, after) in enumerate(zip(first["layers"], first["after"]["layers"], strict=True), start=1):
        assert set(layer) == {"z", "a", "delta", "dW", "db"} and set(after) == {"W", "b"}
        np.testing.assert_allclose(layer["delta"], [COMPUTED[f"delta{k}"]], **EXACT)
        np.testing.assert_allclose(layer["dW"], COMPUTED[f"dW{k}"], **EXACT)
        np.testing.assert_allclose(layer["db"], COMPUTED[f"db{k}"], **EXACT)
        np.testing.assert_allclose(after["W"], AFTER[f"W{k}"], **EXACT)
        np.testing.assert_allclose(after["b"], AFTER[f"b{k}"], **EXACT)
