"""`deltaglow solve --json` over 50 steps of every optimiser and schedule, against PyTorch
(generate_updates.py).
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from deltaglow.cli import main
from deltaglow.engine import OPTIMIZERS, SCHEDULES
from deltaglow.model import build, fileformat

ANSWERS = Path(__file__).parent / "updates"
CASES = sorted(path.stem for path in ANSWERS.glob("*.npz"))


def test_every_rule_has_an_answer() -> None:
    trainings = [json.loads(path.read_text())["training"] for path in ANSWERS.glob("*.json")]
    assert {t["optimizer"]["name"] for t in trainings} == set(OPTIMIZERS)
    assert {t["schedule"]["name"] for t in trainings if "schedule" in t} | {"constant"} == set(SCHEDULES)


@pytest.mark.parametrize("case", CASES)
def test_solve_agrees_with_pytorch(case: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = ANSWERS / f"{case}.json"
    with np.load(ANSWERS / f"{case}.npz", allow_pickle=False) as stored:
        expected = dict(stored)
    count = len(expected["losses"])
    assert main(["solve", str(path), "--steps", str(count), "--json"]) == 0
    steps = json.loads(capsys.readouterr().out)["steps"]
    close([step["loss"] for step in steps], expected["losses"])
    for key, theta in expected.items():
        if key.startswith("theta/"):
            layers = steps[int(key.split("/")[1])]["after"]["layers"]
            found = np.concatenate([np.ravel(layer[name]) for layer in layers for name in ("W", "b")])
            close(found, theta)
            assert (found[theta == 0.0] == 0.0).all()
    trainer = build.trainer(fileformat.read(path))
    rates = []
    for _ in range(count):
        frame = trainer.step(capture=True)
        assert frame is not None
        rates.append(frame.learning_rate)
    close(rates, expected["rates"])


def close(found: object, expected: np.ndarray) -> None:
    """To 1e-9."""
    np.testing.assert_allclose(np.array(found), expected, rtol=1e-9, atol=1e-14)
