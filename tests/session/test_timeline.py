"""Any past step, exactly."""

from __future__ import annotations

import numpy as np
import pytest

from deltaglow.engine import Frame
from deltaglow.model import build, examples
from deltaglow.session import timeline as module
from deltaglow.session.timeline import Timeline


def run(steps: int, edits: dict[int, float] | None = None) -> tuple[Timeline, list[Frame]]:
    project = examples.load("spirals")
    trainer = build.trainer(project)
    timeline = Timeline(lambda: build.trainer(project), trainer.state())
    frames = []
    for step in range(steps):
        if edits and step in edits:
            trainer.learning_rate = edits[step]
            timeline.keep(trainer.state(), pinned=True)
        frame = trainer.step(capture=True)
        assert frame is not None
        frames.append(frame)
        if trainer.step_count >= timeline.next_step:
            timeline.keep(trainer.state())
    return timeline, frames


def same(a: Frame, b: Frame) -> bool:
    return (
        a.step == b.step
        and a.learning_rate == b.learning_rate
        and np.array_equal(a.rows, b.rows)
        and np.array_equal(a.theta, b.theta)
        and np.array_equal(a.theta_after, b.theta_after)
        and np.array_equal(a.layers[0].delta, b.layers[0].delta)
    )


def test_every_step_comes_back_bit_for_bit_in_any_order() -> None:
    timeline, frames = run(500)
    for step in np.random.default_rng(0).permutation(500)[:120].tolist():
        assert same(timeline.frame_at(step), frames[step])


def test_replay_follows_the_edits_of_the_learning_rate() -> None:
    timeline, frames = run(300, edits={100: 0.01, 205: 0.5, 206: 0.05})
    for step in (99, 100, 101, 204, 205, 206, 299, 0):
        assert same(timeline.frame_at(step), frames[step])


def test_thinned_when_memory_is_short_and_still_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MEMORY", 1)
    timeline, frames = run(6000, edits={777: 0.02})
    assert len(timeline._states) <= 34
    for step in (0, 1, 776, 777, 778, 3001, 5999):
        assert same(timeline.frame_at(step), frames[step])


def test_what_comes_after_a_cut_is_forgotten() -> None:
    timeline, frames = run(400)
    timeline.truncate(130)
    assert max(state.step for state in timeline._states) <= 130
    assert same(timeline.frame_at(130), frames[130])
