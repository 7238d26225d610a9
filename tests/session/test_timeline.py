"""Any past step, exactly."""

from __future__ import annotations

import numpy as np

from deltaglow.engine import Frame
from deltaglow.model import build, examples
from deltaglow.session.memory import AT_REST, LEAST, StateMemory
from deltaglow.session.timeline import Timeline


def run(steps: int, memory: StateMemory | None = None) -> tuple[Timeline, list[Frame]]:
    project = examples.load("spirals")
    trainer = build.trainer(project)
    timeline = Timeline(lambda: build.trainer(project), trainer.state(), memory=memory)
    frames = []
    for _ in range(steps):
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


def test_thinned_when_memory_is_short_and_still_exact() -> None:
    timeline, frames = run(3000, StateMemory(1))
    assert LEAST // 2 < timeline.count <= LEAST
    for step in (0, 1, 777, 2001, 2999):
        assert same(timeline.frame_at(step), frames[step])


def test_one_at_rest_is_thinned_before_another_and_still_exact() -> None:
    memory = StateMemory()
    timeline, frames = run(1000, memory)
    timeline.rest()
    memory.bound = memory.nbytes
    other, _ = run(1500, memory)
    assert 1 < timeline.count <= AT_REST < other.count
    assert memory.nbytes <= memory.bound
    for step in (0, 1, 777, 999):
        assert same(timeline.frame_at(step), frames[step])


def test_a_state_that_is_known_already_changes_nothing() -> None:
    timeline, _ = run(400)
    states, due = list(timeline._states), timeline.next_step
    timeline.keep(states[2])
    assert timeline._states == states and timeline.next_step == due


def test_a_trainer_is_brought_to_any_step() -> None:
    timeline, frames = run(200)
    trainer = build.trainer(examples.load("spirals"))
    for step in (150, 3, 199):
        timeline.bring(trainer, step)
        assert trainer.step_count == step and np.array_equal(trainer.network.theta, frames[step].theta)
