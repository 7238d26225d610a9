"""`deltaglow solve --json` on projects written by hand, against PyTorch's autograd (see generate.py)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from deltaglow.cli import main

ANSWERS = Path(__file__).parent / "answers"
CASES = sorted(path.stem for path in ANSWERS.glob("*.npz"))


def test_there_are_answers() -> None:
    assert len(CASES) >= 15
    assert sum(path.stat().st_size for path in ANSWERS.iterdir()) < 2**20


@pytest.mark.parametrize("case", CASES)
def test_solve_agrees_with_pytorch(case: str, capsys: pytest.CaptureFixture[str]) -> None:
    with np.load(ANSWERS / f"{case}.npz", allow_pickle=False) as stored:
        expected = dict(stored)
    count = 1 + max(int(key.split("/")[0]) for key in expected)
    assert main(["solve", str(ANSWERS / f"{case}.json"), "--steps", str(count), "--json"]) == 0
    steps = json.loads(capsys.readouterr().out)["steps"]
    assert [step["step"] for step in steps] == list(range(count))
    compared = 0
    for step in steps:
        n = step["step"]
        close(step["loss"], expected[f"{n}/loss"])
        close(step["y_hat"], expected[f"{n}/y_hat"])
        for k, (layer, after) in enumerate(
            zip(step["layers"], step["after"]["layers"], strict=True), start=1
        ):
            for name, found in {**layer, **after}.items():
                close(found, expected[f"{n}/{k}/{name}"], f"step {n}, layer {k}, {name}")
                compared += 1
    assert 2 * count + compared == len(expected)


def close(found: object, expected: np.ndarray, what: str = "") -> None:
    """To 1e-9, or to the rounding of the largest number that went into it where a difference cancels."""
    scale = max(1.0, float(np.abs(expected).max(initial=0.0)))
    np.testing.assert_allclose(np.array(found), expected, rtol=1e-9, atol=1e-13 * scale, err_msg=what)
