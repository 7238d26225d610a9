"""From projects to trainers and back."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from tests.model.projects import projects

from deltaglow.engine import Network, NonFinite
from deltaglow.model import build, examples, fileformat
from deltaglow.model.project import InlineData, Layer, NetworkSpec, Optimizer, Project, Training


@given(projects())
@settings(max_examples=50)
def test_every_valid_project_can_be_run(project: Project) -> None:
    trainer = build.trainer(project)
    assert trainer.network.architecture.widths == project.network.sizes
    with contextlib.suppress(NonFinite):
        trainer.step()
    assert len(build.dataset(project).x) > 0


def test_given_parameters_are_used_and_others_drawn_from_the_seed() -> None:
    data = InlineData([[1.0, 2.0]], [[1, 0]])
    layers = (Layer(3, "tanh", W=np.arange(6.0).reshape(3, 2), b=[1, 2, 3]), Layer(2, init="he_normal"))
    first, same, other = (
        build.trainer(Project(NetworkSpec(2, layers), data, Training(seed=seed))).network
        for seed in (1, 1, 2)
    )
    assert first.W(1).tolist() == [[0, 1], [2, 3], [4, 5]] and first.b(1).tolist() == [1, 2, 3]
    assert first.b(2).tolist() == [0, 0]
    assert np.array_equal(first.W(2), same.W(2)) and not np.array_equal(first.W(2), other.W(2))


def test_gain_and_constant_reach_the_network() -> None:
    data = InlineData([[1, 2]], [[1, 0]])

    def drawn(gain: float | str) -> Network:
        layers = (Layer(3, "tanh", gain=gain), Layer(2, init="constant", constant=-2.0))
        return build.trainer(Project(NetworkSpec(2, layers), data)).network

    np.testing.assert_array_equal(drawn("auto").W(1), drawn(1.0).W(1) * (5 / 3))
    np.testing.assert_array_equal(drawn("auto").W(2), np.full((2, 3), -2.0))


def test_masks_reach_the_network() -> None:
    data = InlineData([[1.0, 2.0]], [[1, 0]])
    layers = (Layer(2, mask=[[1, 0], [0, 1]]),)
    trainer = build.trainer(Project(NetworkSpec(2, layers), data, Training(Optimizer("sgd", 1.0))))
    for _ in range(3):
        trainer.step()
    W = trainer.network.W(1)
    assert W[0, 1] == W[1, 0] == 0 and W[0, 0] != 0 and W[1, 1] != 0


@pytest.mark.parametrize("name", examples.names())
def test_a_run_repeats_bit_for_bit(name: str) -> None:
    thetas = []
    for _ in range(2):
        trainer = build.trainer(examples.load(name))
        with contextlib.suppress(NonFinite):  # which is what one of the examples is there to show
            for _ in range(100):
                trainer.step()
        assert trainer.step_count == 100 or name == "naive-softmax"
        thetas.append((trainer.step_count, trainer.network.theta.tobytes()))
    assert thetas[0] == thetas[1]


def test_trained_parameters_go_back_into_the_project() -> None:
    project = examples.load("spirals")
    trainer = build.trainer(project)
    for _ in range(20):
        trainer.step()
    trained = build.with_parameters(project, trainer.network.theta)
    again = build.trainer(fileformat.loads(fileformat.dumps(trained)))
    assert again.network.theta.tobytes() == trainer.network.theta.tobytes()
    assert again.evaluate() == trainer.evaluate()
    assert trained.training == project.training and trained.data == project.data
    with pytest.raises(ValueError, match="parameters for a network of"):
        build.with_parameters(project, trainer.network.theta[:-1])


def test_names_of_own_data() -> None:
    project = Project(NetworkSpec(2, (Layer(12),)), InlineData(np.ones((1, 2)), np.eye(12)[:1]), title="Mine")
    data = build.dataset(project)
    assert data.feature_names == ("x₁", "x₂") and data.class_names[-1] == "class 12" and data.title == "Mine"
    assert build.dataset(replace(project, title="")).title == "Own data"
