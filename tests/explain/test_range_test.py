"""The learning-rate range test: real steps at growing rates, on a copy."""

import numpy as np
import pytest

from deltaglow.engine import evaluate
from deltaglow.explain.range_test import BETTER, HIGH, LOW, SMOOTHING, RangeTest
from deltaglow.model import build, examples
from deltaglow.model.samples import prepared, split


def finished(name: str) -> RangeTest:
    test = RangeTest(examples.open_project(name))
    while not test.done:
        test.step()
    return test


def test_its_losses_are_those_of_a_run_with_these_rates() -> None:
    project = examples.open_project("@moons")
    test = RangeTest(project)
    trainer = build.trainer(project)
    for _ in range(20):
        test.step()
    for rate, loss in zip(test.rates, test.losses, strict=True):
        trainer.learning_rate = float(rate)
        trainer.step()
        assert trainer.scalars[0] == loss
    assert test.rates[0] == LOW and (
        np.diff(np.log(test.rates)) == pytest.approx(np.diff(np.log(test.rates))[0])
    )
    weights = SMOOTHING ** np.arange(20)[::-1]
    assert test.smoothed[-1] == pytest.approx(weights @ test.judged / weights.sum())


def test_every_rate_is_judged_by_the_same_samples() -> None:
    project = examples.open_project("@moons")
    test, trainer, data = RangeTest(project), build.trainer(project), prepared(project).dataset
    rows, _ = split(project)
    for _ in range(5):
        test.step()
        expected = evaluate(trainer.network, data.x[rows], data.y[rows]).loss
        assert test.judged[-1] == pytest.approx(expected, rel=1e-12)
        trainer.learning_rate = float(test.rates[-1])
        trainer.step()


@pytest.mark.parametrize(("name", "steps"), [("@iris", 3000), ("@moons", 2000)])
def test_of_a_network_that_has_learned_it_goes_on_until_the_rate_is_too_large(name: str, steps: int) -> None:
    project = examples.open_project(name)
    trainer = build.trainer(project)
    for _ in range(steps):
        trainer.step()
    network = trainer.network
    test = RangeTest(build.with_parameters(project, network.theta, network.statistics, network.architecture))
    while not test.done:
        test.step()
    assert len(test.rates) > 100 and test.smoothed[-1] > 3 * test.smoothed[0]
    assert (test.advised is None) == (test.smoothed.min() > BETTER * test.smoothed[0])


@pytest.mark.parametrize("name", ["@spirals", "@digits", "@regression", "@batch-norm"])
def test_it_ends_and_advises_a_rate_that_learns(name: str) -> None:
    test = finished(name)
    assert test.share == 1.0 and test.advised is not None and LOW < test.advised < HIGH
    least = int(test.smoothed.argmin())
    assert test.advised == pytest.approx(test.rates[least] / 10, rel=0.06)


def test_too_few_steps_advise_nothing() -> None:
    test = RangeTest(examples.open_project("@moons"))
    test.step()
    assert test.advised is None and 0 < test.share < 0.1


def test_a_loss_that_is_not_finite_ends_it() -> None:
    test = finished("@naive-softmax")
    assert np.isfinite(test.losses).all()
