"""The loss along a line: losses of the network itself, on lines that are what they are said to be."""

from __future__ import annotations

import numpy as np
import pytest

from deltaglow.engine import Frame, Network, evaluate
from deltaglow.explain.line import DIRECTIONS, POINTS, Line, NoDirection, Ray, ray
from deltaglow.model import build, examples
from deltaglow.model.parts import Conv1d, Dropout
from deltaglow.model.project import InlineData, Layer, NetworkSpec, Optimizer, Project, Training
from deltaglow.model.quantity import Quantity, parse
from deltaglow.model.samples import prepared, split


def walked(name: str, steps: int) -> tuple[Project, Frame, list[np.ndarray]]:
    project = examples.open_project(name)
    trainer = build.trainer(project)
    passed = []
    for _ in range(steps):
        passed.append(trainer.state().theta.copy())
        trainer.step()
    return project, trainer.preview(), passed


def line(name: str, direction: str, complete: bool = False) -> tuple[Project, Frame, Line]:
    project, frame, passed = walked(name, 8)
    made = Line(
        project, prepared(project), frame, complete, ray(direction, frame, complete, passed, SELECTED)
    )
    while not made.done:
        made.step()
    return project, frame, made


SELECTED = parse("W[1][1,0]")


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_point_is_the_loss_there_of_both_kinds_of_samples(direction: str) -> None:
    project, frame, made = line("@iris", direction)
    network = Network.of(frame.architecture)
    k = POINTS // 3
    network.theta[:] = made.ray.at(made.u[k])
    network.statistics[:] = frame.statistics
    data = prepared(project).dataset
    wanted = [evaluate(network, data.x[rows], data.y[rows]).loss for rows in split(project)]
    np.testing.assert_allclose(made.losses[k], wanted, rtol=1e-12)
    assert made.ray.low < made.ray.now < made.ray.high
    np.testing.assert_allclose(made.ray.at(made.ray.now), frame.theta, atol=1e-12)


def test_downhill_the_loss_falls_as_the_gradient_says() -> None:
    """Of a batch that is all of the samples the slope at 0 is minus the gradient's length."""
    project, frame, _ = walked("@xor", 3)
    assert len(frame.rows) == len(split(project)[0])
    found = ray("gradient", frame, False, [], SELECTED)
    made = Line(project, prepared(project), frame, False, found)
    h = 1e-5
    slope = (made._loss.training(found.at(h)) - made._loss.training(found.at(-h))) / (2 * h)
    assert slope == pytest.approx(-np.linalg.norm(frame.gradient), rel=1e-6)


def test_the_step_and_the_path_end_where_they_are_said_to() -> None:
    _, frame, passed = walked("@moons", 8)
    step = ray("step", frame, True, passed, SELECTED)
    np.testing.assert_array_equal(step.at(0.0), frame.theta)
    np.testing.assert_allclose(step.at(1.0), frame.theta_after, atol=1e-15)
    assert step.now == 1.0
    path = ray("path", frame, False, passed, SELECTED)
    np.testing.assert_array_equal(path.at(0.0), passed[0])
    np.testing.assert_allclose(path.at(1.0), frame.theta, atol=1e-15)


def test_a_random_direction_is_as_long_as_each_units_weights_and_leaves_biases() -> None:
    _, frame, _ = walked("@iris", 2)
    found = ray("random", frame, False, [], SELECTED)
    shapes = frame.architecture
    for layer, block, own in zip(
        shapes.layers, shapes.blocks(found.direction), shapes.blocks(frame.theta), strict=True
    ):
        rows = layer.weight_rows
        np.testing.assert_allclose(
            np.linalg.norm(block[:rows], axis=0), np.linalg.norm(own[:rows], axis=0), rtol=1e-9
        )
        assert not block[rows:].any()


@pytest.mark.parametrize("address", ["W[1][1,0]", "dW[1][1,0]", "b[2][0]"])
def test_along_a_parameter_only_that_one_changes_and_u_is_its_value(address: str) -> None:
    _, frame, _ = walked("@moons", 2)
    found = ray("parameter", frame, False, [], parse(address))
    moved = found.at(5.0) - frame.theta
    assert np.count_nonzero(moved) == 1 and found.at(5.0)[moved != 0] == pytest.approx(5.0)
    layer = frame.layers[0]
    assert address == "b[2][0]" or found.now == layer.W[1, 0]


@pytest.mark.parametrize(
    ("direction", "selected", "why"),
    [
        ("parameter", Quantity("loss"), "Select a weight or a bias"),
        ("path", SELECTED, "has not moved"),
    ],
)
def test_where_there_is_no_line_it_is_said_why(direction: str, selected: Quantity, why: str) -> None:
    _, frame, _ = walked("@moons", 0)
    with pytest.raises(NoDirection, match=why):
        ray(direction, frame, False, [frame.theta], selected)


@pytest.mark.parametrize(
    ("address", "why"),
    [("W[2][1,1]", "has no parameters"), ("b[2][0]", "has no parameters"), ("W[3][0,3]", "no connection")],
)
def test_no_line_leads_along_a_parameter_that_there_is_not(address: str, why: str) -> None:
    layers = (Layer(4, "tanh"), Layer(4, part=Dropout(0.2)), Layer(3, part=Conv1d(1, 2)), Layer(2))
    data = InlineData(np.eye(4), np.eye(2)[[0, 1, 0, 1]])
    frame = build.trainer(Project(NetworkSpec(4, layers), data, Training(Optimizer(), 2))).preview()
    with pytest.raises(NoDirection, match=why):
        ray("parameter", frame, False, [], parse(address))


def test_a_gradient_of_zero_leads_nowhere() -> None:
    _, frame, _ = walked("@moons", 0)
    still = type("Still", (), {"gradient": np.zeros(3), "theta": np.ones(3), "theta_after": np.ones(3)})
    with pytest.raises(NoDirection, match="gradient of this batch is zero"):
        ray("gradient", still(), False, [], SELECTED)
    assert isinstance(ray("gradient", frame, False, [], SELECTED), Ray)
