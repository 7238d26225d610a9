"""Decision regions: the network's own outputs, at points in the features' own units."""

from dataclasses import replace

import numpy as np
import pytest

from deltaglow.engine import Predictor
from deltaglow.explain.regions import Regions, telling
from deltaglow.model import build, examples
from deltaglow.model.project import Preparation, Project
from deltaglow.model.samples import prepared


def regions(project: Project, pair: tuple[int, int], resolution: int = 5) -> Regions:
    shape = build.trainer(project).preview().architecture
    return Regions(project, prepared(project), shape, pair, resolution)


@pytest.mark.parametrize("complete", [False, True])
def test_each_point_is_what_the_network_says_there(complete: bool) -> None:
    project = examples.open_project("@iris")  # scaled, four features
    frame = build.trainer(project).preview()
    found = regions(project, (2, 0))
    said = found.outputs(frame, complete)
    made = prepared(project)
    left, right, bottom, top = found.bounds
    assert left < made.raw.x[:, 2].min() and top > made.raw.x[:, 0].max()
    point = found.held.copy()
    point[2], point[0] = left + (right - left) * 3.5 / 5, bottom + (top - bottom) * 1.5 / 5
    theta = frame.theta_after if complete else frame.theta
    alone = Predictor(frame.architecture, made.scaling(point[None])).outputs(theta, frame.statistics)
    np.testing.assert_allclose(said[1, 3], alone[0], rtol=1e-12)
    assert found.activations(1).shape == (5, 5, 8)


def test_engineered_features_are_made_of_the_points() -> None:
    plain = examples.open_project("@xor")
    inputs = replace(plain.network, inputs=3, layers=tuple(replace(k, W=None) for k in plain.network.layers))
    project = replace(plain, network=inputs, preparation=Preparation(features=("product",)))
    found = regions(project, (0, 1))
    frame = build.trainer(project).preview()
    said = found.outputs(frame, False)
    left, right, bottom, top = found.bounds
    x, y = left + (right - left) * 0.9, bottom + (top - bottom) * 0.1
    alone = Predictor(frame.architecture, np.array([[x, y, x * y]]))
    np.testing.assert_allclose(said[0, 4], alone.outputs(frame.theta, frame.statistics)[0], rtol=1e-12)


def test_samples_lie_in_the_plane_and_the_kept_out_ones_are_told() -> None:
    project = examples.open_project("@iris")
    found = regions(project, (2, 3))
    made = prepared(project)
    np.testing.assert_array_equal(found.samples.places, made.raw.x[:, [2, 3]])
    assert 0 < found.samples.held_out.sum() < len(made.raw.x) / 2


def test_a_feature_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="features"):
        regions(examples.open_project("@xor"), (0, 2))


def test_the_plane_at_first_is_of_the_features_that_tell_most() -> None:
    iris = examples.open_project("@iris")
    made = prepared(iris)
    i, j = telling(iris, made)
    assert [made.raw.feature_names[k] for k in (i, j)] == ["petal length (cm)", "petal width (cm)"]
    line = examples.open_project("@regression")
    assert telling(line, prepared(line)) == (0, 0)
    huge = replace(made, raw=replace(made.raw, x=made.raw.x * 1e300))
    assert telling(iris, huge) == (i, j)


def test_every_unit_responds_as_it_does_to_the_samples_there() -> None:
    project = examples.open_project("@iris")
    frame = build.trainer(project).preview()
    found = regions(project, (2, 0))
    columns = found.responses(frame, False)
    assert [column.shape for column in columns] == [(4, 5, 5), (8, 5, 5), (3, 5, 5)]
    made = prepared(project)
    left, right, bottom, top = found.bounds
    point = found.held.copy()
    point[2], point[0] = left + (right - left) * 3.5 / 5, bottom + (top - bottom) * 1.5 / 5
    x = made.scaling(point[None])
    alone = Predictor(frame.architecture, x)
    alone.outputs(frame.theta, frame.statistics)
    np.testing.assert_allclose(columns[0][:, 1, 3], x[0], rtol=1e-12)
    for layer in (1, 2):
        np.testing.assert_allclose(columns[layer][:, 1, 3], alone.activations(layer)[0], rtol=1e-12)
