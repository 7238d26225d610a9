"""Asked without training, a network says what its evaluation is made of."""

import numpy as np
import pytest

from deltaglow.engine import Evaluator, Network, Predictor
from deltaglow.model import build, examples


@pytest.mark.parametrize(
    "name", ["@worked-example", "@batch-norm", "@dropout", "@residual", "@convolution", "@digits"]
)
def test_it_says_what_the_trainers_network_says_in_evaluation(name: str) -> None:
    project = examples.open_project(name)
    trainer = build.trainer(project, evaluation=True)
    for _ in range(3):
        trainer.step()
    frame = trainer.preview()
    asked = Predictor(frame.architecture, frame.x)
    np.testing.assert_allclose(
        asked.outputs(frame.theta, frame.statistics), frame.y_hat, rtol=1e-12, atol=1e-300
    )
    for k, layer in enumerate(frame.layers, start=1):
        np.testing.assert_allclose(asked.activations(k), layer.a, rtol=1e-12, atol=1e-15)


def test_more_samples_than_fit_at_once_and_other_parameters_the_second_time() -> None:
    trainer = build.trainer(examples.open_project("@moons"))
    frame = trainer.preview()
    x = np.random.default_rng(0).normal(size=(2500, 2))
    asked = Predictor(frame.architecture, x)
    first = asked.outputs(frame.theta, frame.statistics)
    assert first.shape == (2500, 2) and len(asked.activations(1)) == 2500
    network = Network.of(frame.architecture)
    network.theta[:] = 2.0 * frame.theta
    second = asked.outputs(2.0 * frame.theta, frame.statistics)
    right = np.eye(2)[first.argmax(1)]
    hits = Evaluator(network, x, right).evaluate().accuracy
    assert hits == pytest.approx((second.argmax(1) == first.argmax(1)).mean())
