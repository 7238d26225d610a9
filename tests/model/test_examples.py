"""The examples that come with the program: readable, canonical, and each learns what it is meant to show."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from deltaglow import resources
from deltaglow.engine import LossSpec, NonFinite, Trainer
from deltaglow.model import build, examples, fileformat
from deltaglow.model.errors import ProjectError
from deltaglow.model.project import Project


def test_names() -> None:
    assert examples.names()[0] == "worked-example"
    assert set(examples.names()) >= {"worked-example", "xor", "spirals", "blobs", "circles", "moons"}


@pytest.mark.parametrize("name", examples.names())
def test_examples_are_as_the_program_writes_them(name: str) -> None:
    project = examples.open_project(f"@{name}")
    assert fileformat.dumps(project) == resources.text(f"examples/{name}.json")
    assert project.title


LESSONS = {
    "worked-example",
    "gates",
    "regression",
    "why-not-squared-error",
    "naive-softmax",
    "vanishing-gradients",
    "dropout",
}
"""Examples that do not simply learn to tell classes apart: what each shows is tested by itself."""


def trained(project: Project, steps: int) -> Trainer:
    trainer = build.trainer(project)
    for _ in range(steps):
        trainer.step()
    return trainer


def with_loss(project: Project, loss: LossSpec) -> Project:
    return replace(project, network=replace(project.network, loss=loss))


def test_several_labels_are_learnt_at_once() -> None:
    loss, accuracy = trained(examples.load("gates"), 1000).evaluate()
    assert loss < 0.05 and accuracy == 1.0


def test_a_sine_is_predicted() -> None:
    trainer = trained(examples.load("regression"), 2000)
    held = trainer.validation()
    assert trainer.evaluation().r_squared > 0.9 and held is not None and held.r_squared > 0.9


def test_squared_error_after_softmax_hardly_learns_where_cross_entropy_does_at_once() -> None:
    project = examples.load("why-not-squared-error")
    before, _ = build.trainer(project).evaluate()
    after, accuracy = trained(project, 30).evaluate()
    assert before - after < 0.01 and accuracy == 0.0
    after, accuracy = trained(with_loss(project, LossSpec()), 30).evaluate()
    assert after < 0.05 and accuracy == 1.0


def test_the_naive_softmax_overflows_and_the_stable_one_does_not() -> None:
    project = examples.load("naive-softmax")
    with pytest.raises(NonFinite, match="an exponential of softmax"):
        trained(project, 6)
    assert trained(project, 3).step_count == 3
    assert math.isfinite(trained(with_loss(project, LossSpec()), 60).evaluate()[0])


def test_gradients_vanish_layer_by_layer_through_sigmoids() -> None:
    project = examples.load("vanishing-gradients")
    norms = [float(np.linalg.norm(layer.dW)) for layer in build.trainer(project).preview().layers]
    assert all(first < 0.5 * second for first, second in pairwise(norms)) and norms[0] < 1e-3 * norms[-1]
    assert trained(project, 2000).evaluate()[1] < 0.6


def test_dropout_keeps_what_is_learnt_from_few_samples_general() -> None:
    trainer = trained(examples.load("dropout"), 1000)
    scores = trainer.validate()
    assert scores is not None and scores[1] > 0.8
    assert len(trainer.preview().layers[1].extra["keep"]) == 12


@pytest.mark.parametrize("name", [name for name in examples.names() if name not in LESSONS])
def test_examples_visibly_learn(name: str) -> None:
    trainer = build.trainer(examples.load(name))
    classes = trainer.preview().y.shape[1]
    assert trainer.evaluate()[0] == pytest.approx(math.log(classes), abs=0.8)
    for _ in range(3000):
        trainer.step()
    loss, accuracy = trainer.evaluate()
    assert loss < 0.15 and accuracy > 0.95


def test_shapes_people_expect() -> None:
    assert examples.load("worked-example").network.sizes == (3, 2, 2)
    assert examples.load("xor").network.sizes == (2, 4, 2)
    assert examples.load("spirals").network.sizes == (2, 8, 8, 3)


@pytest.mark.parametrize(
    "name", ["spiral", "", "..", "../docs/project-format", "@xor", "xor.json", "a\nb", "x" * 999]
)
def test_what_is_no_example(name: str) -> None:
    with pytest.raises(ProjectError) as caught:
        examples.open_project(f"@{name}")
    line = str(caught.value)
    assert line.startswith("@") and "is no example" in line
    assert all(f"@{known}" in line for known in examples.names())
    assert line.isprintable() and len(line) < 500
    assert ('did you mean "spirals"?' in line) == (name == "spiral")


def test_files_open_too(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    fileformat.write(examples.load("xor"), path)
    assert examples.open_project(path) == examples.open_project(str(path)) == examples.load("xor")
