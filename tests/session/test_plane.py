"""The plane of two features: one choice for all that shows it."""

from dataclasses import replace

import pytest

from deltaglow.explain.regions import telling
from deltaglow.model import examples
from deltaglow.model.project import Project
from deltaglow.model.samples import prepared
from deltaglow.session.plane import FeaturePlane


def pair(plane: FeaturePlane, project: Project) -> tuple[int, int]:
    return plane.of(project, prepared(project))


def test_a_choice_lasts_while_the_features_are_the_same() -> None:
    plane, iris = FeaturePlane(), examples.open_project("@iris")
    assert pair(plane, iris) == telling(iris, prepared(iris))
    told: list[None] = []
    plane.changed.connect(lambda: told.append(None))
    plane.choose(0, 1)
    plane.choose(0, 1)
    assert told == [None]
    assert pair(plane, replace(iris, title="Another")) == (0, 1)
    assert pair(plane, examples.open_project("@moons")) == (0, 1)
    assert pair(plane, examples.open_project("@regression")) == (0, 0)
    assert pair(plane, iris) == telling(iris, prepared(iris)) != (0, 1)


def test_a_feature_that_is_not_there_is_refused() -> None:
    plane = FeaturePlane()
    pair(plane, examples.open_project("@iris"))
    with pytest.raises(ValueError, match="4 of 4"):
        plane.choose(0, 4)
