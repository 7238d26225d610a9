"""Projects are values: equal when their parts are, and impossible to write into."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from hypothesis import given
from tests.model.projects import projects

from deltaglow.model import build, examples
from deltaglow.model.errors import ProjectError
from deltaglow.model.project import BuiltinData, InlineData, Layer, NetworkSpec, Optimizer, Project, Training
from deltaglow.model.validate import validate


@given(projects())
def test_equal_projects_hash_alike(project: Project) -> None:
    twin = replace(
        project,
        network=replace(
            project.network,
            layers=tuple(
                replace(layer, W=None if layer.W is None else layer.W.copy())
                for layer in project.network.layers
            ),
        ),
    )
    assert twin == project and hash(twin) == hash(project)
    validate(project)


def test_a_changed_number_makes_another_project() -> None:
    project = examples.load("worked-example")
    first, second = project.network.layers
    assert first.W is not None and isinstance(project.data, InlineData)
    W = first.W.copy()
    W[1, 2] = np.nextafter(W[1, 2], 1)
    for other in (
        replace(project, network=replace(project.network, layers=(replace(first, W=W), second))),
        replace(project, network=replace(project.network, layers=(replace(first, W=None), second))),
        replace(
            project, network=replace(project.network, layers=(replace(first, mask=np.ones((2, 3))), second))
        ),
        replace(project, data=replace(project.data, x=project.data.x + 1)),
        replace(project, title="Another"),
        replace(project, training=replace(project.training, optimizer=Optimizer("sgd", 0.2))),
    ):
        assert other != project
    assert project.network.layers[0] != "a layer" and project.data != "data"


def test_arrays_are_copies_that_cannot_be_written() -> None:
    W = np.ones((2, 2))
    layer = Layer(
        2, W=W, b=[0, 1], mask=[[1, 0], [0, 1]], names_W=[["a", "b"], ["c", "d"]], names_b=["", "e"]
    )
    W[0, 0] = 7
    assert layer.W is not None and layer.b is not None and layer.mask is not None
    assert layer.W[0, 0] == 1 and layer.b.dtype == np.float64 and layer.mask.dtype == np.bool_
    assert layer.names_W == (("a", "b"), ("c", "d")) and layer.names_b == ("", "e")
    for array in (layer.W, layer.b, layer.mask):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    assert replace(layer, units=2).W is layer.W
    with pytest.raises(FrozenInstanceError):
        layer.units = 3  # type: ignore[misc]


def test_sizes() -> None:
    spec = NetworkSpec(3, [Layer(5), Layer(2)])
    assert spec.sizes == (3, 5, 2) and spec.outputs == 2
    assert spec.parameter_count == 4 * 5 + 6 * 2


WRONG: list[tuple[Project, str]] = [
    (
        Project(NetworkSpec(2, ()), BuiltinData("xor", 4)),
        "network.layers: there are 0, must be a whole number",
    ),
    (
        Project(NetworkSpec(2, (Layer(2, W=np.ones((2, 3))),)), BuiltinData("xor", 4)),
        "W: is 2 × 3, must be 2 × 2",
    ),
    (
        Project(NetworkSpec(2, (Layer(2, b=np.ones(3)),)), BuiltinData("xor", 4)),
        "b: is 3 numbers, must be 2 numbers",
    ),
    (
        Project(NetworkSpec(2, (Layer(2, mask=[[1, 1]]),)), BuiltinData("xor", 4)),
        "mask: is 1 × 2, must be 2 × 2",
    ),
    (Project(NetworkSpec(2, (Layer(2, names_W=[["a"]]),)), BuiltinData("xor", 4)), "names.W: must be 2 × 2"),
    (
        Project(NetworkSpec(2, (Layer(2, names_b=["a"]),)), BuiltinData("xor", 4)),
        "names.b: has 1 names, must have 2",
    ),
    (
        Project(NetworkSpec(2, (Layer(2, W=[[1, np.inf], [0, 0]]),)), BuiltinData("xor", 4)),
        "W[0][1]: is beyond",
    ),
    (
        Project(NetworkSpec(2, (Layer(2),)), InlineData(np.ones((3, 2)), np.ones((2, 2)))),
        "y: has 2 rows, data.inline",
    ),
    (
        Project(NetworkSpec(2, (Layer(2),)), InlineData(np.ones(3), np.ones((3, 2)))),
        "x: is 3 numbers, must be 3 × 2",
    ),
    (
        Project(NetworkSpec(2, (Layer(2),)), InlineData(np.ones((0, 2)), np.ones((0, 2)))),
        "x: is 0, must be a whole",
    ),
    (
        Project(
            NetworkSpec(2, (Layer(4096), Layer(2))), BuiltinData("xor", 100_000), Training(batch_size=100_000)
        ),
        "training.batch_size: 100,000 samples times 4,100 units is 410,000,000 numbers a step",
    ),
    (Project(NetworkSpec(2, (Layer(2),)), BuiltinData("xor", 4), title="a\nb"), "title: must be one line"),
]


@pytest.mark.parametrize(("project", "message"), WRONG, ids=[message for _, message in WRONG])
def test_projects_that_make_no_sense(project: Project, message: str) -> None:
    with pytest.raises(ProjectError) as caught:
        validate(project)
    assert message in str(caught.value) and str(caught.value).isprintable()


def test_a_batch_larger_than_the_set_is_the_whole_set() -> None:
    project = Project(NetworkSpec(2, (Layer(2),)), BuiltinData("xor", 4), Training(batch_size=1000))
    validate(project)
    assert build.trainer(project).preview().samples == 4
