"""What is said where a common guide simplifies: at the numbers that it is about, and only there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deltaglow.explain.derivation import derive
from deltaglow.model import build, edits, examples
from deltaglow.model.project import Optimizer, Project
from deltaglow.model.quantity import parse


def note(project: Project, address: str) -> str:
    trainer = build.trainer(project)
    return derive(project, trainer.step(capture=True), parse(address), 0).note or ""


def penalised(optimizer: str, l2: float = 0.1) -> Project:
    project = examples.load("worked-example")
    chosen = replace(project.training, optimizer=Optimizer(optimizer), l2=l2)
    return replace(project, training=chosen)


@pytest.mark.parametrize("address", ["mean[2][0]", "var[2][1]"])
def test_covariate_shift_is_remarked_on_where_the_batch_is_measured(address: str) -> None:
    assert "Santurkar" in note(examples.load("batch-norm"), address)
    assert "Santurkar" not in note(examples.load("batch-norm"), "x_hat[2][0]")


def test_a_penalty_is_weight_decay_with_plain_descent_alone() -> None:
    plain, adam = (note(penalised(name), "dW_penalty[1][0,0]") for name in ("sgd", "adam"))
    assert "With plain gradient descent they are" in plain
    assert "With Adam they are two things" in adam
    assert note(penalised("momentum"), "penalty").count("Loshchilov") == 1
    assert "weight decay" not in note(penalised("adam"), "dW_data[1][0,0]")


def test_how_weights_were_drawn_is_not_remarked_on_where_there_is_none() -> None:
    project = examples.load("iris")
    assert "Glorot" in note(project, "W[1][0,0]")
    without = edits.connect(project, [(1, 0, 0)], False)
    assert "Glorot" not in note(without, "W[1][0,0]") and "Glorot" in note(without, "W[1][0,1]")
