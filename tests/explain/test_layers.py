"""Every number of layers that are not plain dense ones explains itself, and every check agrees."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from tests.explain.networks import canonical, everything
from tests.explain.test_derivation import assert_sound

from deltaglow.engine import OPTIMIZERS
from deltaglow.explain.check import check
from deltaglow.explain.derivation import derive
from deltaglow.explain.report import explain_text, solve_text
from deltaglow.explain.symbols import spoken
from deltaglow.model import build, fileformat
from deltaglow.model.quantity import Quantity

LAYERS = [
    {"type": "conv1d", "channels": 2, "kernel": 2, "stride": 2, "activation": "tanh"},
    {"type": "batch_norm", "activation": "tanh"},
    {"type": "dropout", "rate": 0.3},
    {"units": 4, "activation": "tanh", "skip": {"from": 1}},
    {"units": 3, "skip": {"from": 0, "projection": True}},
]
DOCUMENT = {
    "deltaglow": 1,
    "network": {"inputs": 4, "layers": LAYERS},
    "data": {"inline": {"x": np.random.default_rng(0).normal(size=(3, 4)).round(2).tolist(), "y": [0, 1, 2]}},
    "training": {"batch_size": 3},
}


TRAINING = [
    {"optimizer": {"name": name, "learning_rate": 0.05}, **rest}
    for name, rest in zip(
        [*OPTIMIZERS, "sgd", "adam"],
        [
            {"weight_decay": 0.1},
            {"l2": 0.03, "clip": {"value": 0.02}},
            {"l1": 0.01, "schedule": {"name": "cosine", "steps": 40}},
            {"clip": {"norm": 0.1}},
            {"l1": 0.01, "l2": 0.02, "accumulate": 2},
            {"clip": {"norm": 100}},
            {},
            {},
            {"l1": 0.002, "l2": 0.03, "weight_decay": 0.1, "clip": {"norm": 0.3}, "accumulate": 3},
        ],
        strict=True,
    )
]


@pytest.mark.parametrize("evaluation", [False, True])
@pytest.mark.parametrize("training", TRAINING, ids=lambda training: training["optimizer"]["name"])
def test_every_number_is_derived_and_checked(training: dict[str, Any], evaluation: bool) -> None:
    project = fileformat.loads(json.dumps(DOCUMENT | {"training": {"batch_size": 3, **training}}))
    running = build.trainer(project, evaluation)
    for _ in range(5):
        running.step()
    frame = running.preview()
    forwards, backwards, cut, elided = set(), set(), set(), set()
    for q in (canonical(q, frame) for q in everything(frame)):
        derived, second = assert_sound(project, frame, q), check(frame, q)
        assert explain_text(derived, second)
        assert second is None or second.ok, (str(q), second.sentence)
        assert spoken(project, q)
        forwards |= {(canonical(o.quantity, frame), q) for o in derived.operands}
        rows = range(frame.samples) if not q.per_sample else (q.sample or 0,)
        backwards |= {(q, canonical(use, frame, row)) for use in derived.used_in for row in rows}
        cut |= {q} if derived.used_in_more else set()
        elided |= (
            {q} if any(" more" in row.label_text for group in derived.groups for row in group.rows) else set()
        )
    assert {pair for pair in forwards - backwards if pair[0] not in cut} == set()
    assert {pair for pair in backwards - forwards if pair[1] not in elided} == set()
    assert len({q.kind for q, _ in forwards}) > 20
    assert "batch normalisation" in solve_text(project, [frame])


@pytest.mark.parametrize(
    ("address", "words"),
    [
        (Quantity("z", 2, (0,)), "γ⁽²⁾₁ x̂⁽²⁾₁ + β⁽²⁾₁"),
        (Quantity("x_hat", 2, (0,)), "(a⁽¹⁾₁ − μ⁽²⁾₁) / √("),
        (Quantity("z", 3, (1,)), "m⁽³⁾₂ a⁽²⁾₂"),
        (Quantity("z", 4, (1,)), "+ a⁽¹⁾₂ + b⁽⁴⁾₂"),
        (Quantity("back", 1, (1,)), "+ δ⁽⁴⁾₂"),
        (Quantity("back", 2, (1,)), "m⁽³⁾₂ δ⁽³⁾₂"),
        (Quantity("dW", 1, (0, 1)), "1/3·("),
    ],
)
def test_formulas(address: Quantity, words: str) -> None:
    project = fileformat.loads(json.dumps(DOCUMENT))
    derived = derive(project, build.trainer(project).preview(), address)
    assert words in " ".join((*derived.text_symbolic, *derived.text_numeric))
