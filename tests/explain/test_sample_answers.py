"""What the network says of single samples, against the engine's own evaluation of all of them."""

from __future__ import annotations

import numpy as np
import pytest

from deltaglow.engine import Evaluator, Network
from deltaglow.explain.sample_answers import SampleAnswers
from deltaglow.model import build, examples
from deltaglow.model.samples import prepared, split


@pytest.mark.parametrize("name", ["iris", "regression", "gates", "batch-norm", "digits", "worked-example"])
def test_together_they_are_the_evaluation(name: str) -> None:
    project = examples.load(name)
    trainer = build.trainer(project)
    for _ in range(4):
        trainer.step()
    frame = trainer.step(capture=True)
    assert frame is not None
    made = prepared(project)
    answers = SampleAnswers(project, made, frame.architecture)
    for complete in (False, True):
        assert answers.follow(frame, complete) and not answers.follow(frame, complete)
        while not answers.complete:
            answers.gather()
        network = Network.of(frame.architecture)
        network.theta[:] = frame.theta_after if complete else frame.theta
        network.statistics[:] = frame.statistics_after if complete else frame.statistics
        rows = split(project)[1] if project.validation else np.arange(len(made.raw.x))
        assert (answers.held.sum() == len(rows)) == (project.validation is not None)
        judged = Evaluator(network, made.dataset.x[rows], made.dataset.y[rows]).evaluate()
        assert answers.loss[rows].mean() == pytest.approx(judged.loss, rel=1e-9)
        if answers.judged:
            assert answers.right[rows].mean() == pytest.approx(judged.accuracy)
        else:
            assert np.isnan(answers.right).all()
        some = np.array([len(made.raw.x) - 1, 0])
        looked_up = answers.about(some)
        assert np.allclose(looked_up.losses, answers.loss[some], rtol=1e-9, atol=1e-15)


def test_the_next_wrong_one_comes_around_and_there_may_be_none() -> None:
    project = examples.load("iris")
    frame = build.trainer(project).preview()
    answers = SampleAnswers(project, prepared(project), frame.architecture)
    answers.follow(frame, False)
    answers.gather()
    wrong = np.flatnonzero(answers.wrong)
    assert len(wrong) > 2
    order = np.arange(answers.count)
    seen, at = [], int(wrong[-1])
    for _ in wrong:
        at = answers.next_wrong(at, 1, order) or 0
        seen.append(at)
    assert seen == wrong.tolist()
    assert answers.next_wrong(int(wrong[1]), -1, order) == wrong[0]
    right = np.flatnonzero(~answers.wrong)
    assert answers.next_wrong(0, 1, right) is None
    assert answers.next_wrong(0, 1, order[:0]) is None
