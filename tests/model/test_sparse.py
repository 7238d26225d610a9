"""Sparse gradients and inputs in a project: read, refused in words, written back, and what the run does."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.model.projects import document

from deltaglow.model import build, fileformat
from deltaglow.model.errors import ProjectError


def opened(**training: Any) -> Any:
    made = document()
    made["training"] |= training
    project = fileformat.loads(json.dumps(made))
    assert fileformat.loads(fileformat.dumps(project)) == project
    return project


def test_nothing_is_said_where_nothing_is_asked_for() -> None:
    text = fileformat.dumps(opened())
    assert "top_k" not in text and "sparse_inputs" not in text


def test_the_share_reaches_the_run() -> None:
    trainer = build.trainer(opened(top_k=0.25))
    frame = trainer.step(capture=True)
    assert frame is not None
    assert frame.update.sent == 4 and len(frame.theta) == 14
    assert (frame.theta != frame.theta_after).sum() <= 4


def test_sparse_inputs_reach_the_run() -> None:
    trainer = build.trainer(opened(sparse_inputs=True))
    dense = build.trainer(opened())
    for _ in range(6):
        trainer.step()
        dense.step()
    assert trainer.touched is not None and trainer.touched.seen == 6
    assert trainer.touched.touched == 3 * 3 + 3 * 1, "one sample has three inputs, the other one"
    assert trainer.network.theta.tobytes() == dense.network.theta.tobytes()


@pytest.mark.parametrize(
    ("training", "line"),
    [
        ({"top_k": 0}, "training.top_k: is 0, must be a number above 0, at most 1"),
        ({"top_k": 1.5}, "training.top_k: is 1.5, must be"),
        ({"top_k": "half"}, 'training.top_k: is "half", must be'),
        ({"sparse_inputs": 1}, "training.sparse_inputs: is 1, must be true or false"),
        (
            {"sparse_inputs": True, "optimizer": {"name": "adam"}},
            "training.sparse_inputs: is true, but training.optimizer is adam, which moves weights of inputs",
        ),
        ({"sparse_inputs": True, "l2": 0.1}, "is true, but training.l2 is not for it"),
        ({"sparse_inputs": True, "weight_decay": 0.1}, "is true, but training.weight_decay moves"),
        ({"sparse_inputs": True, "clip": {"norm": 1}}, "is true, but training.clip is not for it"),
        ({"sparse_inputs": True, "accumulate": 2}, "is true, but training.accumulate is not for it"),
        ({"sparse_inputs": True, "top_k": 0.5}, "is true, but training.top_k is not for it"),
        ({"sparse_inputs": True, "noise": 0.5}, "is true, but training.noise is not for it"),
        ({"sparse_inputs": True, "micro_batches": 2}, "is true, but training.micro_batches is not for it"),
        ({"sparse_inputs": True, "precision": "float32"}, "is true, but training.precision is not for it"),
    ],
)
def test_what_is_refused(training: dict[str, Any], line: str) -> None:
    with pytest.raises(ProjectError) as caught:
        opened(**training)
    assert line in str(caught.value)


def test_no_layer_is_frozen() -> None:
    made = document()
    made["network"]["layers"][1]["frozen"] = True
    made["training"]["sparse_inputs"] = True
    with pytest.raises(ProjectError, match="is true, but a layer is frozen"):
        fileformat.loads(json.dumps(made))


def test_the_first_layer_must_be_dense() -> None:
    made = document()
    made["network"]["layers"].insert(0, {"type": "dropout", "rate": 0.5})
    made["training"]["sparse_inputs"] = True
    with pytest.raises(ProjectError, match="the first layer is dropout, and must be dense"):
        fileformat.loads(json.dumps(made))
