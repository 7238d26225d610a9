"""Layers beside plain dense ones through `deltaglow solve --json`, against PyTorch (generate_layers.py)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from deltaglow.cli import main

ANSWERS = Path(__file__).parent / "answers" / "layers"
CASES = sorted(path.stem for path in ANSWERS.glob("*.npz"))


def test_there_are_answers() -> None:
    assert len(CASES) == 18
    assert sum(path.stat().st_size for path in ANSWERS.iterdir()) < 2**20


@pytest.mark.parametrize("case", CASES)
def test_solve_agrees_with_pytorch(case: str, capsys: pytest.CaptureFixture[str]) -> None:
    name, mode = case.split(".")
    with np.load(ANSWERS / f"{case}.npz", allow_pickle=False) as stored:
        expected = dict(stored)
    count = 1 + max(int(key.split("/")[0]) for key in expected)
    command = ["solve", str(ANSWERS / f"{name}.json"), "--steps", str(count), "--json"]
    assert main([*command, *(["--evaluation"] if mode == "evaluation" else [])]) == 0
    for step in json.loads(capsys.readouterr().out)["steps"]:
        found = {f"{step['step']}/{key}": step[key] for key in ("loss", "y_hat")}
        for k, (layer, after) in enumerate(
            zip(step["layers"], step["after"]["layers"], strict=True), start=1
        ):
            found |= {f"{step['step']}/{k}/{key}": value for key, value in {**layer, **after}.items()}
        for key, value in found.items():
            wanted = expected.pop(key)
            scale = max(1.0, float(np.abs(wanted).max(initial=0.0)))
            np.testing.assert_allclose(value, wanted, rtol=1e-9, atol=1e-13 * scale, err_msg=key)
    assert not expected
