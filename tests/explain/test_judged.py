"""The judge: what the network says, counted by hand."""

import numpy as np
import pytest

from deltaglow.engine import Predictor
from deltaglow.explain import judged
from deltaglow.explain.judged import Judge
from deltaglow.model import build, examples
from deltaglow.model.samples import prepared, split


@pytest.mark.parametrize("held_out", [False, True])
@pytest.mark.parametrize("complete", [False, True])
def test_it_counts_what_is_said_of_the_samples_asked_for(held_out: bool, complete: bool) -> None:
    project = examples.open_project("@iris")
    trainer = build.trainer(project)
    for _ in range(20):
        trainer.step()
    frame = trainer.preview()
    made = prepared(project)
    rows = split(project)[held_out]
    theta = frame.theta_after if complete else frame.theta
    said = Predictor(frame.architecture, made.dataset.x[rows]).outputs(theta, frame.statistics).argmax(1)
    wanted = made.dataset.y[rows].argmax(1)
    counts = np.zeros((3, 3), dtype=int)
    for row, column in zip(wanted, said, strict=True):
        counts[row, column] += 1
    found = Judge(project, made, frame.architecture, held_out)(frame, complete)
    assert found is not None and found.confusion is not None
    np.testing.assert_array_equal(found.confusion, counts)


def test_a_large_set_is_judged_by_evenly_spaced_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    project = examples.open_project("@digits")
    frame = build.trainer(project).preview()
    monkeypatch.setattr(judged, "WORK", 300 * frame.architecture.parameters)
    judge = Judge(project, prepared(project), frame.architecture, False)
    found = judge(frame, False)
    assert found is not None and found.samples == 300 < judge.there_are
    places = np.searchsorted(split(project)[0], judge.rows)
    assert np.ptp(np.diff(places)) <= 1


def test_without_samples_kept_out_there_is_nothing_to_judge() -> None:
    project = examples.open_project("@xor")
    frame = build.trainer(project).preview()
    assert Judge(project, prepared(project), frame.architecture, True)(frame, False) is None
