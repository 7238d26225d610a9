"""What is advised when numbers break fits where they broke."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deltaglow.engine import NonFinite
from deltaglow.explain.remedy import remedy
from deltaglow.model import build, examples
from deltaglow.model.project import Optimizer, Project


def broken(project: Project) -> NonFinite:
    trainer = build.trainer(project)
    for _ in range(500):
        try:
            trainer.step()
        except NonFinite as stop:
            return stop
    pytest.fail("nothing broke")


def with_training(project: Project, rate: float) -> Project:
    return replace(project, training=replace(project.training, optimizer=Optimizer("sgd", rate)))


def test_naive_softmax_is_to_be_turned_off() -> None:
    project = examples.load("naive-softmax")
    assert "Naive" in remedy(project, str(broken(project)))


def test_weights_that_have_run_away_need_an_earlier_step() -> None:
    project = with_training(examples.load("regression"), 900.0)
    stop = broken(project)
    assert stop.step > 0 and "press Home" in remedy(project, str(stop))


def test_an_update_alone_needs_a_lower_rate_only() -> None:
    assert "Lower the learning rate" in remedy(
        examples.load("xor"), str(NonFinite(3, "the size of the update"))
    )


def test_before_anything_is_learnt_it_is_the_data_or_the_weights() -> None:
    advice = remedy(examples.load("xor"), str(NonFinite(0, "z of layer 1")))
    assert "scale the inputs" in advice and "smaller weights" in advice
