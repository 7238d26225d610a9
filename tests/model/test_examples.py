"""The examples that come with the program: readable, canonical, and each learns what it is meant to show."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from deltaglow import resources
from deltaglow.model import build, examples, fileformat
from deltaglow.model.errors import ProjectError


def test_names() -> None:
    assert examples.names()[0] == "worked-example"
    assert set(examples.names()) >= {"worked-example", "xor", "spirals", "blobs", "circles", "moons"}


@pytest.mark.parametrize("name", examples.names())
def test_examples_are_as_the_program_writes_them(name: str) -> None:
    project = examples.open_project(f"@{name}")
    assert fileformat.dumps(project) == resources.text(f"examples/{name}.json")
    assert project.title


@pytest.mark.parametrize("name", [name for name in examples.names() if name != "worked-example"])
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
    assert line.isprintable() and len(line) < 300
    assert ('did you mean "spirals"?' in line) == (name == "spiral")


def test_files_open_too(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    fileformat.write(examples.load("xor"), path)
    assert examples.open_project(path) == examples.open_project(str(path)) == examples.load("xor")
