"""Where inputs and targets come from: the sample's features, how they were scaled, its class by name."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from deltaglow.explain.derivation import derive
from deltaglow.model import build, examples, samples
from deltaglow.model.project import Preparation
from deltaglow.model.quantity import parse


def sentence(name: str, address: str, preparation: Preparation | None = None, inputs: int = 0) -> str:
    project = examples.load(name)
    if preparation is not None:
        network = replace(project.network, inputs=inputs or project.network.inputs)
        project = replace(project, preparation=preparation, network=network)
    frame = build.trainer(project).preview()
    return derive(project, frame, parse(address, project)).sentence


def test_a_scaled_feature_shows_what_it_was_and_how_it_was_scaled() -> None:
    said = sentence("iris", "x[1]")
    found = re.search(r"its sepal width \(cm\), ([\d.]+), scaled, \(([\d.]+) − ([\d.]+)\) / ([\d.]+)", said)
    assert found, said
    value, again, shift, span = map(float, found.groups())
    frame = build.trainer(examples.load("iris")).preview()
    raw = samples.prepared(examples.load("iris")).raw.x[frame.rows[0], 1]
    assert value == again == raw
    assert (value - shift) / span == pytest.approx(frame.x[0, 1], rel=1e-4)


def test_a_class_has_its_name() -> None:
    said = [sentence("iris", f"y[{k}]").rpartition(": ")[2] for k in range(3)]
    frame = build.trainer(examples.load("iris")).preview()
    expected = [
        f"{name} is " + ("the" if target else "not the") + " sample's class"
        for target, name in zip(frame.y[0], ("setosa", "versicolor", "virginica"), strict=True)
    ]
    assert said == expected


def test_an_engineered_feature_is_said_to_be_one() -> None:
    assert sentence("spirals", "x[2]", Preparation("none", ("square",)), 4).endswith(
        ": x₁², made of its features"
    )


def test_features_as_they_are_need_no_words() -> None:
    assert sentence("spirals", "x[1]").endswith("of the spirals data set")
    assert "its row 1 column 2" in sentence("digits", "x[1]", Preparation())
