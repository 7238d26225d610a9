"""Every number of layers that are not plain dense ones explains itself, and every check agrees."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest

from deltaglow.explain.check import check
from deltaglow.explain.derivation import derive
from deltaglow.explain.report import explain_text, solve_text
from deltaglow.explain.symbols import spoken
from deltaglow.model import build, fileformat
from deltaglow.model.quantity import KINDS, AddressError, Quantity, validate_in, value

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


@pytest.mark.parametrize("evaluation", [False, True])
def test_every_number_is_derived_and_checked(evaluation: bool) -> None:
    project = fileformat.loads(json.dumps(DOCUMENT))
    frame = build.trainer(project, evaluation).preview()
    seen = 0
    for kind, of in KINDS.items():
        layers = range(1, 6) if of.layered else (None,)
        for k, index in itertools.product(layers, itertools.product(range(4), repeat=of.indices)):
            q = Quantity(kind, k, index)
            try:
                validate_in(q, frame)
            except AddressError:
                continue
            derived, second = derive(project, frame, q), check(frame, q)
            assert derived.value == value(q, frame) and explain_text(derived, second)
            assert second is None or second.ok, (str(q), second.sentence)
            assert spoken(project, q)
            for other in derived.used_in:
                validate_in(other, frame)
            seen += 1
    assert seen > 300
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
