"""The learning-rate range test: real steps at growing rates, on a copy."""

import numpy as np
import pytest

from deltaglow.explain.range_test import HIGH, LOW, SMOOTHING, RangeTest
from deltaglow.model import build, examples


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
    assert test.smoothed[-1] == pytest.approx(weights @ test.losses / weights.sum())


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
