"""The landscape: losses of the network itself, over directions that are what they are said to be."""

import numpy as np
import pytest

from deltaglow.engine import Network, evaluate
from deltaglow.explain import loss_at
from deltaglow.explain.landscape import POINTS, Landscape
from deltaglow.model import build, examples
from deltaglow.model.samples import prepared, split


def walked(name: str, steps: int) -> tuple:
    project = examples.open_project(name)
    trainer = build.trainer(project)
    passed = []
    for _ in range(steps):
        passed.append(trainer.state().theta.copy())
        trainer.step()
    return project, trainer.preview(), passed


def finished(made: Landscape) -> Landscape:
    while not made.done:
        made.step()
    return made


@pytest.mark.parametrize("name", ["@moons", "@batch-norm"])
def test_a_point_is_the_loss_there(name: str) -> None:
    project, frame, passed = walked(name, 12)
    made = Landscape(project, prepared(project), frame, False, passed)
    for _ in range(POINTS + 3):
        made.step()
    left, right, bottom, top = made.bounds
    u, v = left + (right - left) * 2.5 / POINTS, bottom + (top - bottom) * 1.5 / POINTS
    network = Network.of(frame.architecture)
    network.theta[:] = frame.theta + u * made._axes[0] + v * made._axes[1]
    network.statistics[:] = frame.statistics
    rows, data = split(project)[0], prepared(project).dataset
    assert made.losses[1, 2] == pytest.approx(evaluate(network, data.x[rows], data.y[rows]).loss, rel=1e-12)
    assert np.isnan(made.losses[1, 3]) and made.share == pytest.approx((POINTS + 3) / POINTS**2)


def test_the_path_lies_within_the_plane_and_ends_in_the_middle_of_things() -> None:
    project, frame, passed = walked("@moons", 30)
    made = Landscape(project, prepared(project), frame, False, passed)
    places = made.places([*passed, frame.theta])
    left, right, bottom, top = made.bounds
    assert made.along_path and np.abs(places[-1]).max() < 1e-12
    assert (left < places[:, 0]).all() and (places[:, 0] < right).all()
    assert (bottom < places[:, 1]).all() and (places[:, 1] < top).all()
    np.testing.assert_allclose(made._axes @ made._axes.T, np.eye(2), atol=1e-9)
    spread = np.array(passed) - np.mean(passed, axis=0)
    held = ((spread @ made._axes.T) ** 2).sum() / (spread**2).sum()
    other = np.linalg.qr(np.random.default_rng(1).normal(size=(spread.shape[1], 2)))[0]
    assert held > ((spread @ other) ** 2).sum() / (spread**2).sum()


def test_a_run_that_has_not_moved_is_looked_at_in_random_directions() -> None:
    project, frame, _ = walked("@worked-example", 0)
    made = finished(Landscape(project, prepared(project), frame, False, []))
    assert not made.along_path and np.isfinite(made.losses).all()
    for direction in made._axes:
        for block, own in zip(
            frame.architecture.blocks(direction), frame.architecture.blocks(frame.theta), strict=True
        ):
            assert np.linalg.norm(block) == pytest.approx(np.linalg.norm(own))


def test_of_many_samples_evenly_spaced_ones_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    project, frame, _ = walked("@digits", 0)
    monkeypatch.setattr(loss_at, "WORK", 100 * POINTS**2 * frame.architecture.parameters)
    assert Landscape(project, prepared(project), frame, False, []).samples == 100
